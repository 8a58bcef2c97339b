"""An exported tagger -> a smaller one: fewer words of its embeddings, and a network in eight bits.

The network's weights become eight bits each, and LSTM and dense layers compute with eight bits as well (dynamic
quantisation, by ONNX Runtime), on a scale that all of a batch shares: what else is tagged at the same time can move a
confidence by some hundredths, and seldom a tag.
"""

import dataclasses
import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ner.embedding.lookup import find
from ner.embedding.trimmed import ClusterTable, VectorTable
from ner.encoding import Encoder
from ner.exported import SENTENCES, TOKENS, load_exported, save_exported
from ner.params import one_of, within

LIMIT = 8_000_000  # bytes of a released tagger, since it lies in git
WEIGHTS = ("float32", "int8")
_LOOKED_UP = ("Gather",)  # embeddings
_COMPUTED = ("LSTM", "MatMul")


class ReleaseError(ValueError):
    """What is left is still too large."""


@dataclass(frozen=True)
class ReleaseParams:
    """What is left of an exported tagger."""

    corpus: str  # of the run
    weights: str  # float32, or int8: computed with in eight bits
    vectors: int  # most frequent words of its word vectors that are kept, and those of its vocabulary
    clusters: int  # most frequent words of its clusters, and those of its vocabulary

    def __post_init__(self) -> None:
        one_of("weights", self.weights, WEIGHTS)
        within("vectors", self.vectors, 0, 10_000_000)
        within("clusters", self.clusters, 0, 10_000_000)


def shrink(source: Path, directory: Path, params: ReleaseParams) -> None:
    """Writes the smaller tagger into `directory`, which exists. It has no model card yet."""
    exported = load_exported(source)
    settings = dataclasses.replace(exported.settings, weights=params.weights)
    encoder = _trimmed(exported.encoder, params, settings.name)
    for graph in (TOKENS, SENTENCES):
        if params.weights == "int8":
            _quantise(source / graph, directory / graph)
        else:
            shutil.copyfile(source / graph, directory / graph)
    save_exported(directory, dataclasses.replace(exported, settings=settings, encoder=encoder))


def card_note(name: str, params: ReleaseParams, difference: float) -> str:
    """What a card has to say besides, since its scores are those of the tagger before.

    Args:
        name: of the run.
        params: what is left of it.
        difference: of entity F1 on dev, as a fraction, after less before.
    """
    computed = "with eight bits" if params.weights == "int8" else "as before"
    return f"""
## Smaller

This is a smaller form of `taggers/{name}`, whose scores stand above: it has fewer words of the embeddings, and computes
{computed}. On dev, entity F1 changed by {100 * difference:+.2f} points; on the test set this form was not scored.
Load it by `Tagger.load("released/{name}")`.
"""


def _trimmed(encoder: Encoder, params: ReleaseParams, name: str) -> Encoder:
    known = encoder.words.items if encoder.words else ()
    vectors, clusters = encoder.vectors, encoder.clusters
    if vectors:
        kept = _kept(vectors, known, params.vectors)
        words = tuple(vectors.words[row] for row in kept)
        vectors = VectorTable(words, vectors.table[kept], vectors.scales[kept], vectors.normalisation)
    if clusters:
        kept = _kept(clusters, known, params.clusters)
        words, paths = (tuple(items[row] for row in kept) for items in (clusters.words, clusters.paths))
        smaller = ClusterTable(words, paths, clusters.prefixes, clusters.normalisation)
        if not smaller.alike(clusters):  # an id is a row of the network's table
            expected = "enough words that every cluster keeps one"
            raise ReleaseError(f"release.{name}.clusters: expected {expected}. Received: {params.clusters}")
        clusters = smaller
    return dataclasses.replace(encoder, vectors=vectors, clusters=clusters)


def _kept(table: VectorTable | ClusterTable, known: Sequence[str], limit: int) -> list[int]:
    """Rows of the most frequent words, and of `known` ones, in order."""
    index = {word: row for row, word in enumerate(table.words)}
    found = (find(word, index, table.normalisation) for word in known)
    return sorted({row for row in found if row is not None} | set(range(min(limit, len(table.words)))))


def _quantise(source: Path, target: Path) -> None:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # as in ner.tagger
    from onnxruntime.quantization import QuantType, quantize_dynamic  # imports much of onnx

    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)  # it recommends a step that changes nothing here
    try:
        quantize_dynamic(source, target, weight_type=QuantType.QInt8, op_types_to_quantize=[*_LOOKED_UP, *_COMPUTED])
    finally:
        logger.setLevel(level)
