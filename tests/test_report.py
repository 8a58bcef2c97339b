"""The metrics file, the counts by sentence, and the table by label."""

import json
from collections.abc import Mapping

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner.metrics import Counts, score
from ner.predictions import TaggedSentence
from ner.report import COUNT_COLUMNS, label_table, metrics, sentence_counts

HEADLINE = (
    "entity_f1",
    "entity_precision",
    "entity_recall",
    "conlleval_f1",
    "token_accuracy",
    "entities",
    "sentences",
)


def tagged(gold: str, predicted: str) -> TaggedSentence:
    gold_tags, predicted_tags = tuple(gold.split()), tuple(predicted.split())
    return TaggedSentence(("x",) * len(gold_tags), gold_tags, predicted_tags, (0.5,) * len(gold_tags))


@st.composite
def predictions(draw: st.DrawFn) -> list[TaggedSentence]:
    """Any tags anywhere, after one sentence that has an entity on each side."""
    tag = st.sampled_from(("O", "B-PER", "I-PER", "B-LOC", "I-LOC"))
    sentences = [tagged("B-PER", "B-LOC")]
    for length in draw(st.lists(st.integers(1, 7), max_size=5)):
        gold, predicted = (draw(st.lists(tag, min_size=length, max_size=length)) for _ in range(2))
        sentences.append(tagged(" ".join(gold), " ".join(predicted)))
    return sentences


def test_metrics_are_flat_and_rounded_to_five_places() -> None:
    sentences = [
        tagged("B-PER I-PER O B-LOC", "B-PER I-PER O O"),
        tagged("O B-LOC O", "O I-LOC O"),  # an entity for conlleval alone
    ]
    assert metrics(sentences) == {
        "entity_f1": 0.5,
        "entity_precision": 1.0,
        "entity_recall": 0.33333,
        "conlleval_f1": 0.8,
        "token_accuracy": 0.71429,
        "entities": 3,
        "sentences": 2,
        "labels.LOC.precision": 0.0,
        "labels.LOC.recall": 0.0,
        "labels.LOC.f1": 0.0,
        "labels.LOC.support": 2,
        "labels.PER.precision": 1.0,
        "labels.PER.recall": 1.0,
        "labels.PER.f1": 1.0,
        "labels.PER.support": 1,
    }


def test_metrics_list_headline_first_then_labels_in_order() -> None:
    numbers = metrics([tagged("B-PER B-LOC B-ART", "O O O")])
    assert list(numbers) == [
        *HEADLINE,
        *(
            f"labels.{label}.{name}"
            for label in ("ART", "LOC", "PER")
            for name in ("precision", "recall", "f1", "support")
        ),
    ]


@settings(deadline=None)
@given(predictions())
def test_metrics_survive_json_as_plain_numbers(sentences: list[TaggedSentence]) -> None:
    numbers = metrics(sentences)
    assert json.loads(json.dumps(numbers)) == numbers
    wrong = {
        key: value
        for key, value in numbers.items()
        if type(value) is not (int if key.rpartition(".")[2] in {"entities", "sentences", "support"} else float)
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("gold", "predicted", "entities", "labels"),
    [
        ("B-PER O", "O O", 1, {"PER"}),
        ("O O", "B-PER O", 0, {"PER"}),
        ("B-LOC O", "B-PER O", 1, {"LOC", "PER"}),
        ("B-PER O", "I-PER O", 1, {"PER"}),
        ("O O", "O O", 0, set()),
        ("O O", "I-PER O", 0, set()),  # strictly no entity, for conlleval one
    ],
)
def test_metrics_are_zero_where_nothing_is_right(gold: str, predicted: str, entities: int, labels: set[str]) -> None:
    numbers = metrics([tagged(gold, predicted)])
    assert [numbers[name] for name in ("entity_f1", "entity_precision", "entity_recall")] == [0.0, 0.0, 0.0]
    assert numbers["entities"] == entities
    assert {key.split(".")[1] for key in numbers if key.startswith("labels.")} == labels


def test_metrics_have_labels_that_are_only_predicted() -> None:
    numbers = metrics([tagged("B-PER O", "B-PER B-LOC")])
    assert [numbers[f"labels.LOC.{name}"] for name in ("precision", "recall", "f1", "support")] == [0.0, 0.0, 0.0, 0]


@pytest.mark.parametrize("label", ["JOB-TITLE", "B-I", "U.S", "مكان", "Straße", "病名", "avg"])
def test_metrics_keep_labels_as_they_are(label: str) -> None:
    numbers = metrics([tagged(f"B-{label} I-{label} O B-PER", f"B-{label} I-{label} O O")])
    assert numbers[f"labels.{label}.f1"] == 1.0
    assert len(numbers) == len(HEADLINE) + 2 * 4


def test_metrics_count_every_token_for_accuracy() -> None:
    numbers = metrics([tagged("O O O O O O O O O", "O O O O O O O O O"), tagged("B-PER", "I-PER")])
    assert numbers["token_accuracy"] == 0.9


def test_metrics_tell_labels_apart_that_share_a_beginning() -> None:
    numbers = metrics([tagged("B-JOB O B-JOB-TITLE", "B-JOB-TITLE O B-JOB-TITLE")])
    assert (numbers["labels.JOB.f1"], numbers["labels.JOB-TITLE.f1"]) == (0.0, 0.66667)


def test_sentence_counts_have_a_row_a_sentence() -> None:
    sentences = [tagged("B-PER I-PER O B-LOC", "B-PER I-PER O I-LOC"), tagged("O O", "O B-LOC")]
    assert sentence_counts(sentences) == [
        {"gold": 2, "predicted": 1, "correct": 1, "tokens": 4, "correct_tokens": 3},
        {"gold": 0, "predicted": 1, "correct": 0, "tokens": 2, "correct_tokens": 1},
    ]


@settings(deadline=None)
@given(predictions())
def test_sentence_counts_add_up_to_the_metrics(sentences: list[TaggedSentence]) -> None:
    rows, numbers = sentence_counts(sentences), metrics(sentences)
    total = {name: sum(row[name] for row in rows) for name in COUNT_COLUMNS}
    strict = score(Counts(total["gold"], total["predicted"], total["correct"]))
    headline = {name: numbers[name] for name in HEADLINE if name != "conlleval_f1"}
    assert headline == pytest.approx(
        {
            "entity_f1": strict.f1,
            "entity_precision": strict.precision,
            "entity_recall": strict.recall,
            "token_accuracy": total["correct_tokens"] / total["tokens"],
            "entities": total["gold"],
            "sentences": len(rows),
        },
        abs=0.51e-5,
        rel=0,
    )


def test_sentence_counts_need_a_prediction_for_every_token() -> None:
    with pytest.raises(ValueError, match="zip"):
        sentence_counts([TaggedSentence(("x", "y"), ("O", "O"), ("O",), (1.0,))])


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
