"""Column files, a token a line and a blank line after each sentence <-> sentences.

CoNLL-2003, ANERCorp and BC5CDR's IOB files are of this kind, and so is what `preprocess` writes.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from ner.corpus.catalogue import Columns
from ner.corpus.lines import CorpusFormatError, Located, read_lines
from ner.sentence import Sentence

OUR_COLUMNS = Columns(token=0, tag=1)
_DOCUMENT_START = "-DOCSTART-"


def read_conll(path: Path, encoding: str, columns: Columns) -> Iterator[Located]:
    """Sentences of a column file; lines of a `-DOCSTART-` token end a sentence and belong to none.

    Columns are separated by tabs if the line has one, so that a token may hold a space, and else by blanks.

    Raises:
        CorpusFormatError: a line has other columns than the first one, or lacks those that are asked for.
    """
    width = 0
    numbered = enumerate(read_lines(path, encoding), start=1)
    for is_boundary, lines in groupby(numbered, key=lambda item: _is_boundary(item[1])):
        if is_boundary:
            continue
        tokens, tags, first = [], [], 0
        for number, line in lines:
            cells = line.split("\t") if "\t" in line else line.split()
            width = width or len(cells)
            if len(cells) != width:
                raise CorpusFormatError(path, number, f"expected {width} columns, as above. Received: {line[:80]!r}")
            try:
                token, tag = cells[columns.token], cells[columns.tag]
            except IndexError:
                raise CorpusFormatError(
                    path, number, f"expected {columns}. Received: {width} columns, {line[:80]!r}"
                ) from None
            if not token or not tag:
                raise CorpusFormatError(path, number, f"expected a token and a tag. Received: {line[:80]!r}")
            tokens.append(token)
            tags.append(tag)
            first = first or number
        yield Located(Sentence(tuple(tokens), tuple(tags)), first)


def read_sentences(path: Path) -> list[Sentence]:
    """All sentences of a file that `write_conll` wrote."""
    return [located.sentence for located in read_conll(path, "utf-8", OUR_COLUMNS)]


def write_conll(path: Path, sentences: Iterable[Sentence]) -> None:
    """Writes `token TAB tag` lines in UTF-8, each sentence followed by a blank line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for sentence in sentences:
            file.writelines(f"{token}\t{tag}\n" for token, tag in zip(sentence.tokens, sentence.tags, strict=True))
            file.write("\n")


def _is_boundary(line: str) -> bool:
    return not line or line.isspace() or line.startswith(_DOCUMENT_START)
