"""`train.conll`, `dev.conll` and `test.conll` of data/sentences/<corpus> <-> sentences in IOB2.

Readers of published formats are in `ner.corpora`, on which training does not depend: changing one retrains nothing.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ner.core.columns import DOCUMENT, read_tab_columns
from ner.core.sentence import Sentence, is_word


def read_sentences(path: Path) -> list[Sentence]:
    """Read the sentences that `write_sentences` wrote; their documents are numbered from 0.

    Raises:
        LineError: a line is not a token and a tag, separated by a tab.
    """
    return list(_numbered(read_tab_columns(path, 2, boundary=[DOCUMENT])))


def _numbered(columns: Iterable[tuple[tuple[str, ...], ...]]) -> Iterator[Sentence]:
    document = 0
    for cells in columns:
        if len(cells) == 1:
            document += 1
        else:
            tokens, tags = cells
            yield Sentence(tokens, tags, document)


def write_sentences(path: Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences in UTF-8: a line `token TAB tag` per token, and a blank line after each sentence.

    Between two documents there is a line `-DOCSTART-`, without a tag, and a blank line.

    Raises:
        ValueError: a sentence is empty, or a token or tag could not be read back (see `is_word`).
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        document: int | None = None
        for sentence in sentences:
            if document not in (None, sentence.document):
                file.write(f"{DOCUMENT}\n\n")
            document = sentence.document
            for word in (*sentence.tokens, *sentence.tags):
                if not is_word(word):
                    raise ValueError(f"expected a visible token or tag, without tab or line break. Received: {word!r}")
            if not sentence.tokens:
                raise ValueError("expected a sentence of at least one token. Received: none")
            file.writelines(f"{token}\t{tag}\n" for token, tag in zip(sentence.tokens, sentence.tags, strict=True))
            file.write("\n")
