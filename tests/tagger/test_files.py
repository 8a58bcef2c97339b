"""An exported tagger on disk: it comes back as it was, and what is damaged, or of another kind, is told in one line."""

import contextlib
import dataclasses
import gc
import json
import pickle
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from ner.core.decoding import Chain
from ner.features.encoding import Encoder
from ner.features.trimmed import ClusterTable, VectorTable
from ner.features.vocabulary import Vocabulary
from ner.tagger.files import SENTENCES, TOKENS, Exported, Settings, TaggerError, load_exported, save_exported
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
    """A graph, of which the output is `y`."""
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
    """A tagger that reads everything, small enough to be damaged everywhere."""
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
    """As stages/export.py does: the graphs first."""
    directory.mkdir()
    (directory / TOKENS).write_bytes(graphs.get("tokens", TOKENS_GRAPH))
    (directory / SENTENCES).write_bytes(graphs.get("sentences", SENTENCES_GRAPH))
    save_exported(directory, exported)
    (directory / "README.md").write_text("# toy\n", encoding="utf-8")


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "toy"))


def content(directory: Path) -> dict[str, bytes]:
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


def refusal(directory: Path) -> str:
    """What is said of a damaged tagger, in one line."""
    with pytest.raises(TaggerError) as error:
        Tagger.load(directory)
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith(f"{directory}: expected an exported tagger, as `dvc repro export@<run>` or `dvc pull`")
    assert message.partition("Received: ")[2]
    assert error.value.__cause__ is None
    return message


def unlist(directory: Path) -> None:
    """Takes the SHA-256 away, so that what is wrong has to be seen by itself."""
    rewrite(directory / "tagger.json", lambda content: {**content, "files": {}})


def rewrite(path: Path, change: Callable[[Any], Any]) -> None:
    path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")


def test_what_is_saved_comes_back(saved: Path, exported: Exported) -> None:
    loaded = load_exported(saved)
    assert (loaded.settings, loaded.tags) == (exported.settings, exported.tags)
    for name in ("start", "transitions", "end"):
        np.testing.assert_array_equal(getattr(loaded.chain, name), getattr(exported.chain, name))
    for name in ("words", "casings", "characters", "longest", "clusters"):
        assert getattr(loaded.encoder, name) == getattr(exported.encoder, name)
    vectors, expected = loaded.encoder.vectors, exported.encoder.vectors
    assert vectors is not None
    assert expected is not None
    assert (vectors.words, vectors.normalisation) == (expected.words, expected.normalisation)
    np.testing.assert_array_equal(vectors.table, expected.table)
    np.testing.assert_array_equal(vectors.scales, expected.scales)


def test_what_comes_back_is_saved_alike(saved: Path, tmp_path: Path) -> None:
    save(tmp_path / "again", load_exported(saved))
    assert content(tmp_path / "again") == content(saved)


def test_an_exported_tagger_is_plain_files(saved: Path) -> None:
    files = content(saved)
    assert sorted(files) == sorted([*FILES, "README.md"])
    for name in ARRAYS:
        np.load(saved / name, allow_pickle=False)
    assert json.loads(files["chain.json"])["start"] == [0.5, None, 0.0]
    assert sorted(json.loads(files["tagger.json"])["files"]) == [name for name in FILES if name != "tagger.json"]


def test_parts_that_are_not_read_are_not_written(exported: Exported, tmp_path: Path) -> None:
    save_exported(tmp_path, dataclasses.replace(exported, encoder=Encoder(None, False)))
    assert sorted(content(tmp_path)) == ["chain.json", "tagger.json", "tags.txt"]
    assert load_exported(tmp_path).encoder == Encoder(None, True, None, 5)


def test_the_toy_tags(saved: Path) -> None:
    tagged = Tagger.load(saved).tag([("Rome", "in", "Oslo"), ("x" * 99, "")], probabilities=True)
    for one in tagged:
        assert one.probabilities is not None
        np.testing.assert_allclose(one.probabilities.sum(axis=1), 1)


