"""Gold and predicted tags -> entity counts, which add up over sentences, and precision, recall and F1.

Strict counts equal those of seqeval with `mode="strict", scheme=IOB2`; lenient counts equal those of the conlleval
script and of seqeval by default. Tests compare both with seqeval and with the output of conlleval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ner.core.tagscheme import tags_to_spans


class Counts(NamedTuple):
    """Numbers of gold, predicted and correct entities, of one sentence or summed over many.

    An entity is correct if a gold entity has the same start, end and label.
    """

    gold: int = 0
    predicted: int = 0
    correct: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*(one + two for one, two in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 from 0 to 1; each is 0 where its denominator is 0, as in conlleval."""

    precision: float
    recall: float
    f1: float


def count_entities(gold: Sequence[str], predicted: Sequence[str], *, strict: bool) -> Counts:
    """Count the entities of one sentence; `strict` reads the tags as strict IOB2, otherwise as conlleval does."""
    gold_spans = set(tags_to_spans(gold, strict=strict))
    predicted_spans = set(tags_to_spans(predicted, strict=strict))
    return Counts(len(gold_spans), len(predicted_spans), len(gold_spans & predicted_spans))


def score(counts: Counts) -> Score:
    """Compute precision, recall and F1 from counts.

    >>> score(Counts(gold=4, predicted=2, correct=1))
    Score(precision=0.5, recall=0.25, f1=0.3333333333333333)
    """
    precision = counts.correct / counts.predicted if counts.predicted else 0.0
    recall = counts.correct / counts.gold if counts.gold else 0.0
    f1 = 2 * counts.correct / (counts.gold + counts.predicted) if counts.gold + counts.predicted else 0.0
    return Score(precision, recall, f1)


def entity_f1(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> float:
    """Compute strict micro-averaged entity F1 over all sentences: the score of early stopping and of the tables."""
    total = Counts()
    for one, other in zip(gold, predicted, strict=True):
        total = total.plus(count_entities(one, other, strict=True))
    return score(total).f1
