"""Tables behind the plots: their counts add up to the matched entities."""

from collections.abc import Mapping

import pandas as pd
import pytest

from ner.core.tagscheme import is_label
from ner.evaluation.breakdown import NONE, confusion_table, error_counts, error_table, label_table, length_table
from ner.evaluation.matching import match_entities
from ner.evaluation.report import metrics
from tests.evaluation.tagged_sentences import tagged

SENTENCES = [
    tagged("B-PER I-PER O B-LOC", "B-PER I-PER O B-PER"),  # correct, wrong_label
    tagged("B-LOC I-LOC O O", "B-LOC O O B-ORG"),  # wrong_boundary, spurious
    tagged("B-LOC O", "O O"),  # missed
    tagged("B-PER I-PER", "O B-ORG"),  # wrong_both
]
OUTCOMES = match_entities(SENTENCES)


def rows_of(table: pd.DataFrame) -> list[tuple[object, ...]]:
    return list(table.itertuples(index=False, name=None))


def test_confusion_table_has_all_combinations() -> None:
    table = confusion_table(OUTCOMES)
    assert len(table) == 4 * 4 - 1
    assert {(row[0], row[1]): row[2] for row in rows_of(table) if row[2]} == {
        ("PER", "PER"): 1,
        ("LOC", "PER"): 1,
        ("LOC", "LOC"): 1,  # its boundary is wrong
        ("LOC", NONE): 1,
        ("PER", "ORG"): 1,
        (NONE, "ORG"): 1,
    }


def test_no_label_can_be_taken_for_none() -> None:
    assert not is_label(NONE)


def test_error_table_counts_kinds_by_label() -> None:
    assert [row for row in rows_of(error_table(OUTCOMES)) if row[2]] == [
        ("LOC", "missed", 1),
        ("LOC", "wrong_label", 1),
        ("LOC", "wrong_boundary", 1),
        ("ORG", "spurious", 1),
        ("PER", "wrong_both", 1),
    ]


def test_error_counts_are_those_of_the_table() -> None:
    table = error_table(OUTCOMES)
    assert error_counts(OUTCOMES) == table.groupby("error")["count"].sum().to_dict()


def test_tables_of_no_match_are_empty_but_for_their_columns() -> None:
    assert list(confusion_table([]).columns) == ["actual", "predicted", "count"]
    assert error_table([]).empty


def test_length_table_counts_each_side_under_its_own_length() -> None:
    rows = {(row[0], row[1]): row[2:] for row in rows_of(length_table(OUTCOMES, [4, 15, 31, 51]))}
    assert rows["entity", "1"] == (0.0, 2, 4, 0)
    assert rows["entity", "2"] == (0.5, 3, 1, 1)
    assert rows["entity", "5 or more"] == (0.0, 0, 0, 0)
    assert rows["sentence", "1-10"] == (0.5, 2, 2, 1)
    assert rows["sentence", "11-20"] == (0.0, 1, 2, 0)
    assert rows["sentence", "31-50"] == (0.0, 1, 0, 0)
    assert rows["sentence", "over 50"] == (0.0, 1, 1, 0)


@pytest.mark.parametrize(("tokens", "row"), [(1, "1-10"), (10, "1-10"), (11, "11-20"), (50, "31-50"), (51, "over 50")])
def test_length_table_rows_hold_their_last_length(tokens: int, row: str) -> None:
    table = length_table(match_entities([tagged("B-PER", "B-PER")]), [tokens])
    found = table[(table["of"] == "sentence") & (table["gold"] == 1)]
    assert found["tokens"].tolist() == [row]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (
            {
                "entity_f1": 0.5,
                "labels.PER.precision": 0.1,
                "labels.PER.recall": 0.2,
                "labels.PER.f1": 0.3,
                "labels.PER.support": 4,
                "labels.JOB-TITLE.precision": 0.5,
                "labels.JOB-TITLE.recall": 0.6,
                "labels.JOB-TITLE.f1": 0.7,
                "labels.JOB-TITLE.support": 8,
            },
            [("JOB-TITLE", 0.5, 0.6, 0.7, 8), ("PER", 0.1, 0.2, 0.3, 4)],
        ),
        (
            {"labels.U.S.precision": 0.1, "labels.U.S.recall": 0.2, "labels.U.S.f1": 0.3, "labels.U.S.support": 4},
            [("U.S", 0.1, 0.2, 0.3, 4)],
        ),
        ({"entity_f1": 0.5}, []),
    ],
)
def test_label_table_has_a_row_a_label(
    numbers: Mapping[str, float], expected: list[tuple[str, float, float, float, int]]
) -> None:
    table = label_table(numbers)
    assert list(table.columns) == ["label", "precision", "recall", "f1", "support"]
    assert list(table.itertuples(index=False, name=None)) == expected


def test_label_table_keeps_support_whole() -> None:
    table = label_table(metrics([tagged("B-PER O", "B-PER O")]))
    pd.testing.assert_frame_equal(
        table, pd.DataFrame({"label": ["PER"], "precision": [1.0], "recall": [1.0], "f1": [1.0], "support": [1]})
    )
