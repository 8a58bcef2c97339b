"""Words of the training sentences -> numbers; on disk one item a line."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PADDING, UNKNOWN, FIRST_WORD = 0, 1, 2


def read_items(path: Path) -> tuple[str, ...]:
    """What `write_items` wrote."""
    return tuple(path.read_bytes().decode().removesuffix("\n").split("\n"))


def write_items(path: Path, items: Sequence[str]) -> None:
    """One item a line, in UTF-8."""
    path.write_text("".join(f"{item}\n" for item in items), encoding="utf-8", newline="\n")


@dataclass(frozen=True)
class Vocabulary:
    """Words in the order of their ids; a word that is not among them has the id UNKNOWN.

    >>> words = Vocabulary.count(["Rome", "and", "Rome"], minimum=2)
    >>> words.items, words.ids(["Rome", "and"]).tolist()
    (('<padding>', '<unknown>', 'Rome'), [2, 1])
    """

    items: tuple[str, ...]

    @classmethod
    def count(cls, words: Iterable[str], minimum: int) -> "Vocabulary":
        """Padding, unknown, then words seen at least `minimum` times, the frequent first, ties in code point order."""
        counts = Counter(words)
        kept = sorted((-count, word) for word, count in counts.items() if count >= minimum)
        return cls(("<padding>", "<unknown>", *(word for _, word in kept)))

    def __len__(self) -> int:
        return len(self.items)

    def ids(self, items: Sequence[str]) -> NDArray[np.int32]:
        """The id of each item, `(len(items),)`."""
        return np.array([self._index.get(item, UNKNOWN) for item in items], np.int32)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {item: index for index, item in enumerate(self.items)}
