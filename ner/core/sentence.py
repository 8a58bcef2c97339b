"""The two values that travel through the pipeline: a tagged sentence, and a labelled span of it."""

from dataclasses import dataclass


def is_word(text: str) -> bool:
    """Whether `text` can be a token or a tag: it shows something, and holds no tab, no line end and no NUL."""
    return bool(text) and not text.isspace() and not any(character in text for character in "\t\n\r\0")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens and their tags, one tag a token.

    Raises:
        ValueError: there are more tokens than tags or the reverse.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.tokens) != len(self.tags):
            raise ValueError(f"expected one tag a token. Received: {len(self.tokens)} tokens, {len(self.tags)} tags")

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """`start` to `end`, without `end`, are `label`: `Span(0, 2, "PER")` covers two tokens, or characters of a text."""

    start: int
    end: int
    label: str
