"""Entity counts by sentence -> intervals of F1, by the percentile bootstrap (Efron and Tibshirani 1993, chapter 13).

A resample draws as many sentences as the test set has, with replacement. Two runs are compared on the same resamples:
the paired bootstrap (Koehn 2004), where sentences that are hard for both do not widen the interval of the difference.

Shapes: S sentences, B resamples, C columns of counts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 1
TAILS = (2.5, 97.5)  # percentiles; 95 % lie between them
_BLOCK = 4_000_000  # sentences drawn at a time, which bounds memory


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95% interval: the percentiles TAILS of the bootstrap distribution."""

    low: float
    high: float


def f1_interval(counts: NDArray[np.int64]) -> Interval:
    """Compute the interval of entity F1.

    Args:
        counts: (S, 3), the gold, predicted and correct entities of each sentence.
    """
    return _interval(f1_of(resampled(counts)))


def f1_difference(one: NDArray[np.int64], other: NDArray[np.int64]) -> Interval:
    """Compute the interval of the entity F1 of `one` minus that of `other`, by the paired bootstrap.

    Both are counts (S, 3) as in `f1_interval`, of the same sentences in the same order.

    Raises:
        ValueError: the numbers of sentences or the counts of gold entities differ.
    """
    if one.shape != other.shape or (one[:, 0] != other[:, 0]).any():
        raise ValueError(f"expected counts of the same sentences. Received: {len(one)} and {len(other)}, or other gold")
    sums = resampled(np.hstack([one, other]))  # (B, 6)
    return _interval(f1_of(sums[:, :3]) - f1_of(sums[:, 3:]))


def resampled(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum the counts (S, C) over each of B = RESAMPLES resamples of the sentences: (B, C).

    The sums are whole numbers, and so exact whatever the order of addition.
    """
    size = len(counts)
    generator = np.random.default_rng(SEED)
    at_a_time = max(1, _BLOCK // size)
    sums = []
    for begin in range(0, RESAMPLES, at_a_time):
        rows = min(at_a_time, RESAMPLES - begin)
        drawn = generator.integers(size, size=(rows, size)) + np.arange(rows)[:, None] * size
        times = np.bincount(drawn.ravel(), minlength=rows * size).reshape(rows, size)
        sums.append(times.astype(np.float64) @ counts.astype(np.float64))
    return np.concatenate(sums)


def f1_of(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute F1, (B,), from gold, predicted and correct counts (B, 3); 0 where there are no entities."""
    entities = sums[:, 0] + sums[:, 1]
    return np.divide(2 * sums[:, 2], entities, out=np.zeros(len(sums)), where=entities > 0)


def _interval(values: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(values, TAILS)
    return Interval(float(low), float(high))