@pytest.mark.parametrize(
    "damage", ["missing", "empty", "half", "all but the end", "more", "noise", "a bit", "directory"]
)
@pytest.mark.parametrize("name", FILES)
def test_load_says_that_a_file_is_damaged(copy: Path, name: str, damage: str) -> None:
    path = copy / name
    data = path.read_bytes()
    path.unlink()
    middle = len(data) // 2
    damaged = {
        "empty": b"",
        "half": data[:middle],
        "all but the end": data.rstrip()[:-1],
        "more": data + b"\x00",
        "noise": b"\xff\x00\xfe" * 50,
        "a bit": data[:middle] + bytes([data[middle] ^ 0x80]) + data[middle + 1 :],
    }
    if damage == "directory":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes(damaged[damage])
    message = refusal(copy)
    if name != "tagger.json":
        assert f" {name} is " in message


@pytest.mark.parametrize("name", FILES)
def test_load_refuses_another_file_of_the_same_kind(copy: Path, name: str) -> None:
    others = (other for other in FILES if other != name and Path(other).suffix == Path(name).suffix)
    shutil.copyfile(copy / next(others), copy / name)
    refusal(copy)


def test_files_that_are_not_listed_are_not_checked(copy: Path) -> None:
    """A smaller tagger's graphs are made after the rest of it, and anybody may write into the card."""
    (copy / "README.md").write_text("changed", encoding="utf-8")
    (copy / ".DS_Store").write_bytes(b"\x00")
    Tagger.load(copy)
    unlist(copy)
    Tagger.load(copy)


@pytest.mark.parametrize("damage", ["missing", "empty", "half", "noise"])
@pytest.mark.parametrize("name", [name for name in FILES if name not in TEXTS])
def test_most_damage_is_seen_without_a_list_too(copy: Path, name: str, damage: str) -> None:
    unlist(copy)
    path = copy / name
    data = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes({"empty": b"", "half": data[: len(data) // 2], "noise": b"\xff\x00\xfe" * 50}[damage])
    refusal(copy)


@pytest.mark.parametrize("name", ["words.txt", "characters.txt", "vectors", "clusters"])
def test_load_says_what_the_network_reads_if_a_part_is_missing(copy: Path, name: str) -> None:
    unlist(copy)
    shutil.rmtree(copy / name) if (copy / name).is_dir() else (copy / name).unlink()
    message = refusal(copy)
    assert f"{TOKENS} reads words, casings, characters, vectors, clusters; there is " in message


@pytest.mark.parametrize(
    ("changes", "received"),
    [
        ({"format": 2}, "expected format 1, got 2"),
        ({"format": None}, "expected format 1, got None"),
        ({"format": True}, "format can't be True"),
        ({"code": "import os"}, "expected the keys casings, corpus, format, language"),
        ({"rule": "lines"}, "expected a rule of words, punctuation, got 'lines'"),
        ({"rule": ["words"]}, "rule can't be ['words']"),
        ({"normalisation": "lowercase"}, "normalisation can't be 'lowercase'"),
        ({"normalisation": ["stem"]}, "expected normalisation by lowercase, digits, arabic, got 'stem'"),
        ({"normalisation": [["digits"]]}, "unhashable"),
        ({"longest": "5"}, "longest can't be '5'"),
        ({"longest": 6}, ""),
        ({"longest": -6}, ""),
        ({"casings": 1}, "casings can't be 1"),
        ({"casings": False}, "tokens.onnx reads words, casings"),
        ({"name": None}, "name can't be None"),
        ({"language": 5}, "language can't be 5"),
        ({"scores": []}, "scores can't be []"),
        ({"scores": {"f1": float("nan")}}, "NaN is no number"),
        ({"files": []}, ""),
        ({"files": {"words.txt": 5}}, "words.txt is damaged"),
        ({"files": {"../toy/words.txt": ""}}, "../toy/words.txt is missing"),
        ({"files": {"/dev/zero": ""}}, "/dev/zero is missing"),
    ],
    ids=str,
)
def test_load_refuses_other_settings(copy: Path, changes: dict[str, Any], received: str) -> None:
    rewrite(copy / "tagger.json", lambda content: content | changes)
    assert received in refusal(copy)


@pytest.mark.parametrize("text", ["[]", "5", '"toy"', "null", "{}", "[" * 100_000, "{"], ids=lambda t: t[:20])
def test_load_refuses_what_are_no_settings(copy: Path, text: str) -> None:
    (copy / "tagger.json").write_text(text, encoding="utf-8")
    assert len(refusal(copy)) < 1_000


@pytest.mark.parametrize("key", [field.name for field in dataclasses.fields(Settings)])
def test_load_refuses_settings_without(copy: Path, key: str) -> None:
    rewrite(copy / "tagger.json", lambda content: {name: value for name, value in content.items() if name != key})
    assert "expected" in refusal(copy)


@pytest.mark.parametrize(
    "chain",
    [
        {"start": [0, 0], "transitions": [[0, 0], [0, 0]], "end": [0, 0]},
        {"start": [0] * 4, "transitions": [[0] * 4] * 4, "end": [0] * 4},
        {"start": [0, 0, 0], "transitions": [0, 0, 0], "end": [0, 0, 0]},
        {"start": [0, 0, 0], "transitions": [[0, 0, 0], [0, 0], [0, 0, 0]], "end": [0, 0, 0]},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3, "end": [0, 0, 0], "middle": [0, 0, 0]},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3, "end": [0, 0, "x"]},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3, "end": {"0": 0}},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3, "end": [0, 0, 1e300]},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3, "end": [0, 0, float("inf")]},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3, "end": [0, 0, float("nan")]},
        {"start": [None] * 3, "transitions": [[0] * 3] * 3, "end": [0, 0, 0]},
        {"start": [0, 0, 0], "transitions": [[None] * 3] * 3, "end": [0, 0, 0]},
        [],
        None,
    ],
    ids=lambda chain: str(chain)[:60],
)
def test_load_refuses_another_chain(copy: Path, chain: Any) -> None:
    unlist(copy)
    (copy / "chain.json").write_text(json.dumps(chain), encoding="utf-8")
    refusal(copy)


