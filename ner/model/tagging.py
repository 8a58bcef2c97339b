"""A network and sentences -> a tag for every token, and how sure it is: of each tag, and of each entity as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from ner.core.decoding import continuations, entity_probability, marginals, viterbi
from ner.core.tagscheme import tags_to_spans
from ner.features.encoding import EncodedCorpus, batches
from ner.model.crf import chain_of

BATCH_SIZE = 256  # sentences; it bounds memory and changes no result that is kept


@dataclass(frozen=True, slots=True)
class Prediction:
    """Tags of one sentence, and exact probabilities given all of it.

    `tag_confidences`, `(T,)`, are of each tag; `entity_confidences`, `(T,)`, of the entity that the token belongs to:
    that it begins, ends and is labelled just so; 0 outside entities. Both are empty if they were not asked for.
    """

    tags: tuple[str, ...]
    tag_confidences: NDArray[np.floating]
    entity_confidences: NDArray[np.floating]


def tag_corpus(
    network: keras.Model, corpus: EncodedCorpus, tags: Sequence[str], *, confidences: bool = True
) -> list[Prediction]:
    """Every sentence tagged, in the order of the corpus: the best path that the CRF allows, or, without one, any.

    Args:
        network: what `build_network` returned, trained.
        corpus: what `encode` returned.
        tags: by id.
        confidences: whether they are wanted; to leave them out saves a forward and a backward pass.
    """
    tagged: list[Prediction | None] = [None] * len(corpus.features)
    chain, continuing = chain_of(network, len(tags)), continuations(tags)
    nothing: NDArray[np.floating] = np.zeros(0)
    for batch in batches(corpus, BATCH_SIZE):
        logits = network.predict_on_batch(batch.features)  # (B, T, K)
        best = viterbi(logits, chain)  # (B, T)
        given = marginals(logits, chain) if confidences else None
        for row, index in enumerate(batch.indices):
            predicted = tuple(tags[tag] for tag in best[row])
            if given is None:
                tagged[index] = Prediction(predicted, nothing, nothing)
                continue
            tag_confidences = given.tags[row, np.arange(len(predicted)), best[row]]  # (T,)
            entity_confidences = np.zeros(len(predicted))  # (T,)
            for span in tags_to_spans(predicted):
                path = best[row, span.start : span.end].tolist()
                probability = entity_probability(given, chain, row, span.start, path, continuing[path[-1]])
                entity_confidences[span.start : span.end] = probability
            tagged[index] = Prediction(predicted, tag_confidences, entity_confidences)
    return [sentence for sentence in tagged if sentence is not None]
