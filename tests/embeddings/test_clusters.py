"""The reader of Brown clusters: good files, and files with malformed lines."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ner.embeddings.clusters import read_clusters
from ner.embeddings.packed import EmbeddingFileError
from ner.features.embedding_files import Clusters

PATHS = b"0000\tRome\t5\n0001\tOslo\t70\n1\tsaid\t5\r\n"


def written(folder: Path, content: bytes, name: str = "clusters") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize("name", ["clusters", "clusters.gz"])
def test_read_clusters_puts_frequent_words_first(tmp_path: Path, params: Callable[..., Any], name: str) -> None:
    content = gzip.compress(PATHS) if name.endswith(".gz") else PATHS
    clusters, counts = read_clusters(written(tmp_path, content, name), params("clusters"))
    assert clusters == Clusters(("Oslo", "Rome", "said"), ("0001", "0000", "1"), ())
    assert counts == {"kept": 3}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"0000 Rome 5\n", "wrong_columns"),
        (b"0000\tRome\t5\t6\n", "wrong_columns"),
        (b"\n", "wrong_columns"),
        (b"0020\tBergen\t5\n", "not_a_number"),
        (b"0000\tBergen\tfive\n", "not_a_number"),
        (b"0000\t\xff\t5\n", "not_utf_8"),
        (b"0000\tNew York\t5\n", "word_with_space"),
        (b"0000\t\t5\n", "no_word"),
        (b"1111\tOslo\t5\n", "duplicate"),
    ],
)
def test_read_clusters_stops_at_a_bad_line_or_counts_it(
    tmp_path: Path, params: Callable[..., Any], line: bytes, fault: str
) -> None:
    path = written(tmp_path, PATHS + line)
    expected = rf"clusters:4: expected a bit string, .+ Received: {fault}, .+; `bad_lines: skip`"
    with pytest.raises(EmbeddingFileError, match=expected):
        read_clusters(path, params("clusters"))
    clusters, counts = read_clusters(path, params("clusters", bad_lines="skip"))
    assert clusters.words == ("Oslo", "Rome", "said")
    assert counts == {"kept": 3, f"skipped_{fault}": 1}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("c.txt", b"", r"0: expected clusters\. Received: none, and 0 bad lines"),
        ("c.txt", b"x\n", r"0: expected clusters\. Received: none, and 1 bad lines"),
        ("c.gz", gzip.compress(PATHS, mtime=0)[:-9], r"0: expected a whole archive\. Received: .+end-of-stream"),
    ],
)
def test_read_clusters_stops_at_a_damaged_file(
    tmp_path: Path, params: Callable[..., Any], name: str, content: bytes, says: str
) -> None:
    with pytest.raises(EmbeddingFileError, match=rf"{name}:{says}"):
        read_clusters(written(tmp_path, content, name), params("clusters", bad_lines="skip"))
