"""Intervals: exact cases, a known distribution, and resamples that two runs share."""

import numpy as np
import pytest

from ner.evaluation.bootstrap import RESAMPLES, Interval, f1_difference, f1_interval, f1_of, resampled


def counts(*rows: tuple[int, int, int]) -> np.ndarray:
    return np.array(rows, dtype=np.int64)


def test_interval_of_sentences_that_are_alike_is_a_point() -> None:
    assert f1_interval(counts((2, 2, 1), (2, 2, 1), (2, 2, 1))) == Interval(0.5, 0.5)


def test_interval_is_zero_without_entities() -> None:
    assert f1_interval(counts((0, 0, 0), (0, 0, 0))) == Interval(0.0, 0.0)


def test_interval_is_that_of_the_binomial_where_f1_is_a_share() -> None:
    right = np.arange(400) % 5 > 0  # 80 % of 400
    interval = f1_interval(np.stack([np.ones(400), np.ones(400), right], axis=1).astype(np.int64))
    deviation = np.sqrt(0.8 * 0.2 / 400)
    assert interval.low == pytest.approx(0.8 - 1.96 * deviation, abs=0.005)
    assert interval.high == pytest.approx(0.8 + 1.96 * deviation, abs=0.005)


def test_interval_is_the_same_every_time() -> None:
    rows = np.random.default_rng(0).integers(0, 4, size=(50, 3))
    assert f1_interval(rows) == f1_interval(rows)


def test_resamples_draw_as_many_sentences_as_there_are() -> None:
    sums = resampled(np.ones((7, 2), dtype=np.int64))
    assert sums.shape == (RESAMPLES, 2)
    assert (sums == 7).all()


def test_resamples_in_several_blocks_are_as_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ner.evaluation.bootstrap._BLOCK", 50)
    assert resampled(np.ones((7, 1), dtype=np.int64)).shape == (RESAMPLES, 1)


def test_f1_of_sums_is_zero_where_undefined() -> None:
    assert f1_of(np.array([[4.0, 2.0, 1.0], [0.0, 0.0, 0.0]])).tolist() == [1 / 3, 0.0]


def test_difference_of_a_run_with_itself_is_zero() -> None:
    rows = np.random.default_rng(0).integers(1, 4, size=(50, 3))
    assert f1_difference(rows, rows) == Interval(0.0, 0.0)


def test_difference_is_paired() -> None:
    """One run finds one entity more in every sentence: the difference is certain, although neither F1 is."""
    gold = np.full(60, 10)
    found = np.arange(60) % 9
    worse, better = (np.stack([gold, gold, found + more], axis=1) for more in (0, 1))
    difference = f1_difference(better, worse)
    assert difference.low == pytest.approx(0.1)
    assert difference.high == pytest.approx(0.1)
    alone = f1_interval(better)
    assert alone.high - alone.low > 0.1


@pytest.mark.parametrize("other", [counts((1, 1, 1)), counts((1, 1, 1), (2, 1, 1))])
def test_difference_needs_the_same_sentences(other: np.ndarray) -> None:
    with pytest.raises(ValueError, match="same sentences"):
        f1_difference(counts((1, 1, 1), (1, 1, 1)), other)
