"""Lines of columns, a token a line and a blank line after each sentence -> sentences of rows."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from ner.core.errors import LineError

Place = TypeVar("Place")


class Row(NamedTuple, Generic[Place]):
    """A line that is not blank, and where it stands."""

    place: Place
    line: str
    cells: list[str]


def read_columns(
    lines: Iterable[tuple[Place, str]],
    split: Callable[[str], list[str]],
    error: Callable[[Place, str], Exception] | None = None,
    *,
    boundary: str | None = None,
    comment: str = "",
) -> Iterator[list[Row[Place]]]:
    """Yield the rows before each blank line, none of them before a further blank line, and those before the end.

    Args:
        lines: each with its place, such as its number.
        split: a line that is not blank -> its cells, one at least.
        error: makes the exception of a place and a message. Without it, rows may have any number of cells.
        boundary: a first cell that makes a line end a sentence, as a blank line does.
        comment: how lines begin that are passed over before a sentence; empty if there are none.

    Raises:
        Exception: what `error` makes, at the first row that has not as many cells as the first one.
    """
    rows: list[Row[Place]] = []
    width = 0
    for place, line in lines:
        if not line or line.isspace() or (cells := split(line))[0] == boundary:
            yield rows
            rows = []
            continue
        if comment and not rows and line.startswith(comment):
            continue
        width = width or len(cells)
        if error and len(cells) != width:
            received = f"{len(cells)} columns, {line[:80]!r}"
            raise error(place, f"expected {width} columns, as above. Received: {received}")
        rows.append(Row(place, line, cells))
    if rows:
        yield rows


def split_columns(line: str) -> list[str]:
    """Split at tabs if there are some, so that a token may hold a space, and else at spaces."""
    return line.split("\t") if "\t" in line else [cell for cell in line.split(" ") if cell]


def read_tab_columns(path: Path, width: int) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Read a file of the pipeline's own, in UTF-8 with tabs: the columns of each sentence.

    Raises:
        LineError: a line has not `width` columns.
    """

    numbered = enumerate(path.read_bytes().decode().split("\n"), start=1)
    for rows in filter(None, read_columns(numbered, lambda line: line.split("\t"), partial(LineError, path))):
        if len(rows[0].cells) != width:
            received = f"{len(rows[0].cells)}, {rows[0].line[:80]!r}"
            raise LineError(path, rows[0].place, f"expected {width} columns. Received: {received}")
        yield tuple(zip(*(row.cells for row in rows), strict=True))
