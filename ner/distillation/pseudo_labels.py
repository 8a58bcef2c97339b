"""Unlabelled text and a teacher -> pseudo-labelled sentences, to train a student on before it is fine-tuned.

This is self-training in two steps: the student is trained on the pseudo-labelled sentences, then on the corpus (He et
al. 2020, "Revisiting self-training for neural sequence generation": pseudo-training and fine-tuning).
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
    """No sentence of the text can be used for training."""


class PseudoLabelParams(Params):
    """An entry of `pseudo_labels`: a student trained on pseudo-labelled sentences alone, for runs to name as `base`.

    It is written to `models/<name>`.
    """

    corpus: Name = Field(description="the corpus of the teacher")
    teacher: Name = Field(description="the run whose exported tagger tags the text")
    network: Name = Field(description="the network of the teacher")
    embeddings: tuple[Name, ...] = Field(description="the embeddings that the network reads")
    text: Name = Field(description="one of these embeddings that is trained here: its text is tagged")
    shortest: int = Field(ge=1, le=1000, description="tokens of the shortest sentence that is used")
    longest: int = Field(ge=1, le=1000, description="tokens of the longest sentence that is used")
    sentences: int = Field(ge=1, le=10_000_000, description="maximal number of sentences that are kept")
    confidence: float = Field(
        ge=0, le=1, description="a sentence is kept if each of its predicted tags has at least this probability"
    )
    seed: Seed = Field(description="of the random order in which sentences are tagged")
    min_count: int = Field(
        ge=1, le=1000, description="words rarer than this in the pseudo-labelled sentences are unknown"
    )
    training: TrainingParams

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.longest < self.shortest:
            raise ValueError(f"longest: expected {self.shortest} or more. Received: {self.longest}")
        return self


def draw(sentences: Iterable[Sequence[str]], params: PseudoLabelParams, counts: Counter[str]) -> list[Sequence[str]]:
    """Keep the sentences of `shortest` to `longest` tokens, and shuffle them.

    The sentences that are dropped are counted in `counts`, as under_shortest and over_longest.
    """
    drawn = list(of_length(sentences, params.shortest, params.longest, counts))
    random.Random(params.seed).shuffle(drawn)
    return drawn


def choose(
    tagged: Iterable[tuple[Sentence, NDArray[np.floating]]],
    tags: Sequence[str],
    params: PseudoLabelParams,
    counts: Counter[str],
) -> Iterator[Sentence]:
    """Yield the sentences that have an entity and confident tags, until `params.sentences` are kept.

    Args:
        tagged: sentences with predicted tags, and the probabilities of all K tags at each token, `(T, K)`.
        tags: the tag set, by id.
        params: the least confidence, and the number of sentences.
        counts: counts sentences as tagged, without_entity, unsure and kept.
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
