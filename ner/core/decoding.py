"""Logits and transitions of a linear-chain CRF -> the best tags, and exact probabilities of tags and entities.

NumPy only. Shapes: B sentences of one length, T tokens, K tags. The notation is that of Rabiner (1989), sections III.A
to III.C; the model that of Lafferty, McCallum and Pereira (2001). A path of tags y has the score

    start[y_1] + sum_t logits[t, y_t] + sum_t transitions[y_t, y_t+1] + end[y_T]

and a probability proportional to the exponential of its score. A forbidden start, transition or end scores -inf, so
that paths with it have probability 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ner.core.tagscheme import OUTSIDE, Tag, is_allowed

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Chain:
    """Start, transition and end scores of a CRF in nats: `start` and `end` `(K,)`, `transitions` `(K, K)`.

    `transitions[i, j]` is the score of tag j right after tag i.
    """

    start: Floats
    transitions: Floats
    end: Floats


def no_chain(tags: int) -> Chain:
    """Build the all-zero chain of a network without a CRF: each tag depends on the logits of its own token alone."""
    return Chain(np.zeros(tags), np.zeros((tags, tags)), np.zeros(tags))


@dataclass(frozen=True, slots=True)
class Marginals:
    """Marginal probabilities of tags, and the forward-backward variables from which those of entities are computed.

    `tags[b, t, k]` is the probability of tag k at token t given the whole sentence. `forward[b, t, k]` is the scaled
    forward variable: the probability of tag k at t by the scores up to t. `backward` is scaled so that
    `forward * backward == tags`. `scales`, `(B, T)`, are the factors by which `forward` was divided. `logits` are the
    logits less the maximum of each token. All shapes but that of `scales` are `(B, T, K)`.
    """

    tags: Floats
    forward: Floats
    backward: Floats
    scales: Floats
    logits: Floats


def constraints(tags: Sequence[str], scheme: str) -> Chain:
    """Build the chain that enforces a tag scheme: 0 for each start, transition and end it allows, -inf for others."""
    parsed, edge = [Tag.parse(tag) for tag in tags], Tag(OUTSIDE, "")

    def scores(pairs: list[tuple[Tag, Tag]]) -> Floats:
        return np.array([0.0 if is_allowed(before, after, scheme) else -np.inf for before, after in pairs], np.float32)

    return Chain(
        start=scores([(edge, tag) for tag in parsed]),
        transitions=scores([(before, after) for before in parsed for after in parsed]).reshape(len(tags), len(tags)),
        end=scores([(tag, edge) for tag in parsed]),
    )


def viterbi(logits: Floats, chain: Chain) -> NDArray[np.int64]:
    """Find the tag ids of the best path of each sentence, `(B, T)`, by the Viterbi algorithm.

    Of paths with equal scores it takes the one with the lower id at the last token where they differ.

    Args:
        logits: `(B, T, K)`.
        chain: scores of the same K tags.
    """
    batch, length, _ = logits.shape
    back = np.zeros(logits.shape, np.int64)  # (B, T, K): the best previous tag
    score = logits[:, 0] + chain.start  # (B, K)
    for position in range(1, length):
        through = score[:, :, None] + chain.transitions  # (B, K, K)
        back[:, position] = through.argmax(axis=1)
        score = through.max(axis=1) + logits[:, position]
    best = np.zeros((batch, length), np.int64)
    best[:, -1] = (score + chain.end).argmax(axis=1)
    for position in range(length - 1, 0, -1):
        best[:, position - 1] = back[np.arange(batch), position, best[:, position]]
    return best


def marginals(logits: Floats, chain: Chain) -> Marginals:
    """Compute the marginals of tags by the forward-backward algorithm, scaled at each token (Rabiner, section V.A).

    A sentence's marginals do not depend on the other sentences of the batch, to the last bit. So products are sums by
    `einsum`: those of a matrix library round differently for other numbers of rows.

    Args:
        logits: `(B, T, K)`.
        chain: scores of the same K tags; it must allow at least one path.
    """
    logits = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    emitted, moved = np.exp(logits), np.exp(chain.transitions.astype(np.float64))
    forward, backward = np.zeros_like(emitted), np.ones_like(emitted)
    scales = np.zeros(emitted.shape[:2])
    for position in range(logits.shape[1]):
        before = np.exp(chain.start) if position == 0 else _product(forward[:, position - 1], moved)  # (B, K)
        joint = before * emitted[:, position]
        scales[:, position] = joint.sum(axis=-1)
        forward[:, position] = joint / scales[:, position, None]
    ends = np.exp(chain.end).astype(np.float64)
    backward[:, -1] = ends / _product(forward[:, -1], ends[:, None])
    for position in range(logits.shape[1] - 2, -1, -1):
        after = emitted[:, position + 1] * backward[:, position + 1] / scales[:, position + 1, None]
        backward[:, position] = _product(after, moved.T)
    return Marginals(forward * backward, forward, backward, scales, logits)


def _product(rows: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Multiply each row by the matrix, `(B, K)` and `(K, J)` -> `(B, J)`, by sums in a fixed order."""
    product: NDArray[np.float64] = np.einsum("bk,kj->bj", rows, matrix)
    return product


def continuations(tags: Sequence[str]) -> list[list[int]]:
    """List, for each tag, the ids of the tags that continue its entity at the next token: in IOB2, I-PER after B-PER.

    >>> continuations(["B-PER", "I-PER", "O"])
    [[1], [1], []]
    """
    parsed = [Tag.parse(tag) for tag in tags]
    inside = {tag.label: [number] for number, tag in enumerate(parsed) if tag.prefix == "I"}
    return [inside.get(tag.label, []) for tag in parsed]


def path_probability(given: Marginals, chain: Chain, sentence: int, start: int, path: Sequence[int]) -> float:
    """Compute the probability that the tags from `start` on are `path`, summed over all other tags of the sentence.

    Args:
        given: the result of `marginals` for this chain.
        chain: the chain.
        sentence: index of the sentence in the batch.
        start: position of the path's first tag.
        path: tag ids, at least one.
    """
    probability = given.forward[sentence, start, path[0]]
    for offset, (before, after) in enumerate(pairwise(path), start=start + 1):
        emitted = np.exp(given.logits[sentence, offset, after])
        probability *= np.exp(chain.transitions[before, after]) * emitted / given.scales[sentence, offset]
    return float(probability * given.backward[sentence, start + len(path) - 1, path[-1]])


def entity_probability(
    given: Marginals, chain: Chain, sentence: int, start: int, path: Sequence[int], continuing: Sequence[int]
) -> float:
    """Compute the probability of exactly this entity: the tags from `start` on are `path`, and the next continues none.

    Args:
        given: the result of `marginals` for this chain.
        chain: the chain.
        sentence: index of the sentence in the batch.
        start: position of the entity's first tag.
        path: ids of the entity's tags.
        continuing: ids of the tags that would continue the entity, from `continuations` for the last tag of `path`.
    """
    whole = path_probability(given, chain, sentence, start, path)
    if start + len(path) == given.tags.shape[1]:
        return min(whole, 1.0)
    longer = (path_probability(given, chain, sentence, start, (*path, tag)) for tag in continuing)
    return min(max(0.0, whole - sum(longer)), 1.0)
