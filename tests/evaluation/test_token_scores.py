"""Scores by token, by hand and against scikit-learn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from ner.evaluation.token_scores import token_scores
from tests.evaluation.tagged_sentences import tagged


def test_token_scores_by_hand() -> None:
    sentences = [tagged("B-PER I-PER O O", "B-PER O O B-LOC"), tagged("B-PER", "B-LOC")]
    assert token_scores(sentences) == pytest.approx(
        {
            "token_accuracy": 2 / 5,
            "token_accuracy_padded": 5 / 8,  # two sentences of four, three tokens of padding
            "token_f1_without_o": 2 * 1 / (3 + 3),
            "token_f1_weighted_without_o": (2 * (2 / 3) + 1 * 0 + 0) / 3,  # B-PER, I-PER, B-LOC
            "token_f1_weighted_with_o": (2 * (2 / 3) + 0 + 2 * (2 / 4)) / 5,  # and O
        }
    )


def test_token_scores_are_zero_where_there_is_no_entity() -> None:
    scores = token_scores([tagged("O O", "O O")])
    assert (scores["token_f1_without_o"], scores["token_f1_weighted_without_o"]) == (0.0, 0.0)
    assert scores["token_f1_weighted_with_o"] == 1.0


TAGS = ("O", "B-PER", "I-PER", "B-LOC")


@given(st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), min_size=1, max_size=12))
def test_token_scores_equal_those_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    gold, predicted = (list(side) for side in zip(*pairs, strict=True))
    entities = sorted(({*gold, *predicted}) - {"O"})
    expected = {
        "token_accuracy": accuracy_score(gold, predicted),
        "token_f1_weighted_with_o": f1_score(gold, predicted, average="weighted", zero_division=0),
    }
    if set(gold) & set(entities):
        for name, average in (("token_f1_without_o", "micro"), ("token_f1_weighted_without_o", "weighted")):
            expected[name] = f1_score(gold, predicted, labels=entities, average=average, zero_division=0)
    scores = token_scores([tagged(" ".join(gold), " ".join(predicted))])
    assert {name: scores[name] for name in expected} == pytest.approx(expected, abs=1e-12)


def test_padded_accuracy_equals_accuracy_over_padded_rows() -> None:
    sentences = [tagged("B-PER O O", "O O O"), tagged("B-LOC", "B-PER"), tagged("O O", "O O")]
    rows = [[(*side, *["PAD"] * (3 - len(side))) for side in (one.gold, one.predicted)] for one in sentences]
    gold, predicted = ([tag for row in rows for tag in row[side]] for side in (0, 1))
    assert token_scores(sentences)["token_accuracy_padded"] == pytest.approx(accuracy_score(gold, predicted))
