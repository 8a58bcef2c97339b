"""Every kind of network can be exported, gives the same results, and has the same bytes each time."""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import keras
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from ner.core.sentence import Sentence
from ner.features.embedding_files import Clusters, Vectors
from ner.model.architectures import build_network
from ner.model.checkpoint import Checkpoint, load_checkpoint, make_encoder, save_checkpoint
from ner.model.crf import chain_of
from ner.model.parameters import Architecture, CharacterParams, ClusterParams, RunParams, VectorParams
from ner.tagger import quantisation
from ner.tagger.compression import ReleaseParams, shrink
from ner.tagger.files import SENTENCES, TOKENS, Exported, Settings, save_exported
from ner.tagger.onnx_export import OPSET, TOLERANCE, ExportError, check_export, export_network
from ner.tagger.tagger import Tagger

TAGS = ("B-LOC", "B-PER", "I-LOC", "I-PER", "O")
FROZEN, TUNED = (VectorParams(words=6, tuned=tuned) for tuned in (False, True))
CLUSTERS = ClusterParams(words=5, prefixes=(2, 4), dimensions=3)
NO_WORDS: dict[str, Any] = {"word_dimensions": 0, "casing_dimensions": 0}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "words": ("bilstm", {"casing_dimensions": 0}),
    "words and casings": ("bilstm-lstm", {}),
    "characters by lstm, frozen vectors and clusters": (
        "bilstm-crf",
        {"characters": "lstm", "vectors": FROZEN, "clusters": CLUSTERS},
    ),
    "characters by cnn, tuned vectors": ("bilstm-crf", {"characters": "cnn", "vectors": TUNED, "lstm_layers": 2}),
    "frozen vectors alone": ("lstm", NO_WORDS | {"vectors": FROZEN}),
}
Make = Callable[[str, dict[str, Any]], Checkpoint]


@pytest.fixture(scope="module")
def make(
    run: RunParams,
    character_params: CharacterParams,
    vectors: Vectors,
    clusters: Clusters,
    sentences: Sequence[Sentence],
) -> Make:
    """A function that makes a checkpoint with random weights, large enough that predicted tags differ."""

    def build(architecture: str, reading: dict[str, Any]) -> Checkpoint:
        keras.utils.set_random_seed(3)
        characters = reading.get("characters")
        changes = {**reading, "characters": character_params.replace(network=characters) if characters else None}
        model = run.model.replace(architecture=architecture, **changes)
        encoder = make_encoder(sentences, model, [vectors, clusters])
        network = build_network(model, encoder, TAGS)
        kernel, bias = network.get_layer("logits").get_weights()
        network.get_layer("logits").set_weights([30 * kernel, bias])
        return Checkpoint(network, encoder, TAGS, model)

    return build


def export(checkpoint: Checkpoint, directory: Path) -> Path:
    """Export a checkpoint as stages/export.py does."""
    export_network(checkpoint, directory)
    encoder = checkpoint.encoder
    settings = Settings(
        name="toy",
        corpus="toy",
        language="en",
        rule="words",
        normalisation=checkpoint.params.normalisation,
        casings=encoder.casings,
        longest=encoder.longest,
        weights="float32",
        scores={},
    )
    save_exported(
        directory, Exported(settings, encoder, checkpoint.tags, chain_of(checkpoint.network, len(checkpoint.tags)))
    )
    return directory


@pytest.fixture(scope="module")
def asked() -> list[Sentence]:
    """The sentences have unknown words, words that are too long, and two lengths, so that Keras traces twice."""
    texts = (
        "Rome",
        "x",
        "Ada Byron saw Oslo",
        "Rome Rome never slept",
        "Ada-Lovelace-Byron-of-London IBM 1996 a1",
        "é 漢字 \U0001f642 ،",
    )
    return [Sentence(tuple(text.split()), ("O",) * len(text.split())) for text in texts]


@pytest.fixture(scope="module")
def smallest(make: Make, tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkpoint, Tagger]:
    checkpoint = make("bilstm-crf", {})
    return checkpoint, Tagger.load(export(checkpoint, tmp_path_factory.mktemp("smallest")))


def test_every_architecture_is_exported_here() -> None:
    assert {architecture for architecture, _ in CASES.values()} == set(get_args(Architecture)) - {
        "crf"
    }  # for pretrained encoders


@pytest.mark.parametrize(("architecture", "reading"), CASES.values(), ids=CASES)
def test_every_network_says_the_same_after_its_export(
    make: Make, asked: list[Sentence], tmp_path: Path, architecture: str, reading: dict[str, Any]
) -> None:
    checkpoint = make(architecture, reading)
    tagger = Tagger.load(export(checkpoint, tmp_path))
    assert check_export(checkpoint, tagger, asked, tags_of(tagger, asked)) <= TOLERANCE
    assert len({tag for tagged in tagger.tag(one.tokens for one in asked) for tag in tagged.tags}) > 1
    kinds = {value.name: value.type.tensor_type.elem_type for value in onnx.load(tmp_path / TOKENS).graph.input}
    assert kinds.keys() == checkpoint.encoder.features(["Rome"]).keys()
    as_numbers = (
        {"vectors"} if reading.get("vectors") == FROZEN else set()
    )  # frozen vectors are an input, not a part of the graph
    assert {name for name, kind in kinds.items() if kind == onnx.TensorProto.FLOAT} == as_numbers
    for name in (TOKENS, SENTENCES):
        graph = onnx.load(tmp_path / name)
        onnx.checker.check_model(graph, full_check=True)
        assert [(one.domain, one.version) for one in graph.opset_import if not one.domain] == [("", OPSET)]


