"""Unlabelled text -> documents for teachers to tag; what they predict -> the sentences that a student is trained on.

Training a student on sentences that teachers tagged, and then on the corpus, is self-training with pseudo-training and
fine-tuning (He et al. 2020, "Revisiting self-training for neural sequence generation").
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ner.core.sentence import Sentence
from ner.core.tagscheme import OUTSIDE
from ner.distillation.distill_parameters import DistillParams

COUNTS = ("tagged", "under_shortest", "over_longest", "without_entity", "unsure", "kept")  # what `choose` counts

Tokens = Sequence[str]


def draw_documents(lines: Iterable[Sequence[Tokens]], size: int, seed: int) -> list[list[Tokens]]:
    """Join neighbouring lines of text to documents, and shuffle these.

    A teacher with a pretrained encoder reads a sentence with its neighbours. So sentences that stand together in the
    text stay together, in order.

    >>> draw_documents([[["a"], ["b"]], [["c"]], [["d"]]], size=2, seed=1)
    [[['d']], [['a'], ['b'], ['c']]]

    Args:
        lines: the sentences of each line of the text.
        size: number of lines of a document; the last document may have fewer.
        seed: of the random order.
    """
    every = list(lines)
    documents = [list(chain.from_iterable(every[start : start + size])) for start in range(0, len(every), size)]
    random.Random(seed).shuffle(documents)
    return documents


def with_ends(documents: Iterable[Sequence[Tokens]]) -> Iterator[Tokens]:
    """Yield the sentences of all documents, and `()` after each document, as a tagger reads them."""
    for document in documents:
        yield from document
        yield ()


def choose(
    tagged: Iterable[tuple[Sentence, NDArray[np.floating]]],
    tags: Sequence[str],
    params: DistillParams,
    counts: Counter[str],
) -> Iterator[Sentence]:
    """Yield sentences of allowed length that have an entity and confident tags, until `params.sentences` are kept.

    Args:
        tagged: sentences with predicted tags, and the probabilities of all K tags at each token, `(T, K)`.
        tags: the tag set, by id.
        params: the allowed lengths, the least confidence, and the number of sentences.
        counts: counts sentences, by what became of them, under the names of COUNTS.
    """
    number = {tag: index for index, tag in enumerate(tags)}
    for sentence, probabilities in tagged:
        counts["tagged"] += 1
        what = _kept_or_why_not(sentence, probabilities, number, params)
        counts[what] += 1
        if what == "kept":
            yield sentence
            if counts["kept"] == params.sentences:
                return


def _kept_or_why_not(
    sentence: Sentence, probabilities: NDArray[np.floating], number: dict[str, int], params: DistillParams
) -> str:
    """Return one of COUNTS: kept, or why the sentence is not."""
    if len(sentence) < params.shortest:
        return "under_shortest"
    if len(sentence) > params.longest:
        return "over_longest"
    if all(tag == OUTSIDE for tag in sentence.tags):
        return "without_entity"
    predicted = [row[number[tag]] for row, tag in zip(probabilities, sentence.tags, strict=True)]
    return "unsure" if min(predicted) < params.confidence else "kept"
