"""Predictions -> the metrics file of a run, its scores by label, and its counts by sentence."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from ner.metrics import count_entities
from ner.predictions import TaggedSentence

AVERAGES = {"micro avg", "macro avg", "weighted avg"}
COUNT_COLUMNS = ("gold", "predicted", "correct", "tokens", "correct_tokens")


def metrics(sentences: Sequence[TaggedSentence]) -> dict[str, float]:
    """The metrics file: flat keys, fractions rounded to five places.

    The entity scores are seqeval's own: `entity_*` and `labels.*` strict IOB2, `conlleval_f1` in its default mode,
    which reads invalid tags as conlleval does. `token_accuracy` counts every token, O included, padding never.

    Raises:
        ValueError: there is no sentence.
    """
    if not sentences:
        raise ValueError("expected at least one sentence. Received: none")
    gold = [list(sentence.gold) for sentence in sentences]
    predicted = [list(sentence.predicted) for sentence in sentences]
    strict = _seqeval(gold, predicted, mode="strict", scheme=IOB2)
    lenient = _seqeval(gold, predicted)
    rows = sentence_counts(sentences)
    return {
        "entity_f1": _fraction(strict["micro avg"]["f1-score"]),
        "entity_precision": _fraction(strict["micro avg"]["precision"]),
        "entity_recall": _fraction(strict["micro avg"]["recall"]),
        "conlleval_f1": _fraction(lenient["micro avg"]["f1-score"]),
        "token_accuracy": _fraction(sum(row["correct_tokens"] for row in rows) / sum(row["tokens"] for row in rows)),
        "entities": int(strict["micro avg"]["support"]),
        "sentences": len(sentences),
        **_label_metrics(strict),
    }


def sentence_counts(sentences: Sequence[TaggedSentence]) -> list[dict[str, int]]:
    """COUNT_COLUMNS of every sentence: strict entity counts and tokens. They add up."""
    rows = []
    for sentence in sentences:
        counts = count_entities(sentence.gold, sentence.predicted, strict=True)
        right = sum(one == other for one, other in zip(sentence.gold, sentence.predicted, strict=True))
        rows.append(dict(zip(COUNT_COLUMNS, (*counts, len(sentence.tokens), right), strict=True)))
    return rows


def label_table(numbers: Mapping[str, float]) -> pd.DataFrame:
    """The `labels.*` of a metrics file, a row a label, for a plot."""
    cells = [key.removeprefix("labels.").rpartition(".") for key in numbers if key.startswith("labels.")]
    labels = sorted({label for label, _, _ in cells})
    columns = ("precision", "recall", "f1", "support")
    return pd.DataFrame(
        [{"label": label, **{name: numbers[f"labels.{label}.{name}"] for name in columns}} for label in labels],
        columns=["label", *columns],
    )


def _seqeval(gold: list[list[str]], predicted: list[list[str]], **mode: Any) -> dict[str, dict[str, float]]:
    with warnings.catch_warnings():  # of the averages over labels where there is no label; none of them is kept
        warnings.simplefilter("ignore", RuntimeWarning)
        report: dict[str, dict[str, float]] = classification_report(
            gold, predicted, output_dict=True, zero_division=0, **mode
        )
    return report


def _label_metrics(strict: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    flat: dict[str, float] = {}
    for label in sorted(set(strict) - AVERAGES):
        row = strict[label]
        flat[f"labels.{label}.precision"] = _fraction(row["precision"])
        flat[f"labels.{label}.recall"] = _fraction(row["recall"])
        flat[f"labels.{label}.f1"] = _fraction(row["f1-score"])
        flat[f"labels.{label}.support"] = int(row["support"])
    return flat


def _fraction(value: float) -> float:
    return round(float(value), 5)
