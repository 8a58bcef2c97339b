"""A network and sentences -> a tag and a confidence for every token."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from ner.encoding import EncodedCorpus, batches

BATCH_SIZE = 256  # sentences; it bounds memory and changes no result that is kept


@dataclass(frozen=True, slots=True)
class Tagged:
    """The most probable tag of each token, and its probability, `(T,)`."""

    tags: tuple[str, ...]
    confidences: NDArray[np.float32]


def tag_corpus(network: keras.Model, corpus: EncodedCorpus, tags: Sequence[str]) -> list[Tagged]:
    """Every sentence tagged, in the order of the corpus; tokens are tagged one by one, without constraint."""
    tagged: list[Tagged | None] = [None] * len(corpus.features)
    for batch in batches(corpus, BATCH_SIZE):
        probabilities = _softmax(network.predict_on_batch(batch.features.inputs()))  # (B, T, K)
        best = probabilities.argmax(axis=-1)  # (B, T)
        for row, index in enumerate(batch.indices):
            names = tuple(tags[tag] for tag in best[row])
            tagged[index] = Tagged(names, probabilities[row].max(axis=-1))
    return [sentence for sentence in tagged if sentence is not None]


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    exponentials: NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True))
    exponentials /= exponentials.sum(axis=-1, keepdims=True)
    return exponentials
