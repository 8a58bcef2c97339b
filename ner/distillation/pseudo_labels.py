"""Unlabelled text and a tagger -> sentences with the tags that it gives them, to train on before a corpus.

Self-training in two steps: a network is first trained on these sentences, then on the corpus (He et al. 2020,
"Revisiting self-training for neural sequence generation", who call them pseudo-training and fine-tuning). What people
have not checked is silver; gold is the corpus.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner.core.params import within
from ner.core.sentence import Sentence
from ner.core.tagscheme import OUTSIDE
from ner.distillation.sentence_lengths import of_length
from ner.model.parameters import TrainingParams


class SilverError(ValueError):
    """Nothing of the text is fit to be learnt from."""


@dataclass(frozen=True)
class SilverParams:
    """A network that was trained on silver sentences alone, `models/<name>`, for runs to name as their base."""

    corpus: str  # of the teacher
    teacher: str  # the run whose exported tagger tags the text
    network: str  # that of the teacher
    embeddings: tuple[str, ...]  # that the network reads
    text: str  # one of these that is trained here: the text that it is trained on
    shortest: int  # tokens of a sentence
    longest: int
    sentences: int  # that are kept, at most
    confidence: float  # a sentence is kept if each of its tags has at least this probability
    seed: int  # of the draw
    min_count: int  # words rarer in the silver sentences are unknown
    training: TrainingParams

    def __post_init__(self) -> None:
        within("shortest", self.shortest, 1, 1000)
        within("longest", self.longest, self.shortest, 1000)
        within("sentences", self.sentences, 1, 10_000_000)
        within("confidence", self.confidence, 0, 1)
        within("seed", self.seed, 0, 2**32 - 1)
        within("min_count", self.min_count, 1, 1000)


def draw(sentences: Iterable[Sequence[str]], params: SilverParams, counts: Counter[str]) -> list[Sequence[str]]:
    """Those of the wanted length, in random order; `counts` is told of others: under_shortest, over_longest."""
    drawn = list(of_length(sentences, params.shortest, params.longest, counts))
    random.Random(params.seed).shuffle(drawn)
    return drawn


def choose(
    tagged: Iterable[tuple[Sentence, NDArray[np.floating]]],
    tags: Sequence[str],
    params: SilverParams,
    counts: Counter[str],
) -> Iterator[Sentence]:
    """The first sentences that have an entity and whose tags are sure enough, until there are as many as wanted.

    Args:
        tagged: sentences, and the probabilities of each tag, `(T, K)`.
        tags: by id, K.
        params: what is wanted.
        counts: what is looked at is added here: tagged, without_entity, unsure, kept.
    """
    number = {tag: index for index, tag in enumerate(tags)}
    for sentence, probabilities in tagged:
        counts["tagged"] += 1
        if all(tag == OUTSIDE for tag in sentence.tags):
            counts["without_entity"] += 1
        elif min(row[number[tag]] for row, tag in zip(probabilities, sentence.tags, strict=True)) < params.confidence:
            counts["unsure"] += 1
        else:
            counts["kept"] += 1
            yield sentence
            if counts["kept"] == params.sentences:
                return
