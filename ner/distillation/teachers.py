"""Tag probabilities of one teacher or of two -> predicted tags: those of two are averaged at each token.

The arithmetic mean is that of Hinton, Vinyals and Dean (2015, "Distilling the knowledge in a neural network", section
1). Here the student learns from the best path of tags, not from the averaged distribution itself.

Shapes: T tokens of a sentence, K tags.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ner.core.decoding import Chain, constraints, viterbi
from ner.distillation.distill_parameters import DistillationError

SCHEME = "IOB2"  # of all exported taggers
SMALLEST = 1e-30  # a probability of 0 is read as this, so that its logarithm is finite


def check_same_tags(tags: Mapping[str, Sequence[str]], key: str) -> None:
    """Check that all teachers predict the same tags, in whatever order.

    Args:
        tags: the tag set of each teacher, by its name.
        key: dotted key of the teachers in params.yaml, for messages.

    Raises:
        DistillationError: they do not.
    """
    if len({frozenset(one) for one in tags.values()}) > 1:
        received = "; ".join(f"{name} with {', '.join(sorted(one))}" for name, one in tags.items())
        raise DistillationError(f"{key}: expected taggers with the same tags. Received: {received}")


def columns_of(tags: Sequence[str], other: Sequence[str]) -> NDArray[np.int64]:
    """Return the place of each of `tags` in `other`, `(K,)`, where the same tags stand in another order.

    >>> columns_of(["B-LOC", "I-LOC", "O"], ["O", "B-LOC", "I-LOC"]).tolist()
    [1, 2, 0]
    """
    return np.array([other.index(tag) for tag in tags])


def average(probabilities: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Average the tag probabilities that teachers give to the tokens of a sentence, `(T, K)` each and together."""
    averaged: NDArray[np.float64] = np.mean(np.asarray(probabilities, np.float64), axis=0)
    return averaged


def best_tags(probabilities: NDArray[np.floating], tags: Sequence[str], chain: Chain) -> tuple[str, ...]:
    """Find the valid tags of a sentence with the largest product of probabilities.

    Args:
        probabilities: of all tags at each token, `(T, K)`.
        tags: the tag set, by id.
        chain: `constraints(tags, SCHEME)`: which tags may follow each other.
    """
    scores = np.log(np.maximum(probabilities, SMALLEST))  # (T, K)
    return tuple(tags[best] for best in viterbi(scores[None], chain)[0])


def chain_of(tags: Sequence[str]) -> Chain:
    """Build the chain that allows what the scheme of exported taggers allows."""
    return constraints(tags, SCHEME)
