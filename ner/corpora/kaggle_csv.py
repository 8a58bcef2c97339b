"""The CSV in which Kaggle publishes GMB, one token per row -> sentences.

Its header is `Sentence #,Word,POS,Tag`. The first column is filled only in the first row of a sentence or, in some
copies, in every row. Every word is kept as text: `None`, `nan` and a lone `"` are words too.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from ner.core.sentence import Sentence, is_word
from ner.corpora.lines import CorpusFormatError, Located, read_lines

_HEADER = ["Sentence #", "Word", "POS", "Tag"]


def read_kaggle_csv(path: Path, encoding: str) -> Iterator[Located]:
    """Read a Kaggle CSV: yield its sentences in file order.

    Raises:
        CorpusFormatError: wrong header, wrong number of cells, an empty word or tag, or an unclosed quote.
    """
    rows = csv.reader((line + "\n" for line in read_lines(path, encoding)), strict=True)
    tokens: list[str] = []
    tags: list[str] = []
    name, first = "", 0
    try:
        if (header := next(rows, [])) != _HEADER:
            raise CorpusFormatError(
                path, 1, f"expected the header {','.join(_HEADER)}. Received: {','.join(header)[:80]!r}"
            )
        for row in rows:
            if len(row) != len(_HEADER) or not is_word(row[1]) or not row[3] or "\n" in "".join(row):
                raise CorpusFormatError(
                    path, rows.line_num, f"expected sentence, word, POS, tag. Received: {row!r:.80}"
                )
            if row[0] and row[0] != name:
                if tokens:
                    yield Located(Sentence(tuple(tokens), tuple(tags)), first, line_a_token=True)
                tokens, tags, name, first = [], [], row[0], rows.line_num
            elif not name:
                raise CorpusFormatError(
                    path, rows.line_num, f"expected the name of the first sentence. Received: {row!r:.80}"
                )
            tokens.append(row[1])
            tags.append(row[3])
    except csv.Error as error:
        raise CorpusFormatError(path, rows.line_num, f"expected CSV. Received: {error}") from None
    if tokens:
        yield Located(Sentence(tuple(tokens), tuple(tags)), first, line_a_token=True)
