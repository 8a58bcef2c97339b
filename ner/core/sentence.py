"""The two values that all stages share: a tagged sentence, and a labelled span of tokens or characters."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


def is_word(text: str) -> bool:
    """Tell whether `text` can be a token or a tag: not empty, not only whitespace, no tab, line break or NUL."""
    return bool(text) and not text.isspace() and not any(character in text for character in "\t\n\r\0")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: tokens and their tags, one tag per token.

    `document` is the number of its document in the corpus. It is 0 if the corpus does not tell its documents apart.

    Raises:
        ValueError: the numbers of tokens and tags differ.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    document: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if len(self.tokens) != len(self.tags):
            raise ValueError(f"expected one tag a token. Received: {len(self.tokens)} tokens, {len(self.tags)} tags")

    def __len__(self) -> int:
        return len(self.tokens)


def tokens_of(sentences: Iterable[Sentence]) -> Iterator[tuple[str, ...]]:
    """Yield the tokens of each sentence, and `()` between two documents, as a tagger reads them.

    >>> list(tokens_of([Sentence(("a",), ("O",), 1), Sentence(("b",), ("O",), 1), Sentence(("c",), ("O",), 2)]))
    [('a',), ('b',), (), ('c',)]
    """
    document: int | None = None
    for sentence in sentences:
        if document not in (None, sentence.document):
            yield ()
        document = sentence.document
        yield sentence.tokens


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A labelled half-open span: `Span(0, 2, "PER")` covers tokens 0 and 1, or characters 0 and 1 of a text."""

    start: int
    end: int
    label: str
