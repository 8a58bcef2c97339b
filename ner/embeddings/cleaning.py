"""Lines of text -> tokens to train on, without short lines, duplicates, or text of dev and test sets."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import regex  # in the standard library's re, \w does not match combining marks

from ner.core.errors import NerError
from ner.core.normalisation import normalise

SHORTEST = 4  # words; shorter lines are dropped
COUNTS = ("lines", "short", "duplicate", "overlapping", "kept", "tokens")  # what `clean` counts
RUN = 10  # a line with this many consecutive words of a held-out sentence is dropped
_WORD = regex.compile(r"\w+")


class HeldOutTextError(NerError):
    """Training text contains text of a dev or test set."""


@dataclass(frozen=True)
class HeldOut:
    """The held-out text, of dev and test sets, as `comparable` words joined by spaces."""

    runs: frozenset[str]  # all n-grams of RUN words
    sentences: frozenset[str]  # whole sentences of SHORTEST words or more

    @classmethod
    def of(cls, sentences: Iterable[Iterable[str]]) -> "HeldOut":
        """Build it from the tokens of dev and test sentences."""
        runs: set[str] = set()
        whole: set[str] = set()
        for tokens in sentences:
            words = comparable(tokens)
            runs.update(_runs(words))
            if len(words) >= SHORTEST:
                whole.add(" ".join(words))
        return cls(frozenset(runs), frozenset(whole))

    def shares(self, words: list[str]) -> bool:
        """Tell whether a line of comparable words is a held-out sentence, or shares RUN consecutive words with one."""
        return " ".join(words) in self.sentences or any(run in self.runs for run in _runs(words))


def comparable(tokens: Iterable[str]) -> list[str]:
    """Reduce tokens to lower-cased runs of letters and digits without Arabic diacritics, for comparing texts.

    The result is the same however the text was tokenized. Digits are kept: with 0 for each, many sentences that report
    different results of clinical trials would be equal.

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
    """Drop short, duplicate and held-out lines; yield the tokens of each line that is kept, not normalised.

    Args:
        lines: lines of raw text.
        cut: tokenizes a line.
        normalisation: lines that are equal after it count as duplicates.
        held_out: text of dev and test sets; lines that share text with it are dropped.
        counts: counters to which the lines read, dropped and kept are added, under the names of COUNTS.
    """
    cleaner = Cleaner(normalisation, held_out, counts)
    return filter(cleaner.keeps, map(cut, lines))


class Cleaner:
    """Tells which lines of a text are kept, and counts them. It remembers those it kept, to drop their duplicates."""

    def __init__(self, normalisation: tuple[str, ...], held_out: HeldOut, counts: Counter[str]) -> None:
        """Keep nothing yet; for the arguments see `clean`."""
        self._forms, self._held_out, self._counts = Forms(normalisation), held_out, counts
        self._seen: set[bytes] = set()

    def keeps(self, tokens: list[str]) -> bool:
        """Tell whether the next line is kept: it is not short, no duplicate, and shares no text with `held_out`."""
        counts = self._counts
        counts["lines"] += 1
        words = comparable(tokens)
        normalised = " ".join(self._forms[token] for token in tokens)
        digest = hashlib.blake2b(normalised.encode(), digest_size=16).digest()
        if len(words) < SHORTEST:
            counts["short"] += 1
        elif digest in self._seen:
            counts["duplicate"] += 1
        elif self._held_out.shares(words):
            counts["overlapping"] += 1
        else:
            self._seen.add(digest)
            counts["kept"] += 1
            counts["tokens"] += len(tokens)
            return True
        return False


def check_held_out(lines: Iterable[list[str]], held_out: HeldOut) -> None:
    """Raise HeldOutTextError at the first line that shares text with a dev or test sentence (`HeldOut.shares`)."""
    for number, tokens in enumerate(lines, start=1):
        if held_out.shares(comparable(tokens)):
            raise HeldOutTextError(
                f"cleaned text, line {number}: expected fewer than {RUN} words in a row of any dev or test sentence. "
                f"Received: {' '.join(tokens)!r:.200}"
            )


class Forms(dict[str, str]):
    """A cache of normalised tokens: `forms[token]` normalises a token on its first look-up."""

    def __init__(self, normalisation: tuple[str, ...]) -> None:
        super().__init__()
        self.normalisation = normalisation

    def __missing__(self, token: str) -> str:
        self[token] = normalise(token, self.normalisation)
        return self[token]


def _runs(words: list[str]) -> Iterator[str]:
    return (" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1))
