"""Which documents are tagged, and which pseudo-labelled sentences are kept."""

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from ner.core.sentence import Sentence
from ner.distillation.distill_parameters import DistillParams
from ner.distillation.pseudo_labels import COUNTS, choose, draw_documents, with_ends
from ner.model.parameters import TrainingParams

TAGS = ("B-LOC", "I-LOC", "O")


@pytest.fixture
def params(training_params: TrainingParams) -> DistillParams:
    return DistillParams(
        corpus="toy",
        teachers=("teacher",),
        text="one",
        lines=1,
        shortest=2,
        longest=4,
        sentences=2,
        confidence=0.6,
        seed=1,
        network="small",
        embeddings=("one",),
        min_count=1,
        training=training_params,
    )


def test_draw_documents_keeps_neighbouring_lines_together_in_an_order_of_the_seed() -> None:
    lines = [[(f"{line}", f"{place}") for place in range(1 + line % 3)] for line in range(32)]
    documents = draw_documents(lines, 3, seed=1)
    in_order = [[sentence for line in lines[start : start + 3] for sentence in line] for start in range(0, 32, 3)]
    assert sorted(documents) == sorted(in_order)
    assert documents != in_order
    assert draw_documents(lines, 3, seed=1) == documents
    assert draw_documents(lines, 3, seed=2) != documents


def test_with_ends_marks_the_end_of_each_document() -> None:
    assert list(with_ends([[("a",), ("b", "c")], [("d",)]])) == [("a",), ("b", "c"), (), ("d",), ()]


def predicted(tags: str, *sure: float) -> tuple[Sentence, NDArray[np.float64]]:
    """Make a sentence with predicted tags, each with the given probability."""
    named = tags.split()
    probabilities = np.zeros((len(named), len(TAGS)))
    for row, tag, probability in zip(probabilities, named, sure, strict=True):
        row[:] = (1 - probability) / 2
        row[TAGS.index(tag)] = probability
    return Sentence(("word",) * len(named), tuple(named)), probabilities


def test_choose_keeps_sure_sentences_with_an_entity_until_there_are_enough(params: DistillParams) -> None:
    tagged = [
        predicted("O O", 1, 1),
        predicted("B-LOC", 1),
        predicted("O O O O B-LOC", 1, 1, 1, 1, 1),
        predicted("B-LOC O", 0.9, 0.59),
        predicted("B-LOC O", 0.6, 0.6),
        predicted("O B-LOC", 0.9, 0.4),  # less probable than all others together, though the path is the best
        predicted("O B-LOC I-LOC O", 1, 0.7, 0.8, 1),
        predicted("B-LOC O", 1, 1),
    ]
    counts: Counter[str] = Counter()
    kept = list(choose(tagged, TAGS, params, counts))
    assert kept == [tagged[4][0], tagged[6][0]]
    assert counts == {
        "tagged": 7,
        "under_shortest": 1,
        "over_longest": 1,
        "without_entity": 1,
        "unsure": 2,
        "kept": 2,
    }
    assert counts.keys() == set(COUNTS)
