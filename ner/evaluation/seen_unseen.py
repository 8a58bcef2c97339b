"""Outcomes and train -> how well mentions are found that train has, and how well those that it has not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ner.core.entity_f1 import Counts, score
from ner.core.mentions import mention_of, mentions_of
from ner.core.predictions import TaggedSentence
from ner.core.sentence import Sentence
from ner.evaluation.matching import CORRECT, EntityMatch


@dataclass(frozen=True, slots=True)
class SeenUnseen:
    """Entity F1 among seen mentions, and among the others."""

    seen_f1: float
    unseen_f1: float


def novelty(
    sentences: Sequence[TaggedSentence], matches: Iterable[EntityMatch], train: Iterable[Sentence]
) -> SeenUnseen:
    """F1 by whether train has a mention of the same tokens with the same label.

    Gold entities are told apart so, and predicted ones by what is predicted: their own tokens and label. An entity that
    is correct is thus seen on both sides or on neither, and the two scores share all entities out between them.
    """
    known = set(mentions_of(train))
    gold, predicted, correct = ([0, 0], [0, 0], [0, 0])
    for match in matches:
        tokens = sentences[match.sentence].tokens
        if match.gold:
            gold[mention_of(tokens, match.gold) in known] += 1
        if match.predicted:
            seen = mention_of(tokens, match.predicted) in known
            predicted[seen] += 1
            correct[seen] += match.kind == CORRECT
    unseen_f1, seen_f1 = (score(Counts(*numbers)).f1 for numbers in zip(gold, predicted, correct, strict=True))
    return SeenUnseen(seen_f1=seen_f1, unseen_f1=unseen_f1)
