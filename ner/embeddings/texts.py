"""Published files of unlabelled text -> lines of plain text, each a paragraph, title or sentence.

Text is read as UTF-8; a line that is not valid UTF-8 is read as Latin-1, since old news archives mix the two.
"""

import csv
import fnmatch
import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ner.core.archive_errors import ARCHIVE_ERRORS
from ner.core.archive_sizes import IN_MEMORY, check_sizes
from ner.core.columns import read_columns
from ner.core.errors import NerError

Fields = tuple[str, ...]
_INDENTED = re.compile(r"\n(?=\s)")  # in Reuters-21578 a paragraph begins with spaces
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")
_NO_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]+")  # the last range is of surrogates, which JSON can hold


class TextFormatError(NerError):
    """A file of text does not have the format that its manifest says: `path: what was expected, what came`."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{path}: {message}")


def read_text(path: Path, format: str, fields: Fields) -> Iterator[str]:
    """Read a file of text: yield its non-empty lines, with whitespace and control characters as single spaces.

    Args:
        path: the file.
        format: a key of FORMATS.
        fields: what to read of the file; its meaning depends on the format, see the readers below.

    Raises:
        TextFormatError: the format is unknown, the file is damaged, or it lacks these fields.
    """
    if format not in FORMATS:
        raise TextFormatError(path, f"expected a format of {', '.join(FORMATS)}. Received: {format!r}")
    for text in FORMATS[format](path, fields):
        for line in text.split("\n"):
            shown = " ".join(_NO_TEXT.sub(" ", line).split())
            if shown:
                yield shown


def decode(content: bytes) -> str:
    """Decode line by line as UTF-8, or Latin-1 where that fails; drop a byte order mark, turn line ends into LF."""
    lines = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return "\n".join(map(_decode_line, lines))


def _decode_line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _plain(path: Path, _: Fields) -> Iterator[str]:
    """Read the lines of a plain text file; no fields."""
    yield decode(path.read_bytes())


def _sgml(path: Path, fields: Fields) -> Iterator[str]:
    """Read the paragraphs of the SGML elements named by `fields`; the lines of a paragraph are joined."""
    text = decode(path.read_bytes())
    for name in fields:
        for element in re.findall(rf"<{re.escape(name)}>(.*?)</{re.escape(name)}>", text, re.DOTALL):
            for paragraph in _INDENTED.split(element):
                yield html.unescape(_MARKUP.sub(" ", paragraph)).replace("\n", " ")


def _wikiextractor(path: Path, _: Fields) -> Iterator[str]:
    """Read the articles of WikiExtractor, between `<doc ...>` and `</doc>`; remove leftover markup; no fields."""
    for line in decode(path.read_bytes()).split("\n"):
        if not line.startswith(("<doc ", "</doc>")):
            yield html.unescape(_MARKUP.sub(" ", line))


def _zip_text(path: Path, fields: Fields) -> Iterator[str]:
    """Read the text files of a zip archive whose names match one of the patterns in `fields`, such as `*.txt`."""
    for name, content in _members(path):
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in fields):
            yield decode(content)


def _zip_json(path: Path, fields: Fields) -> Iterator[str]:
    """Read the JSON files of a zip archive: the values of the keys `fields` of their objects."""
    for _, content in _members(path):
        yield from _values(path, content, fields)


def _json(path: Path, fields: Fields) -> Iterator[str]:
    """Read a JSON file: the values of the keys `fields` of its objects."""
    yield from _values(path, path.read_bytes(), fields)


def _json_lines(path: Path, fields: Fields) -> Iterator[str]:
    """Read lines that are JSON objects, such as WikiExtractor's: the values of the keys `fields`."""
    for number, line in enumerate(decode(path.read_bytes()).split("\n"), start=1):
        if line and not line.isspace():
            yield from _values_of(path, _parsed(path, line, f" in line {number}"), fields)


