"""An embedding -> its trimmed and quantised part that one tagger carries, and the look-up of tokens in it.

A tagger is trained and scored with the trimmed form, so its scores are those of the tagger that is deployed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ner.core.outputs import write_json
from ner.features.embedding_files import Clusters, Vectors
from ner.features.lookup import find
from ner.features.nibbles import fits, pack, rounded, unpack
from ner.features.vocabulary import read_items, write_items

ABSENT = 0  # the id of a token that has no vector, or no cluster


@dataclass(frozen=True, eq=False)
class VectorTable:
    """Word vectors quantised to int8: the vector of word i is `table[i] * scales[i]`; their mean norm is about 1."""

    words: tuple[str, ...]  # N
    table: NDArray[np.int8]  # (N, D)
    scales: NDArray[np.float32]  # (N,)
    normalisation: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.table.ndim != 2 or not len(self.words) == len(self.table) == len(self.scales):
            shapes = f"{self.table.shape} and {self.scales.shape}"
            raise ValueError(f"expected {len(self.words)} vectors and their scales. Received: shapes {shapes}")

    def ids(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        """Look up each token: 1 + the row of its word, or ABSENT, `(T,)`."""
        return _ids(tokens, self._index, self.normalisation)

    def keep(self, rows: Sequence[int]) -> "VectorTable":
        """Build a table of only these rows."""
        words = tuple(self.words[row] for row in rows)
        return VectorTable(words, self.table[rows], self.scales[rows], self.normalisation)

    def in_four_bits(self) -> "VectorTable":
        """Build a table that is half as large when it is saved, and less precise."""
        table, scales = rounded(self.table * self.scales[:, None])
        return VectorTable(self.words, table, scales, self.normalisation)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}


@dataclass(frozen=True)
class ClusterTable:
    """Word clusters: the path of each word. The path's prefixes of several lengths are separate features of a word."""

    words: tuple[str, ...]  # N
    paths: tuple[str, ...]  # N
    prefixes: tuple[int, ...]  # P lengths in bits; of a shorter path the whole is the prefix
    normalisation: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.paths) != len(self.words):
            raise ValueError(f"expected {len(self.words)} paths. Received: {len(self.paths)}")

    def ids(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        """Look up each token: the ids of the P prefixes of its path, or ABSENT, `(T, P)`; prefixes share no ids."""
        return self._rows[_ids(tokens, self._index, self.normalisation)]

    def __len__(self) -> int:
        """Return the number of ids of path prefixes, ABSENT included."""
        return len(self._prefix_ids) + 1

    def keep(self, rows: Sequence[int]) -> "ClusterTable":
        """Build a table of only these rows; prefixes may get other ids, which `alike` tells."""
        words, paths = (tuple(items[row] for row in rows) for items in (self.words, self.paths))
        return ClusterTable(words, paths, self.prefixes, self.normalisation)

    def alike(self, other: "ClusterTable") -> bool:
        """Tell whether both tables give each prefix the same id."""
        return self._prefix_ids == other._prefix_ids

    @cached_property
    def _index(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}

    @cached_property
    def _prefix_ids(self) -> dict[tuple[int, str], int]:
        paths = sorted(set(self.paths))
        found = dict.fromkeys((bits, path[:bits]) for bits in self.prefixes for path in paths)
        return {prefix: number for number, prefix in enumerate(found, start=ABSENT + 1)}

    @cached_property
    def _rows(self) -> NDArray[np.int32]:
        by_path = {path: [self._prefix_ids[bits, path[:bits]] for bits in self.prefixes] for path in set(self.paths)}
        return np.array([[ABSENT] * len(self.prefixes), *(by_path[path] for path in self.paths)], np.int32)


def trim_vectors(vectors: Vectors, tokens: Iterable[str], limit: int) -> VectorTable:
    """Keep the vectors of the `limit` most frequent words and of all words that `tokens` find, scaled and quantised."""
    kept = rows_to_keep(vectors, tokens, limit)
    chosen = np.asarray(vectors.vectors[kept], np.float32)
    norms = np.linalg.norm(chosen, axis=1)  # (N,)
    chosen = chosen / (norms.mean() if len(kept) and norms.any() else 1.0)
    largest = np.abs(chosen).max(axis=1, initial=0)  # (N,)
    scales = (np.where(largest > 0, largest, 1) / 127).astype(np.float32)
    table = np.rint(chosen / scales[:, None]).astype(np.int8)  # (N, D)
    return VectorTable(tuple(vectors.words[row] for row in kept), table, scales, vectors.normalisation)


def trim_clusters(clusters: Clusters, tokens: Iterable[str], limit: int, prefixes: tuple[int, ...]) -> ClusterTable:
    """Keep the paths of the `limit` most frequent words and of all words that `tokens` find."""
    kept = rows_to_keep(clusters, tokens, limit)
    return ClusterTable(clusters.words, clusters.paths, prefixes, clusters.normalisation).keep(kept)


def rows_to_keep(
    embedding: Vectors | Clusters | VectorTable | ClusterTable, tokens: Iterable[str], limit: int
) -> list[int]:
    """List the rows of the `limit` most frequent words and of all words that `tokens` find, in ascending order."""
    index = {word: row for row, word in enumerate(embedding.words)}
    found = {find(token, index, embedding.normalisation) for token in set(tokens)}
    return sorted({row for row in found if row is not None} | set(range(min(limit, len(index)))))


def save_vectors(directory: Path, vectors: VectorTable) -> None:
    """Write vectors as plain files into `directory`, which must not exist yet. Those of four bits share bytes."""
    directory.mkdir()
    write_items(directory / "words.txt", vectors.words)
    table = pack(vectors.table) if fits(vectors.table) else vectors.table
    np.save(directory / "table.npy", table, allow_pickle=False)
    np.save(directory / "scales.npy", vectors.scales, allow_pickle=False)
    write_json(directory / "settings.json", {"normalisation": vectors.normalisation})


def load_vectors(directory: Path) -> VectorTable:
    """Load the vectors that `save_vectors` wrote."""
    table, scales = (np.load(directory / f"{name}.npy", allow_pickle=False) for name in ("table", "scales"))
    table = unpack(table) if table.dtype == np.uint8 and table.ndim == 2 else table
    return VectorTable(
        read_items(directory / "words.txt"), table, scales, tuple(_load_settings(directory)["normalisation"])
    )


def save_clusters(directory: Path, clusters: ClusterTable) -> None:
    """Write clusters as plain files into `directory`, which must not exist yet.

    Each distinct path is stored once, and for each word the number of its path, in as few bytes as it needs.
    """
    directory.mkdir()
    paths = sorted(set(clusters.paths))
    rows = {path: row for row, path in enumerate(paths)}
    numbers = np.array([rows[path] for path in clusters.paths], np.min_scalar_type(len(paths)))
    write_items(directory / "words.txt", clusters.words)
    write_items(directory / "paths.txt", paths)
    np.save(directory / "path_of_word.npy", numbers, allow_pickle=False)
    settings = {"normalisation": clusters.normalisation, "prefixes": clusters.prefixes}
    write_json(directory / "settings.json", settings)


def load_clusters(directory: Path) -> ClusterTable:
    """Load the clusters that `save_clusters` wrote; raise ValueError if a word's path number is out of range."""
    settings = _load_settings(directory)
    words, paths = (read_items(directory / f"{name}.txt") for name in ("words", "paths"))
    rows = np.load(directory / "path_of_word.npy", allow_pickle=False)
    if rows.ndim != 1 or rows.dtype.kind != "u" or rows.max(initial=0) >= max(1, len(paths)):
        raise ValueError(f"clusters/path_of_word.npy: expected numbers of {len(paths)} paths")
    path_of_word = tuple(map(paths.__getitem__, rows.tolist()))
    return ClusterTable(words, path_of_word, tuple(settings["prefixes"]), tuple(settings["normalisation"]))


def _ids(tokens: Sequence[str], index: Mapping[str, int], normalisation: tuple[str, ...]) -> NDArray[np.int32]:
    rows = (find(token, index, normalisation) for token in tokens)
    return np.array([ABSENT if row is None else row + 1 for row in rows], np.int32)


def _load_settings(directory: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((directory / "settings.json").read_bytes())
    return settings
