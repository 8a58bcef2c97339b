"""Gold and predicted tags -> counts that add up over sentences, and the scores that follow from them.

Strict counts are seqeval's with `mode="strict", scheme=IOB2`; conlleval's reading is seqeval's default. Tests hold
both against seqeval and against the output of the conlleval script.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ner.core.tagscheme import tags_to_spans


class Counts(NamedTuple):
    """Of one sentence, or of many, added up: entities in gold, predicted, and in both, bounds and label alike."""

    gold: int = 0
    predicted: int = 0
    correct: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*(one + two for one, two in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Score:
    """Fractions from 0 to 1. What would divide by zero is 0, as in conlleval."""

    precision: float
    recall: float
    f1: float


def count_entities(gold: Sequence[str], predicted: Sequence[str], *, strict: bool) -> Counts:
    """Entities of one sentence; `strict` reads the tags as IOB2, and otherwise as conlleval does."""
    gold_spans = set(tags_to_spans(gold, strict=strict))
    predicted_spans = set(tags_to_spans(predicted, strict=strict))
    return Counts(len(gold_spans), len(predicted_spans), len(gold_spans & predicted_spans))


def score(counts: Counts) -> Score:
    """Precision, recall and their harmonic mean.

    >>> score(Counts(gold=4, predicted=2, correct=1))
    Score(precision=0.5, recall=0.25, f1=0.3333333333333333)
    """
    precision = counts.correct / counts.predicted if counts.predicted else 0.0
    recall = counts.correct / counts.gold if counts.gold else 0.0
    f1 = 2 * counts.correct / (counts.gold + counts.predicted) if counts.gold + counts.predicted else 0.0
    return Score(precision, recall, f1)


def entity_f1(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> float:
    """Strict entity F1 over sentences: what early stopping watches and what the headline says."""
    total = Counts()
    for one, other in zip(gold, predicted, strict=True):
        total = total.plus(count_entities(one, other, strict=True))
    return score(total).f1
