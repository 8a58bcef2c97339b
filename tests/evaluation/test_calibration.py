"""Calibration of entity confidences: bins, calibration error, thresholds."""

import pytest

from ner.core.sentence import Span
from ner.evaluation.calibration import calibration_error, precision_recall_table, reliability_table
from ner.evaluation.matching import EntityMatch

SPAN = Span(0, 1, "PER")


def correct(confidence: float) -> EntityMatch:
    return EntityMatch("correct", 0, SPAN, SPAN, confidence)


def spurious(confidence: float) -> EntityMatch:
    return EntityMatch("spurious", 0, None, SPAN, confidence)


MISSED = EntityMatch("missed", 0, SPAN, None, 0.99)


def test_calibration_error_is_the_mean_gap_weighted_by_entities() -> None:
    matches = [correct(0.95), correct(0.93), spurious(0.91), spurious(0.25), MISSED]
    assert calibration_error(matches) == pytest.approx(3 / 4 * abs(2 / 3 - 0.93) + 1 / 4 * 0.25, abs=1e-5)


def test_calibration_error_is_zero_without_predictions() -> None:
    assert calibration_error([MISSED]) == 0.0


@pytest.mark.parametrize(("confidence", "edge"), [(0.0, 0.1), (0.1, 0.1), (0.1001, 0.2), (0.7, 0.7), (1.0, 1.0)])
def test_reliability_bins_hold_their_upper_edge(confidence: float, edge: float) -> None:
    assert reliability_table([correct(confidence)])["bin"].tolist() == [edge]


def test_reliability_table_leaves_missed_entities_out() -> None:
    table = reliability_table([correct(0.9), spurious(0.8), MISSED])
    assert list(table.itertuples(index=False, name=None)) == [(0.8, 0.8, 0.0, 1), (0.9, 0.9, 1.0, 1)]


def test_precision_recall_ends_with_all_predictions() -> None:
    table = precision_recall_table([correct(0.9), correct(0.8), spurious(0.7), MISSED])
    assert list(table.itertuples(index=False, name=None)) == [
        (0.9, 1.0, 0.33333, 0.5, 1),
        (0.8, 1.0, 0.66667, 0.8, 2),
        (0.7, 0.66667, 0.66667, 0.66667, 3),
    ]


def test_precision_recall_keeps_all_of_one_confidence_together() -> None:
    assert precision_recall_table([correct(0.5)] * 40 + [spurious(0.5)] * 40)["entities"].tolist() == [80]


def test_precision_recall_is_empty_without_predictions() -> None:
    assert precision_recall_table([MISSED]).empty
