"""A network and sentences -> a tag for every token, and how sure it is: of each tag, and of each entity as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from ner.decoding import Chain, Marginals, entity_probability, marginals, no_chain, viterbi
from ner.encoding import EncodedCorpus, batches
from ner.model.crf import CRF
from ner.tagscheme import tags_to_spans

BATCH_SIZE = 256  # sentences; it bounds memory and changes no result that is kept


@dataclass(frozen=True, slots=True)
class Tagged:
    """Tags of one sentence, and exact probabilities given all of it.

    `tag_confidences`, `(T,)`, are of each tag; `entity_confidences`, `(T,)`, of the entity that the token belongs to:
    that it begins, ends and is labelled just so; 0 outside entities. Both are empty if they were not asked for.
    """

    tags: tuple[str, ...]
    tag_confidences: NDArray[np.floating]
    entity_confidences: NDArray[np.floating]


def tag_corpus(
    network: keras.Model, corpus: EncodedCorpus, tags: Sequence[str], *, confidences: bool = True
) -> list[Tagged]:
    """Every sentence tagged, in the order of the corpus: the best path that the CRF allows, or, without one, any.

    Args:
        network: what `build_network` returned, trained.
        corpus: what `encode` returned.
        tags: by id.
        confidences: whether they are wanted; to leave them out saves a forward and a backward pass.
    """
    tagged: list[Tagged | None] = [None] * len(corpus.features)
    chain = next((layer.chain() for layer in network.layers if isinstance(layer, CRF)), no_chain(len(tags)))
    nothing: NDArray[np.floating] = np.zeros(0)
    for batch in batches(corpus, BATCH_SIZE):
        # Several replicas each predict the whole batch, one behind the other.
        logits = network.predict_on_batch(batch.features)[: len(batch.indices)]  # (B, T, K)
        best = viterbi(logits, chain)  # (B, T)
        given = marginals(logits, chain) if confidences else None
        for row, index in enumerate(batch.indices):
            said = tuple(tags[tag] for tag in best[row])
            tag_confidences = nothing if given is None else given.tags[row, np.arange(len(said)), best[row]]
            sure = nothing if given is None else _entity_confidences(given, chain, row, best[row], tags)
            tagged[index] = Tagged(said, tag_confidences, sure)
    return [sentence for sentence in tagged if sentence is not None]


def _entity_confidences(
    given: Marginals, chain: Chain, row: int, best: NDArray[np.int64], tags: Sequence[str]
) -> NDArray[np.floating]:
    """Of each token of one sentence, `(T,)`."""
    confidences = np.zeros(len(best))
    for span in tags_to_spans([tags[tag] for tag in best]):
        continuing = [number for number, tag in enumerate(tags) if tag == f"I-{span.label}"]
        path = best[span.start : span.end].tolist()
        confidences[span.start : span.end] = entity_probability(given, chain, row, span.start, path, continuing)
    return confidences
