"""Published vectors -> words.txt and vectors.npy; files are streamed, so that only the words are held in memory.

A GloVe file has one line per word: the word, then its numbers. A word2vec file begins with a line that has the numbers
of words and of dimensions; then come lines as GloVe's or, if it is binary, for each word the word, a space and
little-endian float32 numbers. fastText's `.vec` is word2vec text.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from tqdm import tqdm

from ner.embeddings.catalogue import PublishedParams
from ner.embeddings.packed import EmbeddingFileError, lines_of, open_packed
from ner.features.embedding_files import VECTORS, write_words

LONGEST_WORD = 1000  # bytes
ADVICE = "; `bad_lines: skip` leaves such lines out and counts them"


@dataclass(frozen=True)
class _Row:
    """A word and its vector; for a malformed line, its fault instead."""

    word: str = ""
    numbers: NDArray[np.float32] | None = None  # (D,)
    fault: str = ""  # the name under which it is counted; empty if there is none
    received: str = ""  # for the error message


def store_vectors(path: Path, directory: Path, params: PublishedParams) -> dict[str, int]:
    """Convert a file of published vectors into the embedding's files in `directory`, which must exist.

    A repeated word is a malformed line; with `bad_lines: skip` its first vector is kept.

    Returns:
        The number of words kept, and of lines skipped, by fault.

    Raises:
        EmbeddingFileError: the file is damaged or empty, or has another number of words than its header says; or a line
            is malformed, and `bad_lines` is `error`.
    """
    words: dict[str, None] = {}
    skipped: Counter[str] = Counter()
    with (
        open_packed(path, params.member) as (stream, size),
        (directory / VECTORS).open("wb") as target,
        tqdm(desc=path.name, total=size, unit="B", unit_scale=True, mininterval=1) as bar,
    ):
        _write_header(target, 0, params.dimensions)
        for number, row in _READERS[params.format](path, stream, params.dimensions, bar.update):
            fault, received = row.fault, row.received
            if not fault and row.word in words:
                fault, received = "duplicate", f"{row.word!r} again"
            if fault and params.bad_lines == "error":
                raise EmbeddingFileError(path, number, f"{_expected(params.dimensions)}. Received: {received}{ADVICE}")
            if fault or row.numbers is None:
                skipped[fault] += 1
                continue
            words[row.word] = None
            target.write(row.numbers.tobytes())
        if not words:
            raise EmbeddingFileError(path, 0, f"expected vectors. Received: none, and {skipped.total()} bad lines")
        target.seek(0)
        _write_header(target, len(words), params.dimensions)
    write_words(directory, words, params.normalisation, dimensions=params.dimensions)
    return {"kept": len(words)} | {f"skipped_{fault}": count for fault, count in sorted(skipped.items())}


def _expected(dimensions: int) -> str:
    return f"expected a word not seen before, without spaces, and {dimensions} numbers"


def _write_header(file: BinaryIO, rows: int, dimensions: int) -> None:
    """Write a .npy header; NumPy pads it, so that it can be overwritten once the number of rows is known."""
    description = {"descr": "<f4", "fortran_order": False, "shape": (rows, dimensions)}
    npy.write_array_header_1_0(file, description)


def _glove(
    path: Path, stream: BinaryIO, dimensions: int, progress: Callable[[int], object]
) -> Iterator[tuple[int, _Row]]:
    for number, line in lines_of(path, stream):
        progress(len(line))
        yield number, _parse(line, dimensions)


def _word2vec_text(
    path: Path, stream: BinaryIO, dimensions: int, progress: Callable[[int], object]
) -> Iterator[tuple[int, _Row]]:
    lines = lines_of(path, stream)
    announced, read = _announced(path, next(lines, (1, b""))[1], dimensions), 0
    for number, line in lines:
        progress(len(line))
        read += 1
        yield number, _parse(line, dimensions)
    if read != announced:
        raise EmbeddingFileError(path, 0, f"expected {announced} words, as line 1 says. Received: {read}")


def _word2vec_binary(
    path: Path, stream: BinaryIO, dimensions: int, progress: Callable[[int], object]
) -> Iterator[tuple[int, _Row]]:
    announced = _announced(path, next(lines_of(path, stream), (1, b""))[1], dimensions)
    for number in range(2, announced + 2):  # the header counts as line 1, as in the text format
        word = _binary_word(path, number, stream)
        content = stream.read(4 * dimensions)
        if len(content) < 4 * dimensions:
            raise EmbeddingFileError(path, number, f"expected {announced} words, as line 1 says. Received: the end")
        progress(len(word) + 1 + len(content))
        yield number, _checked(word, np.frombuffer(content, "<f4"))
    if rest := stream.read(100).strip():
        raise EmbeddingFileError(path, announced + 2, f"expected the end, as line 1 says. Received: {rest!r:.80}")


_READERS = {"glove": _glove, "word2vec-text": _word2vec_text, "word2vec-binary": _word2vec_binary}


def _announced(path: Path, line: bytes, dimensions: int) -> int:
    """Parse the header of a word2vec file: return the number of words, after checking the number of dimensions."""
    fields = line.split()
    if len(fields) != 2 or not all(field.isdigit() and len(field) < 16 for field in fields):
        expected = "expected the number of words and of dimensions"
        raise EmbeddingFileError(path, 1, f"{expected}. Received: {line!r:.80}")
    if int(fields[1]) != dimensions:
        expected = f"expected {dimensions} dimensions, as params.yaml says"
        raise EmbeddingFileError(path, 1, f"{expected}. Received: {int(fields[1])}")
    return int(fields[0])


def _binary_word(path: Path, number: int, stream: BinaryIO) -> bytes:
    """Read a word up to the next space; drop a line feed before it, with which some writers end each row."""
    word = bytearray()
    while (character := stream.read(1)) != b" ":
        if not character or len(word) == LONGEST_WORD:
            expected = f"expected a word of at most {LONGEST_WORD} bytes and a space"
            received = "more" if character else "the end"
            raise EmbeddingFileError(path, number, f"{expected}. Received: {received}, {bytes(word)!r:.80}")
        word += character
    return bytes(word).removeprefix(b"\n")


def _parse(line: bytes, dimensions: int) -> _Row:
    """Parse a line of text: fields separated by single spaces, the last `dimensions` of which are numbers."""
    fields = line.rstrip(b" \r\n").split(b" ")
    given = len(fields) - 1
    if given < dimensions:
        return _Row(fault="wrong_dimension", received=f"{given} numbers")
    numbers = _numbers(fields[-dimensions:])
    if given > dimensions:  # a word that contains spaces, or too many numbers
        parts = fields[:-dimensions]
        if numbers is not None and _numbers(parts[1:]) is None:
            shown = b" ".join(parts)
            return _Row(fault="word_with_space", received=f"the word {shown.decode(errors='replace')!r:.80}")
        return _Row(fault="wrong_dimension", received=f"{given} numbers")
    if numbers is None:
        return _Row(fault="not_a_number", received=f"{fields[1:]!r:.80}")
    return _checked(fields[0], numbers)


def _numbers(fields: list[bytes]) -> NDArray[np.float32] | None:
    try:
        values = np.array(list(map(float, fields)))
    except ValueError:
        return None
    with np.errstate(over="ignore"):  # an overflow becomes infinity, which `_checked` refuses
        return values.astype("<f4")


def _checked(word: bytes, numbers: NDArray[np.float32]) -> _Row:
    if not np.isfinite(numbers).all():
        return _Row(fault="not_a_number", received=f"{numbers[~np.isfinite(numbers)][0]}")
    try:
        text = word.decode()
    except UnicodeDecodeError:
        return _Row(fault="not_utf_8", received=f"{word!r:.80}")
    if " " in text or "\n" in text:
        return _Row(fault="word_with_space", received=f"the word {text!r:.80}")
    if not text:
        return _Row(fault="no_word", received="no word")
    return _Row(text, numbers)
