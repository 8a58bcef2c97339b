"""Counts by sentence -> intervals of F1, by the percentile bootstrap (Efron and Tibshirani 1993, chapter 13).

A resample draws as many sentences as there are, with replacement. Runs that are compared share their resamples, so
that a sentence that is hard for both does not make their difference look uncertain: the paired bootstrap (Koehn 2004).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 1
TAILS = (2.5, 97.5)  # percentiles: 95 % lie between
_BLOCK = 4_000_000  # draws at a time, so that memory stays small


@dataclass(frozen=True, slots=True)
class Interval:
    """What lies between the percentiles TAILS."""

    low: float
    high: float


def f1_interval(counts: NDArray[np.int64]) -> Interval:
    """Of entity F1.

    Args:
        counts: (S, 3), for each sentence its entities in gold, predicted, and in both.
    """
    return _interval(f1_of(resampled(counts)))


def f1_difference(one: NDArray[np.int64], other: NDArray[np.int64]) -> Interval:
    """Of the entity F1 of `one` less that of `other`, both (S, 3) and of the same sentences in the same order.

    Raises:
        ValueError: they are not of the same sentences, as their number or their gold entities tell.
    """
    if one.shape != other.shape or (one[:, 0] != other[:, 0]).any():
        raise ValueError(f"expected counts of the same sentences. Received: {len(one)} and {len(other)}, or other gold")
    sums = resampled(np.hstack([one, other]))  # (B, 6)
    return _interval(f1_of(sums[:, :3]) - f1_of(sums[:, 3:]))


def resampled(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """(S, C) -> (B, C), the sums of B = RESAMPLES resamples of the S rows; whole numbers, so exact in any order."""
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
    """(B, 3) -> (B,); 0 where there is no entity on either side."""
    entities = sums[:, 0] + sums[:, 1]
    return np.divide(2 * sums[:, 2], entities, out=np.zeros(len(sums)), where=entities > 0)


def _interval(values: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(values, TAILS)
    return Interval(float(low), float(high))
