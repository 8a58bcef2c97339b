"""An exported tagger -> a smaller one, with fewer words in its embeddings, in eight and four bits."""

import dataclasses
import shutil
from pathlib import Path
from typing import Literal

from pydantic import Field

from ner.core.errors import NerError
from ner.core.params import Name, Params
from ner.features.encoding import Encoder
from ner.features.trimmed import rows_to_keep
from ner.tagger.file_checks import GRAPHS
from ner.tagger.files import load_exported, save_exported

LIMIT = 8_000_000  # bytes of a released tagger, since it lies in git


class ReleaseError(NerError):
    """The tagger can't be made as small as the parameters ask, or is still too large."""


class ReleaseParams(Params):
    """An entry of `release`: what a released tagger keeps of the exported one."""

    corpus: Name = Field(description="the corpus of the run")
    weights: Literal["float32", "int8"] = Field(
        description="float32: as trained; int8: matrices in 8 bits, vectors of words in 4"
    )
    vectors: int = Field(ge=0, le=10_000_000, description="most frequent words of its word vectors that are kept")
    clusters: int = Field(ge=0, le=10_000_000, description="most frequent words of its clusters that are kept")


def shrink(source: Path, directory: Path, params: ReleaseParams) -> None:
    """Write a smaller form of the tagger in `source` into the existing `directory`, without a model card.

    Raises:
        TaggerError: `source` holds no intact tagger.
        ReleaseError: with so few words some cluster would have none.
    """
    from ner.tagger.quantisation import quantise  # imports onnx

    exported = load_exported(source)
    settings = dataclasses.replace(exported.settings, weights=params.weights)
    encoder = _trimmed(exported.encoder, params, settings.name)
    if params.weights == "int8" and encoder.vectors:
        encoder = dataclasses.replace(encoder, vectors=encoder.vectors.in_four_bits())
    for graph in filter(lambda name: (source / name).exists(), GRAPHS):
        if params.weights == "int8":
            quantise(source / graph, directory / graph)
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
        if not smaller.alike(clusters):  # ids are rows of the network's embedding table
            expected = "enough words that every cluster keeps one"
            raise ReleaseError(f"release.{name}.clusters: expected {expected}. Received: {params.clusters}")
        clusters = smaller
    return dataclasses.replace(encoder, vectors=vectors, clusters=clusters)
