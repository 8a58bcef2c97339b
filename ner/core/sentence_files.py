"""`train.conll`, `dev.conll` and `test.conll` of data/sentences/<corpus> <-> sentences in IOB2.

Readers of published formats are in `ner.corpora`, on which training does not depend: changing one retrains nothing.
"""

from collections.abc import Iterable
from pathlib import Path

from ner.core.columns import read_tab_columns
from ner.core.sentence import Sentence, is_word


def read_sentences(path: Path) -> list[Sentence]:
    """Read the sentences that `write_sentences` wrote.

    Raises:
        LineError: a line is not a token and a tag, separated by a tab.
    """
    return [Sentence(tokens, tags) for tokens, tags in read_tab_columns(path, 2)]


def write_sentences(path: Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences in UTF-8: a line `token TAB tag` per token, and a blank line after each sentence.

    Raises:
        ValueError: a sentence is empty, or a token or tag could not be read back (see `is_word`).
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for sentence in sentences:
            for word in (*sentence.tokens, *sentence.tags):
                if not is_word(word):
                    raise ValueError(f"expected a visible token or tag, without tab or line break. Received: {word!r}")
            if not sentence.tokens:
                raise ValueError("expected a sentence of at least one token. Received: none")
            file.writelines(f"{token}\t{tag}\n" for token, tag in zip(sentence.tokens, sentence.tags, strict=True))
            file.write("\n")
