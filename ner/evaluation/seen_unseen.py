"""Matched entities and train -> entity F1 of mentions that occur in train, and of mentions that do not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ner.core.entity_f1 import Counts, score
from ner.core.mentions import mention_of, mentions_of
from ner.core.predictions import TaggedSentence
from ner.core.sentence import Sentence
from ner.evaluation.matching import CORRECT, EntityMatch


@dataclass(frozen=True, slots=True)
class SeenUnseen:
    """Entity F1 of seen mentions, and of unseen ones."""

    seen_f1: float
    unseen_f1: float


def seen_unseen_f1(
    sentences: Sequence[TaggedSentence], matches: Iterable[EntityMatch], train: Iterable[Sentence]
) -> SeenUnseen:
    """Compute entity F1 of seen and of unseen mentions.

    A mention is seen if train has one with the same tokens and the same label. Gold and predicted entities are each
    classified by their own tokens and label. So a correct entity is seen, or unseen, on both sides, and every entity
    counts in exactly one of the two scores.
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
