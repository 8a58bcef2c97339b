"""A toy tagger with every kind of feature, saved to disk for tests that damage it, and the error they expect."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from ner.core.checksums import sha256_of
from ner.core.decoding import Chain
from ner.features.encoding import Encoder
from ner.features.trimmed import ClusterTable, VectorTable
from ner.features.vocabulary import Vocabulary
from ner.tagger.files import SENTENCES, TOKENS, Exported, Settings, TaggerError, save_exported
from ner.tagger.tagger import Tagger

TAGS = ("B-LOC", "I-LOC", "O")
TEXTS = ["characters.txt", "clusters/paths.txt", "clusters/words.txt", "tags.txt", "vectors/words.txt", "words.txt"]
ARRAYS = ["clusters/path_of_word.npy", "vectors/scales.npy", "vectors/table.npy"]
OTHERS = ["chain.json", "clusters/settings.json", "tagger.json", "vectors/settings.json", TOKENS, SENTENCES]
FILES = sorted([*TEXTS, *ARRAYS, *OTHERS])
DRAW = np.random.default_rng(6)


def graph(
    nodes: Sequence[onnx.NodeProto],
    inputs: dict[str, tuple[int, list[int | None]]],
    output: list[int | None],
    constants: Sequence[TensorProto] = (),
) -> bytes:
    """Make an ONNX graph with the output `y`."""
    values = [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()]
    made = helper.make_graph(nodes, "network", values, [helper.make_tensor_value_info("y", 1, output)], constants)
    domains = {node.domain for node in nodes} | {""}
    opsets = [helper.make_opsetid(domain, 1 if domain else 17) for domain in domains]
    data: bytes = helper.make_model(made, opset_imports=opsets, ir_version=8).SerializeToString()
    return data


def constant(name: str, values: Any) -> TensorProto:
    return onnx.numpy_helper.from_array(np.asarray(values, np.float32), name)


READS = {
    "words": (TensorProto.INT32, [1, None]),
    "casings": (TensorProto.INT32, [1, None]),
    "characters": (TensorProto.INT32, [1, None, 7]),
    "vectors": (TensorProto.FLOAT, [1, None, 4]),
    "clusters": (TensorProto.INT32, [1, None, 2]),
}
NODES = [
    helper.make_node("Gather", ["table", "words"], ["of_words"]),
    helper.make_node("Cast", ["characters"], ["of_characters"], to=1),
    helper.make_node("Cast", ["clusters"], ["of_clusters"], to=1),
    helper.make_node("Cast", ["casings"], ["numbers"], to=1),
    helper.make_node("Unsqueeze", ["numbers", "last"], ["of_casings"]),
    helper.make_node("Concat", ["of_words", "of_casings", "of_characters", "vectors", "of_clusters"], ["y"], axis=2),
]
CONSTANTS = [
    constant("table", DRAW.normal(size=(5, 2))),
    helper.make_tensor("last", TensorProto.INT64, [1], [2]),
]
TOKENS_GRAPH = graph(NODES, READS, [1, None, 16], CONSTANTS)
SENTENCES_GRAPH = graph(
    [helper.make_node("MatMul", ["vectors", "kernel"], ["y"])],
    {"vectors": (TensorProto.FLOAT, [None, None, 16])},
    [None, None, 3],
    [constant("kernel", DRAW.normal(size=(16, 3)))],
)


@pytest.fixture(scope="module")
def exported() -> Exported:
    """A toy tagger with every kind of feature."""
    words = Vocabulary(("<padding>", "<unknown>", "rome", "oslo", "\U0001f642"), ("lowercase",))
    characters = Vocabulary(("<padding>", "<unknown>", "a", "\u2028", " "), ())
    table = np.array([[1, -2, 3, 127], [0, 0, 0, -127]], np.int8)
    vectors = VectorTable(("rome", "saw\u0085"), table, np.array([0.5, 0.25], np.float32), ("digits",))
    clusters = ClusterTable(("Rome", "Oslo", "in"), ("0101", "0111", "0101"), (2, 4), ())
    never = -np.inf
    start, moves, end = [0.5, never, 0], [[0, 1, 2], [0.1, 0, -3], [0, never, 1e-30]], [0, 0, 0]
    chain = Chain(*(np.array(scores, np.float32) for scores in (start, moves, end)))
    settings = Settings(
        name="toy",
        corpus="toy",
        language="en",
        rule="words",
        normalisation=("lowercase",),
        casings=True,
        longest=5,
        weights="float32",
        scores={"entity_f1": 0.5},
    )
    return Exported(settings, Encoder(words, True, characters, 5, vectors, clusters), TAGS, chain)


@pytest.fixture(scope="module")
def saved(exported: Exported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("exported") / "toy"
    save(directory, exported)
    return directory


def save(directory: Path, exported: Exported, **graphs: bytes) -> None:
    """Save a tagger as stages/export.py does: the graphs first."""
    directory.mkdir()
    (directory / TOKENS).write_bytes(graphs.get("tokens", TOKENS_GRAPH))
    (directory / SENTENCES).write_bytes(graphs.get("sentences", SENTENCES_GRAPH))
    save_exported(directory, exported)
    (directory / "README.md").write_text("# toy\n", encoding="utf-8")


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "toy"))


def refusal(directory: Path) -> str:
    """Load a damaged tagger, check that the error is one line, and return its message."""
    with pytest.raises(TaggerError) as error:
        Tagger.load(directory)
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith(f"{directory}: expected an exported tagger, as `dvc repro export@<run>` or `dvc pull`")
    assert message.partition("Received: ")[2]
    assert error.value.__cause__ is None
    return message


def relisted(directory: Path) -> Path:
    """Write the checksums of the files as they are now, as a stranger can, so that other checks must find damage."""
    names = [name for name in (*FILES, "encoder.json") if name != "tagger.json" and (directory / name).is_file()]
    sums = {name: sha256_of(directory / name) for name in names}
    rewrite(directory / "tagger.json", lambda content: {**content, "files": sums})
    return directory


def rewrite(path: Path, change: Callable[[Any], Any]) -> None:
    path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
