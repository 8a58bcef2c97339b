"""`train.conll`, `dev.conll` and `test.conll` of data/sentences/<corpus> <-> sentences in IOB2.

Readers of published formats are elsewhere, so that a change to one of them trains nothing anew.
"""

from collections.abc import Iterable
from pathlib import Path

from ner.core.columns import read_tab_columns
from ner.core.sentence import Sentence, is_word


def read_sentences(path: Path) -> list[Sentence]:
    """Read what `write_sentences` wrote.

    Raises:
        LineError: a line is no token and tag.
    """
    return [Sentence(tokens, tags) for tokens, tags in read_tab_columns(path, 2)]


def write_sentences(path: Path, sentences: Iterable[Sentence]) -> None:
    """A `token TAB tag` line a token, in UTF-8, and a blank line after each sentence.

    Raises:
        ValueError: a sentence has no token, or a token or tag is not a word that would come back.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for sentence in sentences:
            for word in (*sentence.tokens, *sentence.tags):
                if not is_word(word):
                    raise ValueError(f"expected a token or tag that shows, without tab or line end. Received: {word!r}")
            if not sentence.tokens:
                raise ValueError("expected a sentence of at least one token. Received: none")
            file.writelines(f"{token}\t{tag}\n" for token, tag in zip(sentence.tokens, sentence.tags, strict=True))
            file.write("\n")
