"""A plain, gzipped or zipped file -> a stream of its bytes; all archive errors become EmbeddingFileError."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ner.core.archive_errors import ARCHIVE_ERRORS
from ner.core.archive_sizes import check_sizes
from ner.core.errors import LineError

LONGEST_LINE = 2**20  # bytes; vectors of 10,000 dimensions take about a tenth


class EmbeddingFileError(LineError):
    """A file of vectors or clusters is malformed or damaged; in a binary file, the first word counts as line 2."""


@contextmanager
def open_packed(path: Path, member: str | None) -> Iterator[tuple[BinaryIO, int | None]]:
    """Open a file and unpack it while it is read; yield the stream, and its length in bytes if that is known.

    Args:
        path: the file; `.gz` and `.zip` are unpacked.
        member: which file of a zip archive; None if it has only one.

    Raises:
        EmbeddingFileError: at opening, or while the stream is read: an archive is truncated, damaged or encrypted, or
            lacks the member.
    """
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as unpacked:
                yield cast(BinaryIO, unpacked), None
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                entry = archive.getinfo(_member(path, archive, member))
                check_sizes([entry], path.stat().st_size)
                with archive.open(entry) as content:
                    yield cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, content))), entry.file_size
        else:
            with path.open("rb") as file:
                yield file, path.stat().st_size
    except (EmbeddingFileError, FileNotFoundError):
        raise
    except ARCHIVE_ERRORS as error:  # not ValueError, which the caller's own code may raise
        raise EmbeddingFileError(path, 0, f"expected a whole archive. Received: {str(error)!r:.100}") from None


def lines_of(path: Path, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a stream, with their line ends, numbered from 1.

    Raises:
        EmbeddingFileError: a line has LONGEST_LINE bytes or more, as in a file that is not text.
    """
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise EmbeddingFileError(path, number, f"expected a line. Received: {LONGEST_LINE} bytes without an end")
        yield number, line


def _member(path: Path, archive: zipfile.ZipFile, member: str | None) -> str:
    names = [name for name in archive.namelist() if not name.endswith("/")]
    if member is None and len(names) == 1:
        return names[0]
    if member in names:
        return member
    expected = "one file; `member` in params.yaml says which" if member is None else repr(member)
    raise EmbeddingFileError(path, 0, f"expected {expected} in the archive. Received: {', '.join(names)[:200]}")
