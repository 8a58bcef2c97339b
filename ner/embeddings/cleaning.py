"""Lines of text -> tokens fit to train on: no short lines, no repeats, nothing of a dev or test set."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import regex  # the standard library's has no combining marks

from ner.core.errors import NerError
from ner.core.normalisation import normalise

SHORTEST = 4  # words of a line
COUNTS = ("lines", "short", "duplicate", "overlapping", "kept", "tokens")  # what `clean` counts
RUN = 10  # words in a row that a line may not share with a sentence that is held out
_WORD = regex.compile(r"\w+")


class HeldOutTextError(NerError):
    """Text to train on has words of a dev or test set."""


@dataclass(frozen=True)
class HeldOut:
    """What dev and test sets say, as `comparable` words joined by spaces."""

    runs: frozenset[str]  # every RUN words in a row
    sentences: frozenset[str]  # whole sentences of SHORTEST words or more

    @classmethod
    def of(cls, sentences: Iterable[Iterable[str]]) -> "HeldOut":
        """From the tokens of dev and test sentences."""
        runs: set[str] = set()
        whole: set[str] = set()
        for tokens in sentences:
            words = comparable(tokens)
            runs.update(_runs(words))
            if len(words) >= SHORTEST:
                whole.add(" ".join(words))
        return cls(frozenset(runs), frozenset(whole))

    def shares(self, words: list[str]) -> bool:
        """Whether a line of these comparable words is a sentence that is held out, or has RUN words of one in a row."""
        return " ".join(words) in self.sentences or any(run in self.runs for run in _runs(words))


def comparable(tokens: Iterable[str]) -> list[str]:
    """Runs of letters and digits, lower-cased, without Arabic diacritics: alike however a text was cut.

    Digits stay: with 0 for each, one result of a clinical trial would read like any other.

    >>> comparable(["The", "U.S.-led", "1996", "plan"])
    ['the', 'u', 's', 'led', '1996', 'plan']
    """
    return _WORD.findall(normalise(" ".join(tokens), ("lowercase", "arabic")))


def clean(
    lines: Iterable[str],
    cut: Callable[[str], list[str]],
    normalisation: tuple[str, ...],
    held_out: HeldOut,
    counts: Counter[str],
) -> Iterator[list[str]]:
    """The tokens of each line that is kept, not yet normalised, so that what is kept can be checked.

    Args:
        lines: as read.
        cut: a line -> its tokens.
        normalisation: lines that are alike after it are duplicates.
        held_out: what a kept line shares nothing with.
        counts: what is read, dropped and kept is added here, under the names of COUNTS.
    """
    seen: set[bytes] = set()
    forms = Forms(normalisation)
    for line in lines:
        counts["lines"] += 1
        tokens = cut(line)
        words = comparable(tokens)
        normalised = " ".join(forms[token] for token in tokens)
        digest = hashlib.blake2b(normalised.encode(), digest_size=16).digest()
        if len(words) < SHORTEST:
            counts["short"] += 1
        elif digest in seen:
            counts["duplicate"] += 1
        elif held_out.shares(words):
            counts["overlapping"] += 1
        else:
            seen.add(digest)
            counts["kept"] += 1
            counts["tokens"] += len(tokens)
            yield tokens


def check_held_out(lines: Iterable[list[str]], held_out: HeldOut) -> None:
    """Raises HeldOutTextError at the first line that shares with a dev or test sentence what it may not."""
    for number, tokens in enumerate(lines, start=1):
        if held_out.shares(comparable(tokens)):
            raise HeldOutTextError(
                f"cleaned text, line {number}: expected fewer than {RUN} words in a row of any dev or test sentence. "
                f"Received: {' '.join(tokens)!r:.200}"
            )


class Forms(dict[str, str]):
    """token -> its normalised form, kept once it is known: a text repeats its words."""

    def __init__(self, normalisation: tuple[str, ...]) -> None:
        super().__init__()
        self.normalisation = normalisation

    def __missing__(self, token: str) -> str:
        self[token] = normalise(token, self.normalisation)
        return self[token]


def _runs(words: list[str]) -> Iterator[str]:
    return (" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1))
