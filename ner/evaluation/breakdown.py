"""Matched entities -> the tables behind the plots: by label, by kind of error, by length."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from ner.core.entity_f1 import Counts, score
from ner.evaluation.matching import CORRECT, ERRORS, EntityMatch

NONE = "-none-"  # stands for "no entity"; no label begins with a hyphen
LONGEST_ENTITY = 5  # tokens; longer entities share its row
SENTENCE_LENGTHS = (0, 10, 20, 30, 50)  # tokens; row i holds the lengths from SENTENCE_LENGTHS[i] + 1 on


def label_table(numbers: Mapping[str, float]) -> pd.DataFrame:
    """Turn the `labels.*` keys of a metrics file into a table with one row a label."""
    cells = [key.removeprefix("labels.").rpartition(".") for key in numbers if key.startswith("labels.")]
    labels = sorted({label for label, _, _ in cells})
    columns = ("precision", "recall", "f1", "support")
    return pd.DataFrame(
        [{"label": label, **{name: numbers[f"labels.{label}.{name}"] for name in columns}} for label in labels],
        columns=["label", *columns],
    )


def confusion_table(matches: Sequence[EntityMatch]) -> pd.DataFrame:
    """Count the pairs of gold label and predicted label, for all combinations of labels.

    Missed entities have the predicted label NONE, spurious ones the gold label NONE. Paired entities share a token, but
    not always their bounds: the diagonal counts both correct and wrong_boundary.
    """
    pairs = Counter(
        (match.gold.label if match.gold else NONE, match.predicted.label if match.predicted else NONE)
        for match in matches
    )
    labels = [*sorted({label for pair in pairs for label in pair} - {NONE}), NONE]
    rows = [
        (actual, predicted, pairs[actual, predicted])
        for actual in labels
        for predicted in labels
        if (actual, predicted) != (NONE, NONE)
    ]
    return pd.DataFrame(rows, columns=["actual", "predicted", "count"])


def error_table(matches: Sequence[EntityMatch]) -> pd.DataFrame:
    """Count the errors of each kind by gold label, or, for spurious entities, by predicted label."""
    counts = Counter(
        (span.label, match.kind)
        for match in matches
        if (span := match.gold or match.predicted) and match.kind != CORRECT
    )
    labels = sorted({span.label for match in matches if (span := match.gold or match.predicted)})
    rows = [(label, kind, counts[label, kind]) for label in labels for kind in ERRORS]
    return pd.DataFrame(rows, columns=["label", "error", "count"])


def error_counts(matches: Sequence[EntityMatch]) -> dict[str, int]:
    """Count the errors of each kind, in the order of ERRORS."""
    counts = Counter(match.kind for match in matches)
    return {kind: counts[kind] for kind in ERRORS}


def length_table(matches: Sequence[EntityMatch], sentence_lengths: Sequence[int]) -> pd.DataFrame:
    """Compute entity F1 by the length of the entity, and by the length of its sentence, in tokens.

    Gold and predicted entities each count under their own length. So a predicted entity of the wrong length is an error
    in two rows: its own, and that of the gold entity.

    Args:
        matches: the matches of all sentences.
        sentence_lengths: the number of tokens of each sentence.
    """
    by_entity = {name: [0, 0, 0] for name in [*map(str, range(1, LONGEST_ENTITY)), f"{LONGEST_ENTITY} or more"]}
    by_sentence = {_sentence_row(start + 1): [0, 0, 0] for start in SENTENCE_LENGTHS}
    for match in matches:
        sentence = by_sentence[_sentence_row(sentence_lengths[match.sentence])]
        sides = (match.gold, match.predicted, match.gold if match.kind == CORRECT else None)
        for column, span in enumerate(sides):
            if span:
                by_entity[_entity_row(span.end - span.start)][column] += 1
                sentence[column] += 1
    rows = [
        (of, tokens, round(score(Counts(*numbers)).f1, 5), *numbers)
        for of, table in (("entity", by_entity), ("sentence", by_sentence))
        for tokens, numbers in table.items()
    ]
    return pd.DataFrame(rows, columns=["of", "tokens", "f1", "gold", "predicted", "correct"])


def _entity_row(tokens: int) -> str:
    return str(tokens) if tokens < LONGEST_ENTITY else f"{LONGEST_ENTITY} or more"


def _sentence_row(tokens: int) -> str:
    start = max(start for start in SENTENCE_LENGTHS if start < tokens)
    ends = SENTENCE_LENGTHS[SENTENCE_LENGTHS.index(start) + 1 :]
    return f"{start + 1}-{ends[0]}" if ends else f"over {start}"
