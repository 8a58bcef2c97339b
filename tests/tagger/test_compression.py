"""A tagger with vectors and clusters, made smaller, which tags nearly as the full one does."""

import dataclasses
from pathlib import Path

import numpy as np
import onnx
import pytest

from ner.features.encoding import Encoder
from ner.features.trimmed import ClusterTable, VectorTable
from ner.features.vocabulary import Vocabulary
from ner.tagger.compression import ReleaseError, ReleaseParams, _trimmed, shrink
from ner.tagger.model_card import file_sizes
from ner.tagger.tagger import Tagger

TEXT = "Kofi Annan visited Berlin on Friday. The U.N. said so in Paris."
ENCODER = Encoder(
    Vocabulary(("<padding>", "<unknown>", "oslo", "rome"), ("lowercase",)),
    True,
    vectors=VectorTable(
        ("in", "at", "rome", "oslo"), np.arange(8, dtype=np.int8).reshape(4, 2), np.ones(4, np.float32), ("lowercase",)
    ),
    clusters=ClusterTable(("in", "at", "rome", "oslo"), ("0", "0", "11", "10"), (1, 2), ("lowercase",)),
)


def test_int8_is_a_third_of_the_size_and_says_the_same(tagger_directory: Path, tmp_path: Path) -> None:
    shrink(tagger_directory, tmp_path, ReleaseParams(corpus="demo-news", weights="int8", vectors=0, clusters=0))
    large, small = Tagger.load(tagger_directory), Tagger.load(tmp_path)
    assert [one.tags for one in small.tag_text(TEXT)] == [one.tags for one in large.tag_text(TEXT)]
    assert small.settings.weights == "int8"
    sizes = [
        sum(size for name, size in file_sizes(path).items() if name.endswith(".onnx"))
        for path in (tmp_path, tagger_directory)
    ]
    assert sizes[0] < 0.45 * sizes[1]


def test_no_processor_cuts_off_a_sum(tagger_directory: Path, tmp_path: Path) -> None:
    shrink(tagger_directory, tmp_path, ReleaseParams(corpus="demo-news", weights="int8", vectors=0, clusters=0))
    graph = onnx.load(tmp_path / "sentences.onnx").graph
    (product,) = (node for node in graph.node if node.op_type == "MatMulInteger")
    (factors,) = (onnx.numpy_helper.to_array(one) for one in graph.initializer if one.name == product.input[1])
    # beside numbers of 8 bits without a sign; two products are added in 16 bits with one
    assert 0 < 2 * 255 * np.abs(factors.astype(int)).max() <= 2**15 - 1


def test_the_same_tagger_gives_the_same_bytes(tagger_directory: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        shrink(
            tagger_directory, tmp_path / name, ReleaseParams(corpus="demo-news", weights="int8", vectors=0, clusters=0)
        )
    for file in file_sizes(tmp_path / "one"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_float32_keeps_the_network(tagger_directory: Path, tmp_path: Path) -> None:
    shrink(tagger_directory, tmp_path, ReleaseParams(corpus="demo-news", weights="float32", vectors=0, clusters=0))
    for name in ("tokens.onnx", "sentences.onnx"):
        assert (tmp_path / name).read_bytes() == (tagger_directory / name).read_bytes()


def test_frequent_words_stay_and_those_of_the_vocabulary() -> None:
    smaller = _trimmed(ENCODER, ReleaseParams(corpus="c", weights="int8", vectors=1, clusters=1), "mine")
    assert smaller.vectors is not None
    assert smaller.clusters is not None
    assert smaller.vectors.words == ("in", "rome", "oslo")
    assert smaller.vectors.table.tolist() == [[0, 1], [4, 5], [6, 7]]
    assert smaller.clusters.words == ("in", "rome", "oslo")
    assert smaller.clusters.ids(["Rome"]).tolist() == ENCODER.clusters.ids(["Rome"]).tolist()  # type: ignore[union-attr]


def test_a_cluster_without_a_word_is_refused() -> None:
    encoder = dataclasses.replace(ENCODER, words=None)
    with pytest.raises(ReleaseError, match=r"^release.mine.clusters: expected enough words .* Received: 1$"):
        _trimmed(encoder, ReleaseParams(corpus="c", weights="int8", vectors=1, clusters=1), "mine")
