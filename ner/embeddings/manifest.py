"""A manifest, a TSV file in texts/ -> the files of unlabelled text that it lists: their sources and formats."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from ner.core.errors import LineError
from ner.core.params import ParamsError, build
from ner.core.source_files import SourceFile

COLUMNS = ("path", "bytes", "sha256", "format", "fields", "url")


class ManifestError(LineError):
    """A manifest is malformed."""


@dataclass(frozen=True)
class TextFile:
    """A file of unlabelled text, as a manifest lists it."""

    source: SourceFile
    format: str  # a key of FORMATS in ner/embeddings/texts.py
    fields: tuple[str, ...]  # what its reader reads of the file: columns, keys, elements, or patterns of file names


def stored_name(path: str) -> str:
    """Name a file in data/raw/embeddings/<name>/ after its whole path, since files may share a base name."""
    return path.replace("/", "+")


def read_manifest(path: Path) -> list[TextFile]:
    """Read a manifest: a TSV with a header and the columns COLUMNS; `fields` are separated by commas.

    Raises:
        ManifestError: wrong columns, an invalid checksum or URL, a file listed twice, or no file at all.
    """
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise ManifestError(path, 0, f"expected UTF-8. Received: {error.reason}") from None
    rows = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    files: dict[str, TextFile] = {}
    try:
        for number, row in enumerate(rows, start=1):
            if number == 1:
                if tuple(row) != COLUMNS:
                    raise ManifestError(path, 1, f"expected columns {', '.join(COLUMNS)}. Received: {row!r:.200}")
                continue
            file = _text_file(path, number, row)
            if stored_name(file.source.path) in files:
                raise ManifestError(path, number, f"expected each file once. Received: {file.source.path!r} again")
            files[stored_name(file.source.path)] = file
    except csv.Error as error:
        raise ManifestError(path, rows.line_num, f"expected tab-separated values. Received: {error}") from None
    if not files:
        raise ManifestError(path, 0, "expected a file a line. Received: none")
    return list(files.values())


def _text_file(path: Path, number: int, row: list[str]) -> TextFile:
    if len(row) != len(COLUMNS) or not row[0]:
        raise ManifestError(path, number, f"expected {len(COLUMNS)} columns. Received: {len(row)}, {row!r:.200}")
    name, _, sha256, form, fields, url = row
    try:
        source = build(SourceFile, {"path": name, "sha256": sha256, "urls": [url]})
    except ParamsError as error:
        raise ManifestError(path, number, str(error)) from None
    return TextFile(source, form, tuple(filter(None, fields.split(","))))
