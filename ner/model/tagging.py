"""A network and sentences -> a tag and a confidence for every token."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from ner.decoding import marginals, viterbi
from ner.encoding import EncodedCorpus, batches
from ner.model.crf import CRF

BATCH_SIZE = 256  # sentences; it bounds memory and changes no result that is kept


@dataclass(frozen=True, slots=True)
class Tagged:
    """The tag of each token, and its probability given the whole sentence, `(T,)`."""

    tags: tuple[str, ...]
    confidences: NDArray[np.floating]


def tag_corpus(
    network: keras.Model, corpus: EncodedCorpus, tags: Sequence[str], *, confidences: bool = True
) -> list[Tagged]:
    """Every sentence tagged, in the order of the corpus.

    With a CRF, the best path that its constraints allow, with the exact marginal probability of each of its tags;
    without, the best tag of each token by itself, and its softmax.

    Args:
        network: what `build_network` returned, trained.
        corpus: what `encode` returned.
        tags: by id.
        confidences: whether they are wanted; else they are left empty, which saves a CRF's forward and backward pass.
    """
    tagged: list[Tagged | None] = [None] * len(corpus.features)
    chain = next((layer.chain() for layer in network.layers if isinstance(layer, CRF)), None)
    for batch in batches(corpus, BATCH_SIZE):
        logits = network.predict_on_batch(batch.features.inputs())  # (B, T, K)
        best = logits.argmax(axis=-1) if chain is None else viterbi(logits, chain)  # (B, T)
        sure: NDArray[np.floating] = np.zeros((len(best), 0))
        if confidences:
            probabilities: NDArray[np.floating]
            probabilities = _softmax(logits) if chain is None else marginals(logits, chain).tags
            sure = np.take_along_axis(probabilities, best[..., None], axis=-1)[..., 0]  # (B, T)
        for row, index in enumerate(batch.indices):
            tagged[index] = Tagged(tuple(tags[tag] for tag in best[row]), sure[row])
    return [sentence for sentence in tagged if sentence is not None]


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    exponentials: NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True))
    exponentials /= exponentials.sum(axis=-1, keepdims=True)
    return exponentials
