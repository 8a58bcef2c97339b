"""A text file, or the one member of a zip archive -> its lines; and what ties a sentence or an error to a line."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ner.sentence import Sentence


class CorpusFormatError(ValueError):
    """A corpus file is not what it is said to be: `path:line: what was expected, what came`."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


@dataclass(frozen=True, slots=True)
class Located:
    """A sentence as read, the line of its first token, and how many entities it lost since they fit no tokens."""

    sentence: Sentence
    line: int
    dropped: int = 0


def read_lines(path: Path, encoding: str) -> Iterator[str]:
    """Lines without their ends, which may be LF or CRLF; a byte order mark is dropped. The last needs no end.

    Raises:
        CorpusFormatError: a line is not in `encoding` or holds a NUL; an archive does not hold exactly one file.
    """
    with _open_binary(path) as binary:
        for number, line in enumerate(binary, start=1):
            try:
                text = line.decode(encoding)
            except UnicodeDecodeError as error:
                raise CorpusFormatError(
                    path, number, f"expected {encoding}. Received: {error.reason}, {line[:40]!r}"
                ) from None
            if "\0" in text:
                raise CorpusFormatError(path, number, f"expected text. Received: a NUL character, {text[:40]!r}")
            yield (text.removeprefix("\ufeff") if number == 1 else text).removesuffix("\n").removesuffix("\r")


def _open_binary(path: Path) -> BinaryIO:
    if path.suffix != ".zip":
        return path.open("rb")
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.namelist() if not member.endswith("/")]
            if len(members) != 1:
                raise CorpusFormatError(path, 0, f"expected an archive of one file. Received: {len(members)} files")
            return io.BytesIO(archive.read(members[0]))
    except zipfile.BadZipFile as error:
        raise CorpusFormatError(path, 0, f"expected a zip archive. Received: {error}") from None
