"""Column files, a token a line and a blank line after each sentence -> sentences.

CoNLL-2003, ANERCorp and BC5CDR's IOB files are of this kind.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pydantic import Field

from ner.core.columns import Row, read_columns, split_columns
from ner.core.params import Params
from ner.core.sentence import Sentence, is_word
from ner.corpora.lines import CorpusFormatError, Located, read_lines

_DOCUMENT = "-DOCSTART-"


class Columns(Params):
    """Which column of a line holds what, counted from 0; negative numbers count from the last, -1."""

    token: int
    tag: int
    comment: str = Field(default="", description="lines before a sentence that begin with this are no part of it")


def read_conll(path: Path, encoding: str, columns: Columns) -> Iterator[Located]:
    """Read a column file; a line whose first column is `-DOCSTART-` ends a sentence and belongs to none.

    Columns are separated by tabs if the line has one, so that a token may hold a space, and else by spaces.

    Raises:
        CorpusFormatError: a line has other columns than the first one, or lacks those that are asked for.
    """
    numbered = enumerate(read_lines(path, encoding), start=1)
    error = partial(CorpusFormatError, path)
    sentences = read_columns(numbered, split_columns, error, boundary=_DOCUMENT, comment=columns.comment)
    for rows in filter(None, sentences):
        _check_columns(path, rows[0], columns)
        for number, line, cells in rows:
            if not is_word(cells[columns.token]) or not cells[columns.tag]:
                raise CorpusFormatError(path, number, f"expected a token and a tag. Received: {line[:80]!r}")
        tokens, tags = (tuple(row.cells[column] for row in rows) for column in (columns.token, columns.tag))
        yield Located(Sentence(tokens, tags), rows[0].place, line_a_token=True)


def _check_columns(path: Path, first: Row[int], columns: Columns) -> None:
    """Raise CorpusFormatError if there are not enough for a token and a tag that are not the same."""
    width = len(first.cells)
    places = {column + width if column < 0 else column for column in (columns.token, columns.tag)}
    if len(places) < 2 or not places <= set(range(width)):
        wanted = f"columns {columns.token} (token) and {columns.tag} (tag)"
        raise CorpusFormatError(path, first.place, f"expected {wanted}. Received: {width} columns, {first.line[:80]!r}")
