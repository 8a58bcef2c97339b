"""Unlabelled text and a tagger -> sentences with the tags that it gives them, to train on before a corpus.

Self-training in two steps: a network is first trained on these sentences, then on the corpus (He et al. 2020,
"Revisiting self-training for neural sequence generation", who call them pseudo-training and fine-tuning).
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from ner.core.errors import NerError
from ner.core.params import Name, Params, Seed
from ner.core.sentence import Sentence
from ner.core.tagscheme import OUTSIDE
from ner.distillation.sentence_lengths import of_length
from ner.model.parameters import TrainingParams


class PseudoLabelError(NerError):
    """Nothing of the text is fit to be learnt from."""


class PseudoLabelParams(Params):
    """A network that is trained on pseudo-labelled sentences alone, `models/<name>`, for runs to start from."""

    corpus: Name = Field(description="of the teacher")
    teacher: Name = Field(description="the run whose exported tagger tags the text")
    network: Name = Field(description="that of the teacher")
    embeddings: tuple[Name, ...] = Field(description="that the network reads")
    text: Name = Field(description="one of these that is trained here: the text that it is trained on")
    shortest: int = Field(ge=1, le=1000, description="tokens of a sentence")
    longest: int = Field(ge=1, le=1000, description="tokens of a sentence")
    sentences: int = Field(ge=1, le=10_000_000, description="that are kept, at most")
    confidence: float = Field(ge=0, le=1, description="the least probability of each tag of a sentence that is kept")
    seed: Seed = Field(description="of the draw")
    min_count: int = Field(ge=1, le=1000, description="words rarer in the pseudo-labelled sentences are unknown")
    training: TrainingParams

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.longest < self.shortest:
            raise ValueError(f"longest: expected {self.shortest} or more. Received: {self.longest}")
        return self


def draw(sentences: Iterable[Sequence[str]], params: PseudoLabelParams, counts: Counter[str]) -> list[Sequence[str]]:
    """Those of the wanted length, in random order; `counts` is told of others: under_shortest, over_longest."""
    drawn = list(of_length(sentences, params.shortest, params.longest, counts))
    random.Random(params.seed).shuffle(drawn)
    return drawn


def choose(
    tagged: Iterable[tuple[Sentence, NDArray[np.floating]]],
    tags: Sequence[str],
    params: PseudoLabelParams,
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
