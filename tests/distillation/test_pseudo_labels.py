"""Which pseudo-labelled sentences are kept."""

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from ner.core.sentence import Sentence
from ner.distillation.pseudo_labels import PseudoLabelParams, choose, draw
from ner.model.parameters import TrainingParams

TAGS = ("B-LOC", "I-LOC", "O")


@pytest.fixture
def params(training_params: TrainingParams) -> PseudoLabelParams:
    return PseudoLabelParams(
        corpus="toy",
        teacher="teacher",
        network="small",
        embeddings=("one",),
        text="one",
        shortest=2,
        longest=4,
        sentences=2,
        confidence=0.6,
        seed=1,
        min_count=1,
        training=training_params,
    )


def test_draw_keeps_sentences_of_the_given_lengths_in_an_order_of_the_seed(params: PseudoLabelParams) -> None:
    sentences = [(str(number),) * (1 + number % 5) for number in range(50)]
    kept = [tokens for tokens in sentences if 2 <= len(tokens) <= 4]
    counts: Counter[str] = Counter()
    drawn = draw(sentences, params, counts)
    assert sorted(drawn) == sorted(kept)
    assert drawn != kept
    assert counts == {"under_shortest": 10, "over_longest": 10}
    assert draw(sentences, params, counts) == drawn
    assert draw(sentences, params.replace(seed=2), counts) != drawn


def predicted(tags: str, *sure: float) -> tuple[Sentence, NDArray[np.float64]]:
    """Make a sentence with predicted tags, each with the given probability."""
    named = tags.split()
    probabilities = np.zeros((len(named), len(TAGS)))
    for row, tag, probability in zip(probabilities, named, sure, strict=True):
        row[:] = (1 - probability) / 2
        row[TAGS.index(tag)] = probability
    return Sentence(("word",) * len(named), tuple(named)), probabilities


def test_choose_keeps_sure_sentences_with_an_entity_until_there_are_enough(params: PseudoLabelParams) -> None:
    tagged = [
        predicted("O O", 1, 1),
        predicted("B-LOC O", 0.9, 0.59),
        predicted("B-LOC O", 0.6, 0.6),
        predicted("O B-LOC", 0.9, 0.4),  # less probable than all others together, though the path is the best
        predicted("O B-LOC I-LOC", 1, 0.7, 0.8),
        predicted("B-LOC O", 1, 1),
    ]
    counts: Counter[str] = Counter()
    kept = list(choose(tagged, TAGS, params, counts))
    assert kept == [tagged[2][0], tagged[4][0]]
    assert counts == {"tagged": 5, "without_entity": 1, "unsure": 2, "kept": 2}
