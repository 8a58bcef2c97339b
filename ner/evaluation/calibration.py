"""Matched entities -> how well confidences are calibrated, and precision and recall at thresholds on them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ner.core.entity_f1 import Counts, score
from ner.evaluation.matching import CORRECT, EntityMatch

BINS = 10  # of equal width, open below and closed above: (0, 0.1], ..., (0.9, 1]
STEPS = 20  # points of the curve: the most confident 5 % of the predicted entities, 10 %, ..., all


def calibration_error(matches: Sequence[EntityMatch]) -> float:
    """Compute the expected calibration error of predicted entities (Guo et al. 2017, equation 5).

    It is the mean over BINS bins of |precision - mean confidence|, weighted by the entities in each; 0 if no entity was
    predicted.
    """
    table = reliability_table(matches)
    gaps = (table["precision"] - table["confidence"]).abs() * table["entities"]
    return float(gaps.sum() / table["entities"].sum()) if len(table) else 0.0


def reliability_table(matches: Sequence[EntityMatch]) -> pd.DataFrame:
    """Make a row for each non-empty bin: upper edge, mean confidence, precision, number of predicted entities."""
    confidences, correct = _predicted(matches)
    bins = np.digitize(confidences, np.arange(1, BINS) / BINS, right=True)
    rows = [
        ((number + 1) / BINS, confidences[inside].mean(), correct[inside].mean(), int(inside.sum()))
        for number in range(BINS)
        if (inside := bins == number).any()
    ]
    return pd.DataFrame(rows, columns=["bin", "confidence", "precision", "entities"]).round(5)


def precision_recall_table(matches: Sequence[EntityMatch]) -> pd.DataFrame:
    """Compute precision, recall and F1 if only entities of at least a given confidence were kept.

    The thresholds keep 1 / STEPS, 2 / STEPS, ..., all of the predicted entities. They are in descending order, and
    equal ones are merged.
    """
    gold = sum(match.gold is not None for match in matches)
    confidences, correct = _predicted(matches)
    order = np.argsort(-confidences, kind="stable")
    last = [round(len(order) * step / STEPS) - 1 for step in range(1, STEPS + 1)]
    thresholds = sorted({float(confidences[order[index]]) for index in last if index >= 0}, reverse=True)
    rows = []
    for threshold in thresholds:
        kept = confidences >= threshold
        scores = score(Counts(gold, int(kept.sum()), int(correct[kept].sum())))
        rows.append((threshold, scores.precision, scores.recall, scores.f1, int(kept.sum())))
    return pd.DataFrame(rows, columns=["confidence", "precision", "recall", "f1", "entities"]).round(5)


def _predicted(matches: Sequence[EntityMatch]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the confidence of each predicted entity, and whether it is correct."""
    predicted = [match for match in matches if match.predicted]
    confidences = np.array([match.confidence for match in predicted], dtype=np.float64)
    return confidences, np.array([match.kind == CORRECT for match in predicted], dtype=np.bool_)
