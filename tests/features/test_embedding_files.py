"""Embedding files: what is written is read back, and vectors are memory-mapped."""

import json
from pathlib import Path

import numpy as np
import pytest

from ner.features.embedding_files import Clusters, Vectors, read_embedding, write_embedding

WORDS = ("the", "\u00a0", "Éva\u2028", "a\x85b")  # read back as single words, though str.splitlines splits some of them


def test_read_embedding_gives_back_vectors_mapped(tmp_path: Path) -> None:
    vectors = np.arange(12, dtype=np.float64).reshape(4, 3)
    write_embedding(tmp_path / "new" / "one", Vectors(WORDS, vectors, ("lowercase",)))
    read = read_embedding(tmp_path / "new" / "one")
    assert isinstance(read, Vectors)
    assert (read.words, read.normalisation) == (WORDS, ("lowercase",))
    assert isinstance(read.vectors, np.memmap)
    assert read.vectors.dtype == np.float32
    np.testing.assert_array_equal(read.vectors, vectors)


def test_read_embedding_gives_back_clusters(tmp_path: Path) -> None:
    clusters = Clusters(("Rome", "said"), ("0110", "10"), ())
    write_embedding(tmp_path, clusters)
    assert read_embedding(tmp_path) == clusters


def test_write_embedding_writes_plain_files(tmp_path: Path) -> None:
    write_embedding(tmp_path, Vectors(("a",), np.ones((1, 2), np.float32), ("digits",)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["embedding.json", "vectors.npy", "words.txt"]
    described = json.loads((tmp_path / "embedding.json").read_text())
    assert described == {"kind": "vectors", "normalisation": ["digits"], "dimensions": 2}
    assert np.load(tmp_path / "vectors.npy", allow_pickle=False).tolist() == [[1, 1]]


def test_read_embedding_finds_none_where_none_was_made(tmp_path: Path) -> None:
    (tmp_path / "unused").touch()
    assert read_embedding(tmp_path) is None


def test_read_embedding_needs_a_directory(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_embedding(tmp_path / "none")


def test_embeddings_have_one_row_a_word() -> None:
    with pytest.raises(ValueError, match=r"expected 2 vectors\. Received: shape \(1, 3\)"):
        Vectors(("a", "b"), np.zeros((1, 3), np.float32), ())
    with pytest.raises(ValueError, match=r"expected 1 paths\. Received: 0"):
        Clusters(("a",), (), ())
