"""Tokens of the training sentences -> a vocabulary, which gives each word an id; lists of words <-> text files."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ner.core.normalisation import normalise

PADDING, UNKNOWN, FIRST_WORD = 0, 1, 2


def read_items(path: Path) -> tuple[str, ...]:
    """Read the items that `write_items` wrote.

    Raises:
        ValueError: the last line has no line break, so that the file is truncated.
    """
    *items, rest = path.read_bytes().decode().split("\n")
    if rest:
        raise ValueError(f"{path}:{len(items) + 1}: expected a line break behind the last item. Received: {rest!r:.60}")
    return tuple(items)


def write_items(path: Path, items: Iterable[str]) -> None:
    """Write one item per line, in UTF-8."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{item}\n" for item in items)


@dataclass(frozen=True)
class Vocabulary:
    """A vocabulary: normalised words in the order of their ids. Any other word has the id UNKNOWN.

    >>> words = Vocabulary.count(["Rome", "and", "ROME"], minimum=2, normalisation=("lowercase",))
    >>> words.items, words.ids(["rome", "and"]).tolist()
    (('<padding>', '<unknown>', 'rome'), [2, 1])
    """

    items: tuple[str, ...]
    normalisation: tuple[str, ...]

    @classmethod
    def count(cls, tokens: Iterable[str], minimum: int, normalisation: tuple[str, ...]) -> "Vocabulary":
        """Build the vocabulary of words that occur at least `minimum` times.

        Padding and unknown come first, then words by descending frequency; ties are in code point order.
        """
        counts = Counter(normalise(token, normalisation) for token in tokens)
        kept = sorted((-count, word) for word, count in counts.items() if count >= minimum)
        return cls(("<padding>", "<unknown>", *(word for _, word in kept)), normalisation)

    def __len__(self) -> int:
        return len(self.items)

    def ids(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        """Normalise tokens and look up their ids, `(T,)`; out-of-vocabulary tokens get UNKNOWN."""
        words = (normalise(token, self.normalisation) for token in tokens)
        return np.array([self._index.get(word, UNKNOWN) for word in words], np.int32)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {word: index for index, word in enumerate(self.items) if index >= FIRST_WORD}
