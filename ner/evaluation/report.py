"""Predictions -> the metrics of a run, and entity counts by sentence."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from ner.core.entity_f1 import count_entities, entity_f1
from ner.core.predictions import TaggedSentence
from ner.core.sentence import Sentence
from ner.core.tagscheme import violations
from ner.evaluation.baseline import look_up, most_frequent_tags
from ner.evaluation.bootstrap import f1_interval
from ner.evaluation.breakdown import error_counts
from ner.evaluation.calibration import calibration_error
from ner.evaluation.matching import EntityMatch, match_entities
from ner.evaluation.seen_unseen import seen_unseen_f1
from ner.evaluation.token_scores import token_scores

AVERAGES = {"micro avg", "macro avg", "weighted avg"}
COUNT_COLUMNS = ("gold", "predicted", "correct", "tokens", "correct_tokens")


def metrics(sentences: Sequence[TaggedSentence]) -> dict[str, float]:
    """Compute the metrics that need predictions alone, under flat keys; fractions are rounded to five places.

    - `entity_f1`, `entity_precision`, `entity_recall`: micro averages of seqeval in strict mode, IOB2.
    - `labels.*`: the same for each label, with its support.
    - `entity_f1_low`, `entity_f1_high`: the 95 % bootstrap interval; see ner/evaluation/bootstrap.py.
    - `conlleval_f1`: of seqeval in its default mode, which reads invalid tags as conlleval does.
    - `token_*`: scores of tokens; see ner/evaluation/token_scores.py.
    - `calibration_error`: of entity confidences; see ner/evaluation/calibration.py.
    - `predictions_invalid`: the number of predicted tags that are invalid IOB2 where they stand.
    - `errors.*`: the number of errors of each kind; see ner/evaluation/matching.py.

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
    interval = f1_interval(np.array([[row["gold"], row["predicted"], row["correct"]] for row in rows]))
    matches = match_entities(sentences)
    return {
        "entity_f1": _fraction(strict["micro avg"]["f1-score"]),
        "entity_f1_low": _fraction(interval.low),
        "entity_f1_high": _fraction(interval.high),
        "entity_precision": _fraction(strict["micro avg"]["precision"]),
        "entity_recall": _fraction(strict["micro avg"]["recall"]),
        "conlleval_f1": _fraction(lenient["micro avg"]["f1-score"]),
        **{name: _fraction(value) for name, value in token_scores(sentences).items()},
        "calibration_error": _fraction(calibration_error(matches)),
        "predictions_invalid": sum(len(violations(tags, "IOB2")) for tags in predicted),
        "entities": int(strict["micro avg"]["support"]),
        "sentences": len(sentences),
        **{f"errors.{kind}": count for kind, count in error_counts(matches).items()},
        **_label_metrics(strict),
    }


def training_metrics(
    sentences: Sequence[TaggedSentence], matches: Sequence[EntityMatch], train: Sequence[Sentence]
) -> dict[str, float]:
    """Compute the metrics that need the training data as well: strict entity F1, rounded to five places.

    - `lookup_f1`: of the most-frequent-tag baseline on the same test set; see ner/evaluation/baseline.py.
    - `seen_f1`, `unseen_f1`: of mentions that occur in `train`, and of others; see ner/evaluation/seen_unseen.py.

    Args:
        sentences: the tagged test set.
        matches: of `match_entities(sentences)`.
        train: all sentences that the tagger was trained on, with dev if dev was trained on.
    """
    tags = most_frequent_tags(train)
    split = seen_unseen_f1(sentences, matches, train)
    return {
        "lookup_f1": _fraction(
            entity_f1([one.gold for one in sentences], [look_up(one.tokens, tags) for one in sentences])
        ),
        "seen_f1": _fraction(split.seen_f1),
        "unseen_f1": _fraction(split.unseen_f1),
    }


def gold_repaired(corpus_statistics: Mapping[str, Any]) -> int:
    """Count the gold tags of the test file that were invalid in its tag scheme, and were repaired as conlleval does.

    Args:
        corpus_statistics: the content of metrics/corpora/<corpus>.json. If the test set was split off from train, all
            repairs in the file of train are counted, since it is not known which of them fell into the test set.
    """
    files = corpus_statistics["files"]
    return sum(files["test" if "test" in files else "train"]["tags_repaired"].values())


def sentence_counts(sentences: Sequence[TaggedSentence]) -> list[dict[str, int]]:
    """Count strict entities and tokens in every sentence, under COUNT_COLUMNS. The rows add up to the totals."""
    rows = []
    for sentence in sentences:
        counts = count_entities(sentence.gold, sentence.predicted, strict=True)
        right = sum(one == other for one, other in zip(sentence.gold, sentence.predicted, strict=True))
        rows.append(dict(zip(COUNT_COLUMNS, (*counts, len(sentence.tokens), right), strict=True)))
    return rows


def _seqeval(gold: list[list[str]], predicted: list[list[str]], **mode: Any) -> dict[str, dict[str, float]]:
    with warnings.catch_warnings():  # about averages over no label, which are not used
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
