"""Sentences of unlabelled text -> those that are neither too short nor too long to train on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence


def of_length(
    sentences: Iterable[Sequence[str]], shortest: int, longest: int, counts: Counter[str]
) -> Iterator[Sequence[str]]:
    """Yield the sentences of `shortest` to `longest` tokens, and count the others as under_shortest or over_longest."""
    for tokens in sentences:
        if len(tokens) < shortest:
            counts["under_shortest"] += 1
        elif len(tokens) > longest:
            counts["over_longest"] += 1
        else:
            yield tokens
