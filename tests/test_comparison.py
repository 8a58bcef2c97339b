"""Runs side by side: the table, and what the terminal shows of it."""

import json

import pandas as pd
import pytest
from rich.console import Console

from ner.comparison import compare, render
from ner.predictions import TaggedSentence
from ner.report import metrics, sentence_counts

COLUMNS = ["entity_f1", "entity_precision", "entity_recall", "token_accuracy", "entities", "sentences"]


def tagged(gold: str, predicted: str) -> TaggedSentence:
    gold_tags, predicted_tags = tuple(gold.split()), tuple(predicted.split())
    return TaggedSentence(("x",) * len(gold_tags), gold_tags, predicted_tags, (0.5,) * len(gold_tags))


@pytest.fixture
def counts() -> dict[str, pd.DataFrame]:
    return {
        "zebra": pd.DataFrame(
            [
                {"gold": 2, "predicted": 1, "correct": 1, "tokens": 5, "correct_tokens": 4},
                {"gold": 1, "predicted": 1, "correct": 0, "tokens": 2, "correct_tokens": 1},
            ]
        ),
        "ant": pd.DataFrame([{"gold": 1200, "predicted": 0, "correct": 0, "tokens": 5000, "correct_tokens": 3800}]),
        "silent": pd.DataFrame([{"gold": 0, "predicted": 0, "correct": 0, "tokens": 3, "correct_tokens": 3}]),
    }


def test_compare_scores_the_sums_of_each_run_in_the_order_given(counts: dict[str, pd.DataFrame]) -> None:
    expected = pd.DataFrame(
        [
            (0.4, 0.5, 0.33333, 0.71429, 3, 2),
            (0.0, 0.0, 0.0, 0.76, 1200, 1),
            (0.0, 0.0, 0.0, 1.0, 0, 1),
        ],
        columns=COLUMNS,
        index=pd.Index(["zebra", "ant", "silent"], name="run"),
    )
    pd.testing.assert_frame_equal(compare(counts), expected)


def test_compare_says_what_the_metrics_files_say() -> None:
    runs = {
        "one": [tagged("B-PER I-PER O", "B-PER I-PER O"), tagged("B-LOC O B-PER", "I-LOC O B-PER")],
        "other": [tagged("B-PER I-PER O", "B-PER O O"), tagged("B-LOC O B-PER", "B-LOC B-LOC B-LOC")],
    }
    table = compare({run: pd.DataFrame(sentence_counts(sentences)) for run, sentences in runs.items()})
    for run, sentences in runs.items():
        numbers = metrics(sentences)
        assert table.loc[run].to_dict() == {name: numbers[name] for name in COLUMNS}


def test_compare_keeps_counts_whole_in_json(counts: dict[str, pd.DataFrame]) -> None:
    row = json.loads(compare(counts).to_json(orient="index"))["zebra"]
    assert {name: type(value) for name, value in row.items()} == dict.fromkeys(COLUMNS, float) | {
        "entities": int,
        "sentences": int,
    }


def test_render_shows_percents_and_counts(counts: dict[str, pd.DataFrame]) -> None:
    console = Console(width=120)
    with console.capture() as capture:
        console.print(render(compare(counts)))
    rows = [
        [cell.strip() for cell in line.strip("│┃").split("│")] for line in capture.get().splitlines() if "│" in line
    ]
    assert rows == [
        ["zebra", "40.00%", "50.00%", "33.33%", "71.43%", "3", "2"],
        ["ant", "0.00%", "0.00%", "0.00%", "76.00%", "1,200", "1"],
        ["silent", "0.00%", "0.00%", "0.00%", "100.00%", "0", "1"],
    ]


def test_render_names_its_columns_in_words(counts: dict[str, pd.DataFrame]) -> None:
    table = render(compare(counts))
    assert [column.header for column in table.columns] == ["run", *(name.replace("_", " ") for name in COLUMNS)]
