"""Lines of a column file, one token per line and a blank line after each sentence -> the rows of each sentence."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from ner.core.errors import LineError

Place = TypeVar("Place")
Fault = TypeVar("Fault", bound=Exception)
DOCUMENT = "-DOCSTART-"  # the first cell of a line that begins a document, as in CoNLL-2003
_NO_TEXT = re.compile("[\0\r\ud800-\udfff]")  # the range is of surrogates, which only Python's UTF-7 decoder lets pass


class Row(NamedTuple, Generic[Place]):
    """A non-blank line, its place (such as its line number) and its cells."""

    place: Place
    line: str
    cells: list[str]


def read_columns(
    lines: Iterable[tuple[Place, str]],
    split: Callable[[str], list[str]],
    error: Callable[[Place, str], Fault] | None = None,
    *,
    refuse: Callable[[Fault], object] | None = None,
    boundary: Callable[[list[str]], bool] | None = None,
    comment: str = "",
) -> Iterator[list[Row[Place]]]:
    """Group non-blank lines into sentences: yield the rows of one sentence at each blank line and at the end.

    Each blank line yields a list, which is empty if no row came since the previous blank line.

    Args:
        lines: pairs of a place, such as the line number, and the line.
        split: splits a non-blank line into its cells, at least one.
        error: builds the exception from a place and a message. Without it, rows may differ in their number of cells.
        refuse: called with the exception, whose row is then left out; None to raise it.
        boundary: a line with these cells ends the sentence, and is yielded as one of its own; None if there are none.
        comment: lines before a sentence that start with this are skipped; empty if the format has no comments.

    Raises:
        Exception: the one that `error` builds, at the first row with another number of cells than the first row.
    """
    rows: list[Row[Place]] = []
    width = 0
    for place, line in lines:
        if not line or line.isspace():
            yield rows
            rows = []
            continue
        cells = split(line)
        if boundary and boundary(cells):
            yield rows
            yield [Row(place, line, cells)]
            rows = []
            continue
        if comment and not rows and line.startswith(comment):
            continue
        width = width or len(cells)
        if error and len(cells) != width:
            received = f"{len(cells)} columns, {line[:80]!r}"
            wrong = error(place, f"expected {width} columns, as above. Received: {received}")
            if not refuse:
                raise wrong
            refuse(wrong)
            continue
        rows.append(Row(place, line, cells))
    if rows:
        yield rows


def split_columns(line: str) -> list[str]:
    """Split a line at tabs if it has any, so that a token may contain a space; otherwise split it at spaces."""
    return line.split("\t") if "\t" in line else [cell for cell in line.split(" ") if cell]


def no_text(line: str) -> str:
    """Name the first character of a line that no text has: NUL, carriage return, surrogate; empty if there is none."""
    found = _NO_TEXT.search(line)
    return {"\0": "a NUL", "\r": "a carriage return"}.get(found[0], "half a character") if found else ""


def read_tab_columns(
    path: Path, width: int, *, boundary: list[str] | None = None
) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Read a tab-separated UTF-8 file that the pipeline wrote: yield the `width` columns of each sentence.

    The arguments and errors are those of `read_tab_rows`.
    """
    for rows in read_tab_rows(path, width, boundary=boundary):
        yield tuple(zip(*(row.cells for row in rows), strict=True))


def read_tab_rows(path: Path, width: int, *, boundary: list[str] | None = None) -> Iterator[list[Row[int]]]:
    """Read a tab-separated UTF-8 file that the pipeline wrote: yield the rows of each sentence.

    Args:
        path: the file.
        width: the number of columns.
        boundary: the cells of lines that end a sentence and are yielded as one of their own; None if there are none.

    Raises:
        LineError: the file is not UTF-8, or another line does not have `width` columns.
    """
    content = path.read_bytes()
    try:
        numbered = enumerate(content.decode().split("\n"), start=1)
    except UnicodeDecodeError as error:
        received = f"byte {content[error.start]:#04x}"
        raise LineError(
            path, 1 + content.count(b"\n", 0, error.start), f"expected UTF-8. Received: {received}"
        ) from None
    error_of = partial(LineError, path)
    sentences = read_columns(
        numbered, lambda line: line.split("\t"), error_of, boundary=lambda cells: cells == boundary
    )
    for rows in filter(None, sentences):
        if len(rows[0].cells) != width and rows[0].cells != boundary:
            received = f"{len(rows[0].cells)}, {rows[0].line[:80]!r}"
            raise LineError(path, rows[0].place, f"expected {width} columns. Received: {received}")
        yield rows
