"""Published vectors: every format and compression, every kind of malformed line, and memory for large files."""

import gzip
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ner.embeddings.packed import EmbeddingFileError
from ner.embeddings.vector_files import store_vectors
from ner.features.embedding_files import Vectors, read_embedding

GLOVE = b"the 0.5 -1 2e-1\n\xc3\x89va 1 2 3\n\xc2\xa0 4 5 6\n"
WORDS = ("the", "Éva", "\u00a0")
NUMBERS = [[0.5, -1, 0.2], [1, 2, 3], [4, 5, 6]]


def binary(*rows: tuple[bytes, tuple[float, ...]], end: bytes = b"\n", count: int | None = None) -> bytes:
    header = f"{len(rows) if count is None else count} {len(rows[0][1])}\n".encode()
    return header + b"".join(word + b" " + struct.pack(f"<{len(row)}f", *row) + end for word, row in rows)


BINARY_ROWS = [(word.encode(), tuple(row)) for word, row in zip(WORDS, NUMBERS, strict=True)]


def stored(folder: Path, content: bytes, params: Any, name: str = "vectors.txt") -> tuple[Vectors, dict[str, int]]:
    (folder / name).write_bytes(content)
    to = folder / "made"
    to.mkdir(exist_ok=True)
    counts = store_vectors(folder / name, to, params)
    embedding = read_embedding(to)
    assert isinstance(embedding, Vectors)
    return embedding, counts


@pytest.mark.parametrize(
    ("format", "content"),
    [
        ("glove", GLOVE),
        ("glove", GLOVE.replace(b"\n", b" \r\n").rstrip(b"\r\n")),
        ("word2vec-text", b"3 3\n" + GLOVE),
        ("word2vec-text", b"3 3\n" + GLOVE.replace(b"\n", b" \n")),  # fastText ends lines so
        ("word2vec-binary", binary(*BINARY_ROWS)),
        ("word2vec-binary", binary(*BINARY_ROWS, end=b"")),
    ],
)
def test_store_vectors_reads_each_format(
    tmp_path: Path, params: Callable[..., Any], format: str, content: bytes
) -> None:
    embedding, counts = stored(tmp_path, content, params("published", format=format, normalisation=["lowercase"]))
    assert (embedding.words, embedding.normalisation, counts) == (WORDS, ("lowercase",), {"kept": 3})
    np.testing.assert_array_equal(embedding.vectors, np.array(NUMBERS, np.float32))


@pytest.mark.parametrize("format", ["glove", "word2vec-binary"])
@pytest.mark.parametrize("packing", ["plain", "gz", "zip"])
def test_store_vectors_unpacks(tmp_path: Path, params: Callable[..., Any], format: str, packing: str) -> None:
    content = GLOVE if format == "glove" else binary(*BINARY_ROWS)
    member = None
    if packing == "gz":
        content = gzip.compress(content)
    if packing == "zip":
        member = "two.txt"
        with zipfile.ZipFile(tmp_path / "made.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("one.txt", b"no vectors")
            archive.writestr("two.txt", content)
        content = (tmp_path / "made.zip").read_bytes()
    embedding, _ = stored(tmp_path, content, params("published", format=format, member=member), f"vectors.{packing}")
    assert embedding.words == WORDS


BAD_LINES = [
    ("wrong_dimension", b"b 1 2\n", r"Received: 2 numbers"),
    ("wrong_dimension", b"b 1 2 3 4\n", r"Received: 4 numbers"),
    ("wrong_dimension", b"\n", r"Received: 0 numbers"),
    ("word_with_space", b"new york 1 2 3\n", r"Received: the word 'new york'"),
    ("word_with_space", b". . . 1 2 3\n", r"Received: the word '\. \. \.'"),
    ("not_a_number", b"b 1 nan 3\n", r"Received: nan"),
    ("not_a_number", b"b 1 -inf 3\n", r"Received: -inf"),
    ("not_a_number", b"b 1 1e99 3\n", r"Received: inf"),
    ("not_a_number", b"b 1 x 3\n", r"Received: \[b'1', b'x', b'3'\]"),
    ("duplicate", b"the 1 2 3\n", r"Received: 'the' again"),
    ("not_utf_8", b"\xff\xfe 1 2 3\n", r"Received: b'\\xff\\xfe'"),
    ("no_word", b" 1 2 3\n", r"Received: no word"),
]


@pytest.mark.parametrize(("line", "says"), [(line, says) for _, line, says in BAD_LINES])
def test_store_vectors_says_which_line_is_bad(
    tmp_path: Path, params: Callable[..., Any], line: bytes, says: str
) -> None:
    expected = rf"vectors\.txt:2: expected a word not seen before, without spaces, and 3 numbers\. {says}"
    with pytest.raises(EmbeddingFileError, match=rf"{expected}; `bad_lines: skip`"):
        stored(tmp_path, b"the 9 8 7\n" + line, params("published"))


@pytest.mark.parametrize(("fault", "line"), [(fault, line) for fault, line, _ in BAD_LINES])
def test_store_vectors_skips_bad_lines_and_counts_them(
    tmp_path: Path, params: Callable[..., Any], fault: str, line: bytes
) -> None:
    embedding, counts = stored(tmp_path, GLOVE + line + b"c 7 8 9\n", params("published", bad_lines="skip"))
    assert embedding.words == (*WORDS, "c")
    assert embedding.vectors[0].tolist() == pytest.approx(NUMBERS[0])  # of repeated words the first is kept
    assert embedding.vectors[-1].tolist() == [7, 8, 9]
    assert counts == {"kept": 4, f"skipped_{fault}": 1}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ((b"the", (1, 2, 3)), "duplicate"),
        ((b"b", (1, float("nan"), 3)), "not_a_number"),
        ((b"\xff", (1, 2, 3)), "not_utf_8"),
        ((b"", (1, 2, 3)), "no_word"),
        ((b"a\nb", (1, 2, 3)), "word_with_space"),
    ],
)
def test_store_vectors_skips_bad_binary_rows(
    tmp_path: Path, params: Callable[..., Any], row: tuple[bytes, tuple[float, ...]], fault: str
) -> None:
    content = binary(*BINARY_ROWS, row)
    with pytest.raises(EmbeddingFileError, match=r"vectors\.txt:5: expected a word not seen"):
        stored(tmp_path, content, params("published", format="word2vec-binary"))
    _, counts = stored(tmp_path, content, params("published", format="word2vec-binary", bad_lines="skip"))
    assert counts == {"kept": 3, f"skipped_{fault}": 1}


