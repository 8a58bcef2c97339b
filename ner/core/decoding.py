"""Potentials of a linear-chain CRF -> the best tags, and exact probabilities of tags and entities. NumPy only.

Shapes: B sentences of one length, T tokens, K tags. Notation of Rabiner (1989), sections III.A to III.C; the chain is
Lafferty, McCallum and Pereira's (2001). A path of tags y scores

    start[y_1] + sum_t logits[t, y_t] + sum_t transitions[y_t, y_t+1] + end[y_T]

and its probability is proportional to the exponential of that. What must not be has the score -inf, and so the
probability 0.
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
    """Scores of the chain in nats: `start` and `end` `(K,)`, `transitions` `(K, K)` from row to column."""

    start: Floats
    transitions: Floats
    end: Floats


def no_chain(tags: int) -> Chain:
    """Of a network without a CRF: any tag may stand by any other, and what each is depends on its own logits alone."""
    return Chain(np.zeros(tags), np.zeros((tags, tags)), np.zeros(tags))


@dataclass(frozen=True, slots=True)
class Marginals:
    """What forward and backward passes leave: probabilities of tags, and the parts that entities are made of.

    `forward[b, t, k]` is the probability of tag k at t given the tokens up to t; `backward`, of the same shape
    `(B, T, K)`, is scaled so that their product is `tags`, the probability of the tag given all tokens; `scales`,
    `(B, T)`, are the factors that were divided by; `logits` the potentials, less the greatest of each token.
    """

    tags: Floats
    forward: Floats
    backward: Floats
    scales: Floats
    logits: Floats


def constraints(tags: Sequence[str], scheme: str) -> Chain:
    """0 for what the scheme allows, -inf for what it does not."""
    parsed, edge = [Tag.parse(tag) for tag in tags], Tag(OUTSIDE, "")

    def scores(pairs: list[tuple[Tag, Tag]]) -> Floats:
        return np.array([0.0 if is_allowed(before, after, scheme) else -np.inf for before, after in pairs], np.float32)

    return Chain(
        start=scores([(edge, tag) for tag in parsed]),
        transitions=scores([(before, after) for before in parsed for after in parsed]).reshape(len(tags), len(tags)),
        end=scores([(tag, edge) for tag in parsed]),
    )


def viterbi(logits: Floats, chain: Chain) -> NDArray[np.int64]:
    """The ids of the best tags, `(B, T)`; of paths that score alike, the one with the lower id at the last difference.

    Args:
        logits: `(B, T, K)`.
        chain: of the same K.
    """
    batch, length, _ = logits.shape
    back = np.zeros(logits.shape, np.int64)  # (B, T, K): the best tag before
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
    """Probabilities of tags by the forward-backward algorithm, scaled at each token (Rabiner, section V.A).

    Args:
        logits: `(B, T, K)`.
        chain: of the same K; some path must be allowed.
    """
    logits = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    emitted, moved = np.exp(logits), np.exp(chain.transitions.astype(np.float64))
    forward, backward = np.zeros_like(emitted), np.ones_like(emitted)
    scales = np.zeros(emitted.shape[:2])
    for position in range(logits.shape[1]):
        before = np.exp(chain.start) if position == 0 else forward[:, position - 1] @ moved  # (B, K)
        joint = before * emitted[:, position]
        scales[:, position] = joint.sum(axis=-1)
        forward[:, position] = joint / scales[:, position, None]
    backward[:, -1] = np.exp(chain.end) / (forward[:, -1] @ np.exp(chain.end))[:, None]
    for position in range(logits.shape[1] - 2, -1, -1):
        after = emitted[:, position + 1] * backward[:, position + 1] / scales[:, position + 1, None]
        backward[:, position] = after @ moved.T
    return Marginals(forward * backward, forward, backward, scales, logits)


def continuations(tags: Sequence[str]) -> list[list[int]]:
    """For each tag the ids of those that would continue its entity at the next token: I-PER after B-PER, in IOB2.

    >>> continuations(["B-PER", "I-PER", "O"])
    [[1], [1], []]
    """
    parsed = [Tag.parse(tag) for tag in tags]
    inside = {tag.label: [number] for number, tag in enumerate(parsed) if tag.prefix == "I"}
    return [inside.get(tag.label, []) for tag in parsed]


def path_probability(given: Marginals, chain: Chain, sentence: int, start: int, path: Sequence[int]) -> float:
    """The probability that the tags from `start` on are `path`, whatever the others are.

    Args:
        given: what `marginals` returned for this chain.
        chain: the chain.
        sentence: which of the batch.
        start: the position of the path's first tag.
        path: ids of at least one tag.
    """
    probability = given.forward[sentence, start, path[0]]
    for offset, (before, after) in enumerate(pairwise(path), start=start + 1):
        emitted = np.exp(given.logits[sentence, offset, after])
        probability *= np.exp(chain.transitions[before, after]) * emitted / given.scales[sentence, offset]
    return float(probability * given.backward[sentence, start + len(path) - 1, path[-1]])


def entity_probability(
    given: Marginals, chain: Chain, sentence: int, start: int, path: Sequence[int], continuing: Sequence[int]
) -> float:
    """The probability that an entity begins at `start`, bears the tags `path`, and ends with them.

    Args:
        given: what `marginals` returned for this chain.
        chain: the chain.
        sentence: which of the batch.
        start: the position of the entity's first tag.
        path: ids of its tags.
        continuing: of its last tag, what `continuations` says.
    """
    whole = path_probability(given, chain, sentence, start, path)
    if start + len(path) == given.tags.shape[1]:
        return min(whole, 1.0)
    longer = (path_probability(given, chain, sentence, start, (*path, tag)) for tag in continuing)
    return min(max(0.0, whole - sum(longer)), 1.0)
