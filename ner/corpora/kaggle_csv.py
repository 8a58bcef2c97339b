"""The CSV in which Kaggle publishes GMB, a token a row -> sentences.

Its header is `Sentence #,Word,POS,Tag`; the first column is filled on a sentence's first row alone, or, in copies that
were filled down, on every row. Every word is text: `None`, `nan` and a lone `"` are words.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from ner.core.sentence import Sentence, is_word
from ner.corpora.lines import CorpusFormatError, Located, read_lines

_HEADER = ["Sentence #", "Word", "POS", "Tag"]


def read_kaggle_csv(path: Path, encoding: str) -> Iterator[Located]:
    """Sentences of a Kaggle CSV, in file order.

    Raises:
        CorpusFormatError: another header, another number of cells, an empty word or tag, a quote without its partner.
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
