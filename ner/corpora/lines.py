"""A text file, or the only member of a zip archive -> its lines; records that tie sentences and errors to lines."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ner.core.archive_errors import ARCHIVE_ERRORS
from ner.core.archive_sizes import IN_MEMORY, check_sizes
from ner.core.columns import no_text
from ner.core.errors import LineError
from ner.core.sentence import Sentence

MOST_SHOWN = 20  # errors


class CorpusFormatError(LineError):
    """A corpus file does not have the format, encoding or tags that params.yaml says."""


class Faults:
    """Collects errors, so that all are told at once: the first MOST_SHOWN a line each, and the number of the rest."""

    def __init__(self) -> None:
        self.count = 0
        self._shown: list[LineError] = []

    def add(self, error: LineError) -> None:
        """Note an error."""
        self.count += 1
        if len(self._shown) < MOST_SHOWN:
            self._shown.append(error)

    def check(self) -> None:
        """Raise CorpusFormatError if an error was noted."""
        if self.count == 1:
            raise self._shown[0]
        if self.count:
            raise _SeveralErrors(sorted(self._shown, key=lambda error: error.place), self.count)


class _SeveralErrors(CorpusFormatError):
    def __init__(self, shown: Sequence[LineError], count: int) -> None:
        more = [f"and {count - len(shown)} more errors"] if count > len(shown) else []
        ValueError.__init__(self, "\n".join([*map(str, shown), *more]))


@dataclass(frozen=True, slots=True)
class Located:
    """A sentence as read, and its place in the file.

    `dropped` are the labels of the mentions that were left out because they do not begin and end with tokens.
    `document` is another number for each document of the file, if the format tells them apart.
    """

    sentence: Sentence
    line: int  # of its first token
    dropped: tuple[str, ...] = ()
    line_a_token: bool = False  # the file has one token per line
    document: int = 0
    lines: tuple[int, ...] = ()  # of each token, if lines between them were left out because of an error

    def line_of(self, position: int) -> int:
        """Return the line number of the token at `position`."""
        if self.lines:
            return self.lines[position]
        return self.line + position if self.line_a_token else self.line


def read_lines(path: Path, encoding: str) -> Iterator[str]:
    """Read the lines of a text file, without line ends (LF or CRLF) and without a byte order mark.

    Raises:
        CorpusFormatError: a line is not in `encoding`, or contains a NUL or a carriage return; an archive is damaged,
            encrypted, or does not contain exactly one file.
    """
    return decode_lines(path, _read_bytes(path), encoding)


def decode_lines(path: Path, content: bytes, encoding: str) -> Iterator[str]:
    """Decode the content of a text file, as `read_lines` reads it; `path` names it in errors."""
    for number, line in enumerate(io.BytesIO(content), start=1):
        try:
            text = line.decode(encoding)
        except UnicodeError as error:  # of punycode not a UnicodeDecodeError, which has a reason
            received = f"{getattr(error, 'reason', 'other bytes')}, {line[:40]!r}"
            raise CorpusFormatError(path, number, f"expected {encoding}. Received: {received}") from None
        text = (text.removeprefix("\ufeff") if number == 1 else text).removesuffix("\n").removesuffix("\r")
        if wrong := no_text(text):
            raise CorpusFormatError(path, number, f"expected text. Received: {wrong} in it, {text[:40]!r}")
        yield text


def _read_bytes(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix != ".zip":
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.namelist() if not member.endswith("/")]
            if len(members) == 1:
                check_sizes([archive.getinfo(members[0])], len(content), IN_MEMORY)
                return archive.read(members[0])
    except (*ARCHIVE_ERRORS, ValueError) as error:
        raise CorpusFormatError(path, 0, f"expected a zip archive. Received: {str(error)!r:.80}") from None
    raise CorpusFormatError(path, 0, f"expected an archive of one file. Received: {len(members)} files")
