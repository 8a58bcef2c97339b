"""The metrics file, and the counts by sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.core.entity_f1 import Counts, score
from ner.core.predictions import TaggedSentence
from ner.evaluation.report import COUNT_COLUMNS, gold_repaired, metrics, sentence_counts
from tests.evaluation.tagged_sentences import tagged

HEADLINE = (
    "entity_f1",
    "entity_f1_low",
    "entity_f1_high",
    "entity_precision",
    "entity_recall",
    "conlleval_f1",
    "token_accuracy",
    "token_accuracy_padded",
    "token_f1_without_o",
    "token_f1_weighted_without_o",
    "token_f1_weighted_with_o",
    "calibration_error",
    "predictions_invalid",
    "entities",
    "sentences",
    "errors.missed",
    "errors.spurious",
    "errors.wrong_label",
    "errors.wrong_boundary",
    "errors.wrong_both",
)
ADD_UP = ("entity_f1", "entity_precision", "entity_recall", "token_accuracy", "entities", "sentences")


@st.composite
def predictions(draw: st.DrawFn) -> list[TaggedSentence]:
    """Draw sentences with any tags, after one sentence with a gold and a predicted entity."""
    tag = st.sampled_from(("O", "B-PER", "I-PER", "B-LOC", "I-LOC"))
    sentences = [tagged("B-PER", "B-LOC")]
    for length in draw(st.lists(st.integers(1, 7), max_size=5)):
        gold, predicted = (draw(st.lists(tag, min_size=length, max_size=length)) for _ in range(2))
        sentences.append(tagged(" ".join(gold), " ".join(predicted)))
    return sentences


def is_count(key: str) -> bool:
    return key.startswith("errors.") or key.rpartition(".")[2] in {
        "entities",
        "sentences",
        "support",
        "predictions_invalid",
    }


def test_metrics_are_flat_and_rounded_to_five_places() -> None:
    sentences = [
        tagged("B-PER I-PER O B-LOC", "B-PER I-PER O O"),
        tagged("O B-LOC O", "O I-LOC O"),  # an entity for conlleval alone
    ]
    assert metrics(sentences) == {
        "entity_f1": 0.5,
        "entity_f1_low": 0.0,  # a resample with the second sentence twice
        "entity_f1_high": 0.66667,  # a resample with the first sentence twice
        "entity_precision": 1.0,
        "entity_recall": 0.33333,
        "conlleval_f1": 0.8,
        "token_accuracy": 0.71429,
        "token_accuracy_padded": 0.75,
        "token_f1_without_o": 0.57143,
        "token_f1_weighted_without_o": 0.5,
        "token_f1_weighted_with_o": 0.65306,
        "calibration_error": 0.5,
        "predictions_invalid": 1,
        "entities": 3,
        "sentences": 2,
        "errors.missed": 2,
        "errors.spurious": 0,
        "errors.wrong_label": 0,
        "errors.wrong_boundary": 0,
        "errors.wrong_both": 0,
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


@given(predictions())
def test_metrics_survive_json_as_plain_numbers(sentences: list[TaggedSentence]) -> None:
    numbers = metrics(sentences)
    assert json.loads(json.dumps(numbers)) == numbers
    wrong = {key: value for key, value in numbers.items() if type(value) is not (int if is_count(key) else float)}
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


@given(predictions())
def test_sentence_counts_add_up_to_the_metrics(sentences: list[TaggedSentence]) -> None:
    rows, numbers = sentence_counts(sentences), metrics(sentences)
    total = {name: sum(row[name] for row in rows) for name in COUNT_COLUMNS}
    strict = score(Counts(total["gold"], total["predicted"], total["correct"]))
    assert {name: numbers[name] for name in ADD_UP} == pytest.approx(
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
        sentence_counts([TaggedSentence(("x", "y"), ("O", "O"), ("O",), (1.0,), (0.0,))])


@given(predictions())
def test_errors_share_entities_out(sentences: list[TaggedSentence]) -> None:
    rows, numbers = sentence_counts(sentences), metrics(sentences)
    pairs = sum(numbers[f"errors.{kind}"] for kind in ("wrong_label", "wrong_boundary", "wrong_both"))
    found = sum(row["correct"] for row in rows)
    assert found + pairs + numbers["errors.missed"] == sum(row["gold"] for row in rows)
    assert found + pairs + numbers["errors.spurious"] == sum(row["predicted"] for row in rows)


def test_metrics_hold_entity_f1_between_its_bounds() -> None:
    sentences = [tagged("B-PER O", "B-PER O")] * 30 + [tagged("B-PER O", "O B-LOC")] * 10
    numbers = metrics(sentences)
    assert 0.5 < numbers["entity_f1_low"] < numbers["entity_f1"] == 0.75 < numbers["entity_f1_high"] < 1.0


@pytest.mark.parametrize(
    ("files", "repaired"),
    [
        (
            {
                "train": {"tags_repaired": {"I-X -> B-X": 5}},
                "test": {"tags_repaired": {"I-X -> B-X": 2, "I-Y -> B-Y": 1}},
            },
            3,
        ),
        ({"train": {"tags_repaired": {"I-X -> B-X": 5}}, "test": {"tags_repaired": {}}}, 0),
        ({"train": {"tags_repaired": {"I-X -> B-X": 5}}}, 5),  # the test set is cut from it
    ],
)
def test_gold_repaired_counts_the_file_of_the_test_set(files: dict[str, object], repaired: int) -> None:
    assert gold_repaired({"files": files}) == repaired
