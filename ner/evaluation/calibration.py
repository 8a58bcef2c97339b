"""Outcomes -> how far the confidences of predicted entities can be believed, and what a threshold on them would do."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ner.core.entity_f1 import Counts, score
from ner.evaluation.matching import CORRECT, EntityMatch

BINS = 10  # of equal width, each without its lower edge and with its upper: (0, 0.1], ..., (0.9, 1]
STEPS = 20  # of the curve: the surest 5 % of the predicted entities, 10 %, ..., all


def calibration_error(matches: Sequence[EntityMatch]) -> float:
    """Expected calibration error: by how much confidence and share of correct ones differ, in the mean over entities.

    Guo et al. 2017, equation 5, with BINS bins of equal width; 0 where no entity was predicted.
    """
    table = reliability_table(matches)
    gaps = (table["precision"] - table["confidence"]).abs() * table["entities"]
    return float(gaps.sum() / table["entities"].sum()) if len(table) else 0.0


def reliability_table(matches: Sequence[EntityMatch]) -> pd.DataFrame:
    """A row a bin that is not empty: its upper edge, mean confidence, share of correct ones, predicted entities."""
    confidences, correct = _predicted(matches)
    bins = np.digitize(confidences, np.arange(1, BINS) / BINS, right=True)
    rows = [
        ((number + 1) / BINS, confidences[inside].mean(), correct[inside].mean(), int(inside.sum()))
        for number in range(BINS)
        if (inside := bins == number).any()
    ]
    return pd.DataFrame(rows, columns=["bin", "confidence", "precision", "entities"]).round(5)


def precision_recall_table(matches: Sequence[EntityMatch]) -> pd.DataFrame:
    """Precision, recall and F1 if only entities of at least `confidence` were kept, the highest threshold first.

    Thresholds are those that keep each next 1 / STEPS of the predicted entities; equal ones give one row.
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
    """Of each predicted entity, its confidence, and whether it is correct."""
    predicted = [match for match in matches if match.predicted]
    confidences = np.array([match.confidence for match in predicted], dtype=np.float64)
    return confidences, np.array([match.kind == CORRECT for match in predicted], dtype=np.bool_)