def test_null_in_the_chain_is_what_must_not_be(copy: Path) -> None:
    assert np.isneginf(load_exported(copy).chain.start).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("tags", "received"),
    [
        ("B-LOC\nI-LOC\n", "chain.json has the scores of other tags"),
        ("B-LOC\nI-LOC\nO\nB-PER\n", "chain.json has the scores of other tags"),
        ("B-LOC\nI-LOC\nX\n", "expected a tag: O, or a prefix, a hyphen and a label"),
        ("", "chain.json has the scores of other tags"),
    ],
)
def test_load_refuses_other_tags(copy: Path, tags: str, received: str) -> None:
    unlist(copy)
    (copy / "tags.txt").write_text(tags, encoding="utf-8")
    assert received in refusal(copy)


class Trap:
    """Says so if it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("unpickled",))


@pytest.mark.parametrize("name", ARRAYS)
def test_no_pickle_is_loaded(copy: Path, name: str) -> None:
    unlist(copy)
    np.save(copy / name, np.array([Trap(), Trap()], object), allow_pickle=True)
    assert "allow_pickle=False" in refusal(copy)
    (copy / name).write_bytes(pickle.dumps(Trap()))
    refusal(copy)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # numpy leaves what it reads open
@pytest.mark.parametrize("name", ARRAYS)
def test_an_archive_is_no_array(copy: Path, name: str) -> None:
    unlist(copy)
    with (copy / name).open("wb") as file:
        np.savez(file, np.zeros(3))
    refusal(copy)
    with zipfile.ZipFile(copy / name, "w") as archive:
        archive.writestr("table.npy", b"")
    refusal(copy)
    (copy / name).write_bytes(b"PK\x03\x04")
    refusal(copy)
    gc.collect()


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("vectors/table.npy", np.zeros((2, 5), np.int8)),
        ("vectors/table.npy", np.zeros((3, 4), np.int8)),
        ("vectors/table.npy", np.zeros((2, 4), np.complex64)),
        ("vectors/table.npy", np.zeros((2, 4), "U3")),
        ("vectors/scales.npy", np.zeros(3, np.float32)),
        ("clusters/path_of_word.npy", np.array([0, 1, 2], np.uint8)),
        ("clusters/path_of_word.npy", np.array([0, 1, -1], np.int8)),
        ("clusters/path_of_word.npy", np.array([0, 1], np.uint8)),
        ("clusters/path_of_word.npy", np.zeros((3, 1), np.uint8)),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.dtype}{value.shape}",
)
def test_load_refuses_arrays_that_do_not_fit(copy: Path, name: str, array: Any) -> None:
    unlist(copy)
    np.save(copy / name, array)
    refusal(copy)


def outside(location: str) -> TensorProto:
    """The kernel, in another file."""
    tensor = TensorProto(name="kernel", data_type=TensorProto.FLOAT, dims=[16, 3])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, "length": str(16 * 3 * 4)}.items():
        tensor.external_data.add(key=key, value=value)
    return tensor


@pytest.mark.parametrize("location", ["../secret", "clusters/../../secret", "/secret", "link"])
def test_no_graph_reads_outside_of_its_directory(exported: Exported, tmp_path: Path, location: str) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(np.ones((16, 3), np.float32).tobytes())
    node, reads = helper.make_node("MatMul", ["vectors", "kernel"], ["y"]), {"vectors": (1, [None, None, 16])}
    place = str(secret) if location == "/secret" else location
    reading = graph([node], reads, [None, None, 3], [outside(place)])
    save(tmp_path / "toy", exported, sentences=reading)
    (tmp_path / "toy" / "link").symlink_to(secret)
    assert "xternal data" in refusal(tmp_path / "toy")


@pytest.mark.parametrize("domain", ["evil", "ai.onnx.contrib"])
def test_no_graph_has_operators_of_its_own(exported: Exported, tmp_path: Path, domain: str) -> None:
    node = helper.make_node("PyOp", ["vectors"], ["y"], domain=domain)
    save(tmp_path / "toy", exported, sentences=graph([node], {"vectors": (1, [None, None, 16])}, [None, None, 3]))
    refusal(tmp_path / "toy")


def test_load_refuses_graphs_that_do_not_fit(exported: Exported, tmp_path: Path) -> None:
    fewer = graph(
        [helper.make_node("MatMul", ["vectors", "kernel"], ["y"])],
        {"vectors": (1, [None, None, 16])},
        [None, None, 2],
        [constant("kernel", np.zeros((16, 2)))],
    )
    unknown = graph([helper.make_node("Cast", ["x"], ["y"], to=1)], {"x": (6, [1, None, 16])}, [1, None, 16])
    cases = {
        "sentences.onnx has 2 tags, tags.txt 3": {"sentences": fewer},
        "tokens.onnx reads x; there is words": {"tokens": unknown},
        "": {"tokens": SENTENCES_GRAPH, "sentences": TOKENS_GRAPH},
    }
    for number, (received, graphs) in enumerate(cases.items()):
        save(tmp_path / f"{number}", exported, **graphs)
        assert received in refusal(tmp_path / f"{number}")


def test_load_refuses_a_network_of_no_numbers(exported: Exported, tmp_path: Path) -> None:
    broken = graph(
        [helper.make_node("MatMul", ["vectors", "kernel"], ["y"])],
        {"vectors": (1, [None, None, 16])},
        [None, None, 3],
        [constant("kernel", np.full((16, 3), np.nan))],
    )
    save(tmp_path / "toy", exported, sentences=broken)
    assert "no numbers in the network" in refusal(tmp_path / "toy")


def test_load_says_that_there_is_no_tagger(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert "No such file or directory" in refusal(tmp_path / "none")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    refusal(tmp_path / "file")
    refusal(tmp_path)
    assert capfd.readouterr() == ("", "")


def test_a_damaged_graph_is_not_talked_about_elsewhere(copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    unlist(copy)
    (copy / TOKENS).write_bytes(TOKENS_GRAPH[:-20])
    refusal(copy)
    assert capfd.readouterr() == ("", "")


@settings(max_examples=60)
@given(
    st.sampled_from([name for name in FILES if name != "tagger.json"]),
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 7),
)
def test_every_flipped_bit_is_seen(copy: Path, name: str, place: float, bit: int) -> None:
    data = (copy / name).read_bytes()
    damaged = bytearray(data)
    damaged[int(place * len(data))] ^= 1 << bit
    (copy / name).write_bytes(damaged)
    try:
        assert f" {name} is damaged" in refusal(copy)
    finally:
        (copy / name).write_bytes(data)


@settings(max_examples=80)
@given(
    st.sampled_from(FILES),
    st.floats(0, 1, exclude_max=True),
    st.binary(max_size=4),
    st.integers(0, 20),
)
def test_any_damage_is_refused_or_harmless(copy: Path, name: str, place: float, put: bytes, taken: int) -> None:
    """Without a list of SHA-256: it is a TaggerError, or a tagger that can be loaded."""
    original = content(copy)
    unlist(copy)
    data = (copy / name).read_bytes()
    start = int(place * len(data))
    (copy / name).write_bytes(data[:start] + put + data[start + taken :])
    try:
        with contextlib.suppress(TaggerError):
            Tagger.load(copy)
    finally:
        for one, its in original.items():
            (copy / one).write_bytes(its)
