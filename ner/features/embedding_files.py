"""Word vectors or word clusters <-> plain files in one directory, without pickle; vectors are memory-mapped.

`words.txt` has one word per line, most frequent first. In the same order `vectors.npy` has the vectors, or
`clusters.txt` the cluster paths, one bit string per line. `embedding.json` has the kind, the normalisation of the words
and the number of dimensions.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ner.core.outputs import write_json
from ner.features.vocabulary import read_items, write_items

WORDS, VECTORS, CLUSTERS, DESCRIPTION = "words.txt", "vectors.npy", "clusters.txt", "embedding.json"


@dataclass(frozen=True, eq=False)
class Vectors:
    """Word vectors, one per word."""

    words: tuple[str, ...]  # N, distinct, most frequent first
    vectors: NDArray[np.float32]  # (N, D)
    normalisation: tuple[str, ...]  # how `words` were normalised

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.words):
            raise ValueError(f"expected {len(self.words)} vectors. Received: shape {self.vectors.shape}")


@dataclass(frozen=True)
class Clusters:
    """Word clusters (Brown): each word's path in the binary cluster tree; similar words share a longer prefix."""

    words: tuple[str, ...]  # N, distinct, most frequent first
    paths: tuple[str, ...]  # N strings of 0 and 1
    normalisation: tuple[str, ...]  # how `words` were normalised

    def __post_init__(self) -> None:
        if len(self.paths) != len(self.words):
            raise ValueError(f"expected {len(self.words)} paths. Received: {len(self.paths)}")


def write_embedding(directory: Path, embedding: Vectors | Clusters) -> None:
    """Write an embedding's files into `directory`, which is created if it does not exist."""
    directory.mkdir(parents=True, exist_ok=True)
    if isinstance(embedding, Vectors):
        np.save(directory / VECTORS, embedding.vectors.astype(np.float32, copy=False), allow_pickle=False)
        write_words(directory, embedding.words, embedding.normalisation, dimensions=embedding.vectors.shape[1])
    else:
        write_items(directory / CLUSTERS, embedding.paths)
        write_words(directory, embedding.words, embedding.normalisation, dimensions=None)


def write_words(
    directory: Path, words: Iterable[str], normalisation: tuple[str, ...], *, dimensions: int | None
) -> None:
    """Write words.txt and embedding.json only, for callers that stream vectors.npy or clusters.txt themselves.

    Args:
        directory: where to write.
        words: in the order of the vectors or paths.
        normalisation: how `words` were normalised.
        dimensions: number of dimensions of the vectors; None for clusters.
    """
    kind = "clusters" if dimensions is None else "vectors"
    description = {"kind": kind, "normalisation": list(normalisation), "dimensions": dimensions}
    write_items(directory / WORDS, words)
    write_json(directory / DESCRIPTION, description)


def write_encoder_kind(directory: Path) -> None:
    """Write embedding.json only, which marks a directory as that of a pretrained encoder, read by `ner.encoders`."""
    write_json(directory / DESCRIPTION, {"kind": "encoder"})


def holds_encoder(directory: Path) -> bool:
    """Tell whether the directory holds a pretrained encoder."""
    description = directory / DESCRIPTION
    return description.exists() and json.loads(description.read_bytes())["kind"] == "encoder"


def read_embeddings(directory: Path, names: Iterable[str]) -> list[Vectors | Clusters]:
    """Read the vectors and clusters with these names below `directory`; `none` and encoders are skipped."""
    folders = (directory / name for name in names)
    embeddings = (read_embedding(folder) for folder in folders if not holds_encoder(folder))
    return [embedding for embedding in embeddings if embedding is not None]


def read_embedding(directory: Path) -> Vectors | Clusters | None:
    """Read the embedding that `write_embedding` wrote; vectors are memory-mapped.

    Returns:
        The embedding; None if the directory holds none, as that of `none`.

    Raises:
        FileNotFoundError: there is no such directory.
    """
    if not directory.is_dir():
        raise FileNotFoundError(2, "no such embedding", str(directory))
    if not (directory / DESCRIPTION).exists():
        return None
    description = json.loads((directory / DESCRIPTION).read_bytes())
    words, normalisation = read_items(directory / WORDS), tuple(description["normalisation"])
    if description["kind"] == "clusters":
        return Clusters(words, read_items(directory / CLUSTERS), normalisation)
    vectors = np.load(directory / VECTORS, mmap_mode="r" if words else None, allow_pickle=False)  # (N, D)
    return Vectors(words, vectors, normalisation)
