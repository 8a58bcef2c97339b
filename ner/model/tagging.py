"""A network and encoded sentences -> the best tags, with the confidence of each tag and of each entity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from ner.core.decoding import continuations, entity_probability, marginals, viterbi
from ner.core.tagscheme import tags_to_spans
from ner.features.encoding import EncodedCorpus, batches
from ner.model.crf import chain_of

BATCH_SIZE = 256  # sentences of a batch; it bounds memory and changes no result that is kept
WINDOWS = 16  # windows of a batch, with a pretrained encoder


@dataclass(frozen=True, slots=True)
class Prediction:
    """Predicted tags of one sentence, with exact probabilities given the whole sentence.

    `tag_confidences`, `(T,)`, are the marginal probabilities of the predicted tags. `entity_confidences`, `(T,)`, are
    the probabilities that the entity of each token has exactly these bounds and this label; 0 outside entities. Both
    arrays are empty if confidences were not computed.
    """

    tags: tuple[str, ...]
    tag_confidences: NDArray[np.floating]
    entity_confidences: NDArray[np.floating]


def tag_corpus(
    network: keras.Model, corpus: EncodedCorpus, tags: Sequence[str], *, confidences: bool = True
) -> list[Prediction]:
    """Tag every sentence, in the order of the corpus.

    With a CRF the tags are the best path that it allows; without one each token gets its best tag.

    Args:
        network: a trained network of `build_network`.
        corpus: the sentences, as `encode` returns them.
        tags: the tag set of the network, by id.
        confidences: whether to compute them. Without them a forward and a backward pass are saved.
    """
    tagged: list[Prediction | None] = [None] * len(corpus.features)
    chain, continuing = chain_of(network, len(tags)), continuations(tags)
    nothing: NDArray[np.floating] = np.zeros(0)
    for indices, logits in logits_of(network, corpus):  # (B,), (B, T, K)
        best = viterbi(logits, chain)  # (B, T)
        given = marginals(logits, chain) if confidences else None
        for row, index in enumerate(indices):
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


def logits_of(network: keras.Model, corpus: EncodedCorpus) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Run a network over all sentences.

    Yields:
        The indices of some sentences of one length, `(B,)`, and their logits, `(B, T, K)`.
    """
    for batch in batches(corpus, WINDOWS if corpus.reader else BATCH_SIZE):
        logits = network.predict_on_batch(batch.features)  # (B, T, K)
        if not corpus.reader:
            yield batch.indices, logits
            continue
        lengths = (batch.features["firsts"] >= 0).sum(axis=1)  # (B,)
        for length in np.unique(lengths):
            yield batch.indices[lengths == length], logits[lengths == length, :length]
