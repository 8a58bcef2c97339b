"""An exported tagger -> a smaller one: fewer words of its embeddings, and a network in eight bits.

The network's weights become a byte each, and LSTM and dense layers compute with eight bits as well (dynamic
quantisation, by ONNX Runtime), on a scale that all of a batch shares: what else is tagged at the same time can move a
confidence by some hundredths, and seldom a tag.

Of the byte of a weight seven bits are used, on a scale of each output's own. Processors without VNNI add two products
at a time in 16 bits, and 2 * 255 * 127 is cut off there: eight bits would be other answers on other processors.
"""

import dataclasses
import logging
import os
import shutil
from pathlib import Path
from typing import Literal

from pydantic import Field

from ner.core.errors import NerError
from ner.core.params import Name, Params
from ner.features.encoding import Encoder
from ner.features.trimmed import rows_to_keep
from ner.tagger.files import GRAPHS, load_exported, save_exported

LIMIT = 8_000_000  # bytes of a released tagger, since it lies in git
_LOOKED_UP = ("Gather",)  # embeddings
_COMPUTED = ("LSTM", "MatMul")


class ReleaseError(NerError):
    """What is left is still too large."""


class ReleaseParams(Params):
    """What is left of an exported tagger."""

    corpus: Name = Field(description="of the run")
    weights: Literal["float32", "int8"] = Field(description="int8: computed with in eight bits")
    vectors: int = Field(ge=0, le=10_000_000, description="most frequent words of its word vectors that are kept")
    clusters: int = Field(ge=0, le=10_000_000, description="most frequent words of its clusters that are kept")


def shrink(source: Path, directory: Path, params: ReleaseParams) -> None:
    """Writes the smaller tagger into `directory`, which exists. It has no model card yet."""
    exported = load_exported(source)
    settings = dataclasses.replace(exported.settings, weights=params.weights)
    encoder = _trimmed(exported.encoder, params, settings.name)
    for graph in filter(lambda name: (source / name).exists(), GRAPHS):
        if params.weights == "int8":
            _quantise(source / graph, directory / graph)
        else:
            shutil.copyfile(source / graph, directory / graph)
    save_exported(directory, dataclasses.replace(exported, settings=settings, encoder=encoder))


def _trimmed(encoder: Encoder, params: ReleaseParams, name: str) -> Encoder:
    known = encoder.words.items if encoder.words else ()
    vectors, clusters = encoder.vectors, encoder.clusters
    if vectors:
        vectors = vectors.keep(rows_to_keep(vectors, known, params.vectors))
    if clusters:
        smaller = clusters.keep(rows_to_keep(clusters, known, params.clusters))
        if not smaller.alike(clusters):  # an id is a row of the network's table
            expected = "enough words that every cluster keeps one"
            raise ReleaseError(f"release.{name}.clusters: expected {expected}. Received: {params.clusters}")
        clusters = smaller
    return dataclasses.replace(encoder, vectors=vectors, clusters=clusters)


def _quantise(source: Path, target: Path) -> None:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # as in ner.tagger.tagger
    from onnxruntime.quantization import QuantType, quantize_dynamic  # imports much of onnx

    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)  # it recommends a step that changes nothing here
    try:
        quantize_dynamic(
            source,
            target,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=[*_LOOKED_UP, *_COMPUTED],
            per_channel=True,
            reduce_range=True,
        )
    finally:
        logger.setLevel(level)
