"""Column files, a token a line and a blank line after each sentence <-> sentences.

CoNLL-2003, ANERCorp and BC5CDR's IOB files are of this kind.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from pydantic import Field

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
    """Sentences of a column file; a line whose first column is `-DOCSTART-` ends a sentence and belongs to none.

    Columns are separated by tabs if the line has one, so that a token may hold a space, and else by spaces.

    Raises:
        CorpusFormatError: a line has other columns than the first one, or lacks those that are asked for.
    """
    width = 0
    numbered = ((number, line, _cells(line)) for number, line in enumerate(read_lines(path, encoding), start=1))
    for is_boundary, lines in groupby(numbered, key=lambda item: item[2][:1] in ([], [_DOCUMENT])):
        if is_boundary:
            continue
        tokens: list[str] = []
        tags: list[str] = []
        first = 0
        for number, line, cells in lines:
            if columns.comment and line.startswith(columns.comment) and not tokens:
                continue
            if not width:
                width = len(cells)
                _check_columns(path, number, line, columns)
            if len(cells) != width:
                raise CorpusFormatError(path, number, f"expected {width} columns, as above. Received: {line[:80]!r}")
            if not is_word(cells[columns.token]) or not cells[columns.tag]:
                raise CorpusFormatError(path, number, f"expected a token and a tag. Received: {line[:80]!r}")
            tokens.append(cells[columns.token])
            tags.append(cells[columns.tag])
            first = first or number
        if tokens:  # and not comments alone
            yield Located(Sentence(tuple(tokens), tuple(tags)), first, line_a_token=True)


def write_conll(path: Path, sentences: Iterable[Sentence]) -> None:
    """A `token TAB tag` line a token; the first column is the token, the last the tag.

    Raises:
        ValueError: a token would not be read as one.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for sentence in sentences:
            for token in sentence.tokens:
                if token == _DOCUMENT or token.startswith("\ufeff"):
                    raise ValueError(f"expected no {_DOCUMENT} and no byte order mark. Received: {token!r}")
            file.writelines(f"{token}\t{tag}\n" for token, tag in zip(sentence.tokens, sentence.tags, strict=True))
            file.write("\n")


def _cells(line: str) -> list[str]:
    if not line or line.isspace():
        return []
    return line.split("\t") if "\t" in line else [cell for cell in line.split(" ") if cell]


def _check_columns(path: Path, number: int, line: str, columns: Columns) -> None:
    """There must be enough of them for a token and a tag that are not the same."""
    width = len(_cells(line))
    places = {column + width if column < 0 else column for column in (columns.token, columns.tag)}
    if len(places) < 2 or not places <= set(range(width)):
        wanted = f"columns {columns.token} (token) and {columns.tag} (tag)"
        raise CorpusFormatError(path, number, f"expected {wanted}. Received: {width} columns, {line[:80]!r}")