@pytest.mark.parametrize("large", [quantisation.LARGE, 2])  # rows; with 2, all embeddings have four bits
@pytest.mark.parametrize(("architecture", "reading"), CASES.values(), ids=CASES)
def test_in_few_bits_every_network_says_the_same_in_any_company(
    make: Make,
    asked: list[Sentence],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    architecture: str,
    reading: dict[str, Any],
    large: int,
) -> None:
    monkeypatch.setattr(quantisation, "LARGE", large)
    for name in ("large", "small"):
        (tmp_path / name).mkdir()
    export(make(architecture, reading), tmp_path / "large")
    shrink(tmp_path / "large", tmp_path / "small", ReleaseParams(corpus="toy", weights="int8", vectors=9, clusters=9))
    for name in (TOKENS, SENTENCES):
        onnx.checker.check_model(onnx.load(tmp_path / "small" / name), full_check=True)
    exported, small = (Tagger.load(tmp_path / name) for name in ("large", "small"))
    texts = [one.tokens for one in asked] * 7
    before, after = (np.concatenate(list(tagger.logits_of(texts))) for tagger in (exported, small))
    assert 0 < np.abs(before - after).max() < 0.2 * np.abs(before).max()
    together = [*small.tag(texts, probabilities=True)]
    apart = [next(small.tag([tokens], probabilities=True)) for tokens in texts]
    for one, other in zip(together, apart, strict=True):
        assert (one.tags, one.entities) == (other.tags, other.entities)
        assert one.probabilities is not None
        assert other.probabilities is not None
        assert one.probabilities.tobytes() == other.probabilities.tobytes()


EXPORT = """
import sys
from pathlib import Path
from ner.model.checkpoint import load_checkpoint
from ner.tagger.onnx_export import export_network
export_network(load_checkpoint(Path(sys.argv[1])), Path(sys.argv[2]))
"""


def test_two_processes_export_the_same_bytes(make: Make, tmp_path: Path) -> None:
    for name in ("keras", "0", "1"):
        (tmp_path / name).mkdir()
    save_checkpoint(tmp_path / "keras", make("lstm", {"casing_dimensions": 0}))
    command = [sys.executable, "-c", EXPORT, str(tmp_path / "keras"), str(tmp_path / "0")]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    export_network(load_checkpoint(tmp_path / "keras"), tmp_path / "1")
    for name in (TOKENS, SENTENCES):
        digests = {hashlib.sha256((tmp_path / one / name).read_bytes()).hexdigest() for one in ("0", "1")}
        assert len(digests) == 1, name


class Otherwise(Tagger):
    """A tagger whose logits for sentences of one token are shifted."""

    def __init__(self, tagger: Tagger, added: float) -> None:
        self.__dict__.update(tagger.__dict__)
        self.added = added

    def logits_of(self, sentences: Iterable[Sequence[str]]) -> Iterator[NDArray[np.float32]]:
        for logits in super().logits_of(sentences):
            yield logits + np.float32(self.added if len(logits) == 1 else 0)


def tags_of(tagger: Tagger, sentences: Sequence[Sentence]) -> list[tuple[str, ...]]:
    return [tagged.tags for tagged in tagger.tag(one.tokens for one in sentences)]


def test_check_export_refuses_other_logits_and_other_tags(
    smallest: tuple[Checkpoint, Tagger], asked: list[Sentence]
) -> None:
    checkpoint, tagger = smallest
    tags = tags_of(tagger, asked)
    assert 1e-5 < check_export(checkpoint, Otherwise(tagger, 5e-5), asked, tags) <= TOLERANCE
    for wrong in (3e-4, -3e-4, np.nan, np.inf):
        with pytest.raises(ExportError, match=r"expected logits within 0\.0001 of Keras'. Received: a difference of"):
            check_export(checkpoint, Otherwise(tagger, wrong), asked, tags)
    wrong_tags = [("I-PER",) if len(one) == 1 else one for one in tags]
    with pytest.raises(ExportError, match=r"the same tags\. Received: 'Rome': .* and I-PER$"):
        check_export(checkpoint, tagger, asked, wrong_tags)


def test_check_export_refuses_another_checkpoint(
    make: Make, smallest: tuple[Checkpoint, Tagger], asked: list[Sentence]
) -> None:
    with pytest.raises(ExportError):
        check_export(make("lstm", {}), smallest[1], asked, tags_of(smallest[1], asked))


def test_check_export_of_nothing_finds_no_difference(smallest: tuple[Checkpoint, Tagger]) -> None:
    assert check_export(*smallest, [], []) == 0


def test_chain_of_a_network_without_crf_allows_everything(make: Make) -> None:
    plain, crf = make("bilstm", {}), make("bilstm-crf", {})
    chain = chain_of(plain.network, len(plain.tags))
    assert not np.concatenate([chain.start, chain.transitions.ravel(), chain.end]).any()
    assert np.isneginf(chain_of(crf.network, len(crf.tags)).transitions).any()
