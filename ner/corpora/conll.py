"""Column files, one token per line and a blank line after each sentence -> sentences.

CoNLL-2003, ANERCorp and the IOB files of BC5CDR have this format.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NoReturn

from pydantic import Field

from ner.core.columns import DOCUMENT, Row, read_columns, split_columns
from ner.core.params import Params
from ner.core.sentence import Sentence, is_word
from ner.corpora.lines import CorpusFormatError, Faults, Located, read_lines


class Columns(Params):
    """The columns of the token and the tag, counted from 0; negative numbers count from the last column, -1."""

    token: int
    tag: int
    comment: str = Field(default="", description="skip lines before a sentence that begin with this; empty: none")


def read_conll(path: Path, encoding: str, columns: Columns, faults: Faults | None = None) -> Iterator[Located]:
    """Read a column file: yield its sentences in file order.

    A line whose first column is `-DOCSTART-` begins a document, and ends a sentence as a blank line does. Columns are
    separated by tabs if the line has one, so that a token may contain a space, and otherwise by spaces.

    Args:
        path: the file.
        encoding: of the file.
        columns: those of the token and the tag.
        faults: collects the errors of lines, which are then left out; None to raise the first.

    Raises:
        CorpusFormatError: lines differ in their number of columns, a column of `columns` does not exist, or a token or
            tag is empty.
    """
    refuse = faults.add if faults else _raise
    numbered = enumerate(read_lines(path, encoding), start=1)
    error = partial(CorpusFormatError, path)
    sentences = read_columns(
        numbered, split_columns, error, refuse=refuse, boundary=_begins_document, comment=columns.comment
    )
    document = 0
    for rows in filter(None, sentences):
        if _begins_document(rows[0].cells):
            document += 1
            continue
        _check_columns(path, rows[0], columns)
        whole = []
        for row in rows:
            if is_word(row.cells[columns.token]) and row.cells[columns.tag]:
                whole.append(row)
            else:
                refuse(error(row.place, f"expected a token and a tag. Received: {row.line[:80]!r}"))
        if whole:
            yield _located(whole, columns, document)


def _located(rows: list[Row[int]], columns: Columns, document: int) -> Located:
    tokens, tags = (tuple(row.cells[column] for row in rows) for column in (columns.token, columns.tag))
    lines = [row.place for row in rows]
    left_out = tuple(lines) if lines[-1] - lines[0] >= len(lines) else ()
    return Located(Sentence(tokens, tags), lines[0], line_a_token=True, document=document, lines=left_out)


def _raise(error: CorpusFormatError) -> NoReturn:
    raise error


def _begins_document(cells: list[str]) -> bool:
    return cells[0] == DOCUMENT


def _check_columns(path: Path, first: Row[int], columns: Columns) -> None:
    """Raise CorpusFormatError unless the row has both a token and a tag column, and they are not the same column."""
    width = len(first.cells)
    places = {column + width if column < 0 else column for column in (columns.token, columns.tag)}
    if len(places) < 2 or not places <= set(range(width)):
        expected = f"expected columns {columns.token} (token) and {columns.tag} (tag)"
        raise CorpusFormatError(path, first.place, f"{expected}. Received: {width} columns, {first.line[:80]!r}")
