"""A text file, or the one member of a zip archive -> its lines; and what ties a sentence or an error to a line."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ner.core.archive_errors import DAMAGE
from ner.core.errors import LineError
from ner.core.sentence import Sentence

_NO_TEXT = re.compile("[\0\r\ud800-\udfff]")  # the last are surrogates, which UTF-7 alone lets pass


class CorpusFormatError(LineError):
    """A corpus file is not what it is said to be."""


@dataclass(frozen=True, slots=True)
class Located:
    """A sentence as read, the line of its first token, and the labels of entities it lost since they fit no tokens."""

    sentence: Sentence
    line: int
    dropped: tuple[str, ...] = ()
    line_a_token: bool = False  # each token stands on a line of its own

    def line_of(self, position: int) -> int:
        """The line of a token."""
        return self.line + position if self.line_a_token else self.line


def read_lines(path: Path, encoding: str) -> Iterator[str]:
    """Lines without their ends, which may be LF or CRLF; a byte order mark is dropped. The last needs no end.

    Raises:
        CorpusFormatError: a line is not in `encoding`, or holds a NUL or a carriage return; an archive is damaged,
            encrypted, or does not hold exactly one file.
    """
    for number, line in enumerate(io.BytesIO(_read_bytes(path)), start=1):
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError as error:
            received = f"{error.reason}, {line[:40]!r}"
            raise CorpusFormatError(path, number, f"expected {encoding}. Received: {received}") from None
        text = (text.removeprefix("\ufeff") if number == 1 else text).removesuffix("\n").removesuffix("\r")
        if wrong := _NO_TEXT.search(text):
            raise CorpusFormatError(path, number, f"expected text. Received: {_name(wrong[0])} in it, {text[:40]!r}")
        yield text


def _name(character: str) -> str:
    return {"\0": "a NUL", "\r": "a carriage return"}.get(character, "half a character")


def _read_bytes(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix != ".zip":
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.namelist() if not member.endswith("/")]
            if len(members) == 1:
                return archive.read(members[0])
    except (*DAMAGE, ValueError) as error:
        raise CorpusFormatError(path, 0, f"expected a zip archive. Received: {str(error)!r:.80}") from None
    raise CorpusFormatError(path, 0, f"expected an archive of one file. Received: {len(members)} files")