def _openiti(path: Path, _: Fields) -> Iterator[str]:
    """Read the paragraphs and headings of a book of OpenITI, in mARkdownSimple; no fields.

    The head ends at a line `#META#Header#End#`. The table of contents between it and the first heading is left out. The
    lines of a paragraph are joined, and right-to-left marks removed.
    """
    head, end, body = decode(path.read_bytes()).partition("#META#Header#End#\n")
    if not end:
        raise TextFormatError(path, f"expected a head that ends at #META#Header#End#. Received: {head!r:.80}")
    heading, book = f"\n{body}".partition("\n# |")[1:]
    if not heading:
        raise TextFormatError(path, "expected a heading, a line that begins with `# |`. Received: none")
    for paragraph in _BLANK_LINES.split(book.replace("\u200f", "")):
        yield paragraph.removeprefix("# |").replace("\n", " ")


def _csv(path: Path, fields: Fields) -> Iterator[str]:
    """Read the columns `fields` of a CSV file, whose first line names its columns."""
    text = decode(path.read_bytes()).replace("\0", " ")
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    rows = csv.DictReader(io.StringIO(text, newline=""))
    try:
        if missing := set(fields) - set(rows.fieldnames or ()):
            raise TextFormatError(path, f"expected columns {', '.join(sorted(missing))}. Received: {rows.fieldnames}")
        for row in rows:
            yield from (row[field] or "" for field in fields)
    except csv.Error as error:
        raise TextFormatError(path, f"expected CSV. Received: {error}, line {rows.line_num}") from None


def _columns(path: Path, fields: Fields) -> Iterator[str]:
    """Read a tagged corpus, one token per line, as sentences; `fields` is the number of the token column, from 0."""
    if len(fields) != 1 or not re.fullmatch("[0-9]{1,3}", fields[0]):
        raise TextFormatError(path, f"expected the number of a column. Received: {fields}")
    column = int(fields[0])
    numbered = enumerate(decode(path.read_bytes()).split("\n"), start=1)
    for rows in read_columns(numbered, lambda line: line.split("\t")):
        for number, line, cells in rows:
            if len(cells) <= column:
                raise TextFormatError(path, f"expected a column {column} in line {number}. Received: {line!r:.80}")
        yield " ".join(row.cells[column] for row in rows)


FORMATS: dict[str, Callable[[Path, Fields], Iterator[str]]] = {
    "text": _plain,
    "sgml": _sgml,
    "wikiextractor": _wikiextractor,
    "zip-text": _zip_text,
    "zip-json": _zip_json,
    "json": _json,
    "json-lines": _json_lines,
    "openiti": _openiti,
    "csv": _csv,
    "columns": _columns,
}


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each file of a zip archive, sorted by name."""
    try:
        with zipfile.ZipFile(path) as archive:
            check_sizes(archive.infolist(), path.stat().st_size, IN_MEMORY)
            for name in sorted(name for name in archive.namelist() if not name.endswith("/")):
                yield name, archive.read(name)
    except (*ARCHIVE_ERRORS, ValueError) as error:
        raise TextFormatError(path, f"expected a zip archive. Received: {str(error)!r:.80}") from None


def _values(path: Path, content: bytes, fields: Fields) -> Iterator[str]:
    """Yield the strings at the keys `fields` of each object in a JSON list, or in the values of one JSON object.

    A value may be a string or a list of strings.
    """
    document = _parsed(path, decode(content))
    entries = list(document.values()) if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise TextFormatError(path, f"expected a list or an object. Received: {str(document)!r:.80}")
    for entry in entries:
        yield from _values_of(path, entry, fields)


def _parsed(path: Path, text: str, place: str = "") -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TextFormatError(path, f"expected JSON{place}. Received: {str(error)!r:.80}") from None


def _values_of(path: Path, entry: Any, fields: Fields) -> Iterator[str]:
    if not isinstance(entry, dict):
        raise TextFormatError(path, f"expected objects. Received: {str(entry)!r:.80}")
    for field in fields:
        yield from _texts(path, field, entry.get(field))


def _texts(path: Path, field: str, value: Any) -> Iterator[str]:
    texts = value if isinstance(value, list) else [value]
    for text in texts:
        if not isinstance(text, str):
            raise TextFormatError(path, f"expected text at {field!r}. Received: {str(text)!r:.80}")
        yield text