@pytest.mark.parametrize("bad_lines", ["error", "skip"])
@pytest.mark.parametrize(
    ("format", "name", "content", "says"),
    [
        ("glove", "v.txt", b"", r"0: expected vectors\. Received: none"),
        ("word2vec-text", "v.txt", b"", r"1: expected the number of words and of dimensions\. Received: b''"),
        ("word2vec-text", "v.txt", GLOVE, r"1: expected the number of words and of dimensions\. Received: b'the 0"),
        ("word2vec-text", "v.txt", b"3 4\n" + GLOVE, r"1: expected 3 dimensions, as params.yaml says\. Received: 4"),
        ("word2vec-text", "v.txt", b"4 3\n" + GLOVE, r"0: expected 4 words, as line 1 says\. Received: 3"),
        ("word2vec-text", "v.txt", b"2 3\n" + GLOVE, r"0: expected 2 words, as line 1 says\. Received: 3"),
        ("word2vec-text", "v.txt", b"0 3\n", r"0: expected vectors\. Received: none"),
        ("word2vec-binary", "v.bin", binary(*BINARY_ROWS, count=4), r"5: expected a word .+ Received: the end"),
        ("word2vec-binary", "v.bin", binary(*BINARY_ROWS)[:-4], r"4: expected 3 words, .+ Received: the end"),
        ("word2vec-binary", "v.bin", binary(*BINARY_ROWS, count=2), r"4: expected the end, as line 1 says"),
        ("word2vec-binary", "v.bin", b"1 3\n" + b"x" * 2000, r"2: expected a word of at most 1000 bytes .+ more"),
        ("glove", "v.gz", b"", r"0: expected vectors\. Received: none"),  # as gunzip takes it
        ("glove", "v.gz", GLOVE, r"0: expected a whole archive\. Received: .+gzip"),
        ("glove", "v.gz", gzip.compress(GLOVE, mtime=0)[:-10], r"0: expected a whole archive\. .+end-of-stream"),
        ("glove", "v.gz", gzip.compress(GLOVE, mtime=0)[:-1], r"0: expected a whole archive\. Received: "),
        ("glove", "v.zip", GLOVE, r"0: expected a whole archive\. Received: .+not a zip file"),
        ("glove", "v.txt", b"a" * 2**21, r"1: expected a line\. Received: 1048576 bytes without an end"),
    ],
)  # fmt: skip
def test_store_vectors_stops_at_a_damaged_file(
    tmp_path: Path, params: Callable[..., Any], bad_lines: str, format: str, name: str, content: bytes, says: str
) -> None:
    with pytest.raises(EmbeddingFileError, match=rf"{name}:{says}"):
        stored(tmp_path, content, params("published", format=format, bad_lines=bad_lines), name)


def test_store_vectors_names_the_members_there_are(tmp_path: Path, params: Callable[..., Any]) -> None:
    with zipfile.ZipFile(tmp_path / "v.zip", "w") as archive:
        archive.writestr("one.txt", GLOVE)
        archive.writestr("two.txt", GLOVE)
    for member, expected in ((None, "one file; `member` in params.yaml says which"), ("three.txt", "'three.txt'")):
        with pytest.raises(EmbeddingFileError, match=rf"v\.zip:0: expected {expected} .+ Received: one\.txt, two\.txt"):
            store_vectors(tmp_path / "v.zip", tmp_path, params("published", member=member))


def test_store_vectors_takes_no_memory_for_the_numbers(tmp_path: Path, params: Callable[..., Any]) -> None:
    """The file has 3.2 MB of numbers; only its words, some 100 bytes each, and buffers may be in memory."""
    numbers = " ".join(f"{number / 7:.5f}" for number in range(400))
    with (tmp_path / "vectors.txt").open("w") as file:
        file.writelines(f"w{row} {numbers}\n" for row in range(2000))
    (tmp_path / "made").mkdir()
    published = params("published", dimensions=400)
    tracemalloc.start()
    store_vectors(tmp_path / "vectors.txt", tmp_path / "made", published)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (tmp_path / "made" / "vectors.npy").stat().st_size > 3_200_000
    assert peak < 1_500_000
