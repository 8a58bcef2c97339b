"""A file, plain, gzipped or in a zip archive -> its bytes as a stream; damage becomes one kind of error."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ner.core.archive_errors import DAMAGE
from ner.core.errors import LineError

LONGEST_LINE = 2**20  # bytes; of vectors of 10,000 dimensions, a tenth


class EmbeddingFileError(LineError):
    """A file of vectors or clusters is not what it is said to be; in a binary one, the first word is line 2."""


@contextmanager
def open_packed(path: Path, member: str | None) -> Iterator[tuple[BinaryIO, int | None]]:
    """The content as a stream, and its length in bytes, if it is known beforehand.

    Args:
        path: the file; `.gz` and `.zip` are unpacked.
        member: of a zip archive; None is the only one.

    Raises:
        EmbeddingFileError: at opening or later, while the stream is read: an archive is cut off, damaged or encrypted,
            or has not that member.
    """
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as unpacked:
                yield cast(BinaryIO, unpacked), None
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                entry = archive.getinfo(_member(path, archive, member))
                with archive.open(entry) as content:
                    yield cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, content))), entry.file_size
        else:
            with path.open("rb") as file:
                yield file, path.stat().st_size
    except (EmbeddingFileError, FileNotFoundError):
        raise
    except DAMAGE as error:  # no ValueError, which may be of who reads the stream
        raise EmbeddingFileError(path, 0, f"expected a whole archive. Received: {str(error)!r:.100}") from None


def lines_of(path: Path, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines with their ends, numbered from 1.

    Raises:
        EmbeddingFileError: a line is longer than LONGEST_LINE, so it is none.
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
    wanted = "one file; `member` in params.yaml says which" if member is None else repr(member)
    raise EmbeddingFileError(path, 0, f"expected {wanted} in the archive. Received: {', '.join(names)[:200]}")
