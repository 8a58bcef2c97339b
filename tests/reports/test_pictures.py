"""Still pictures: the numbers are in them, and the same numbers make the same bytes."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from ner.reports.pictures import draw_confusions, draw_f1, draw_labels, draw_learning_curves, draw_sentences

COMPARISON = pd.DataFrame(
    {
        "corpus": ["a", "b", "a"],
        "entity_f1": [0.5, 0.875, 0.6251],
        "entity_f1_low": [0.4, 0.8, 0.6],
        "entity_f1_high": [0.6, 0.9, 0.7],
        "lookup_f1": [0.3, 0.4, 0.3],
    },
    index=pd.Index(["one", "other", "third"], name="run"),
)
CURVE = pd.DataFrame({"epoch": [1, 2, 3], "loss": [3.0, 2.0, 1.0], "dev_entity_f1": [0.1, 0.5, 0.6]})
CURVES = {"a": {"one": CURVE, "third": CURVE}, "b": {"other": CURVE}}
CONFUSIONS = {
    "one": pd.DataFrame(
        [("LOC", "LOC", 1234), ("LOC", "-none-", 77), ("-none-", "LOC", 0)], columns=["actual", "predicted", "count"]
    )
}
LABELS = {"one": pd.DataFrame({"label": ["LOC", "PER"], "f1": [0.9123, 0.25], "support": [1311, 8]})}
STUDY = {"0": {"dev_entity_f1": 0.84}, "7500": {"dev_entity_f1": 0.85, "student_dev_entity_f1": 0.8}}
PICTURES = [
    (draw_f1, COMPARISON),
    (draw_learning_curves, CURVES),
    (draw_confusions, CONFUSIONS),
    (draw_labels, LABELS),
    (draw_sentences, STUDY),
]
Draw = Callable[[Path, object], None]


def texts(draw: Draw, content: object, path: Path) -> list[str]:
    draw(path, content)
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("draw", "content"), PICTURES)
def test_pictures_are_the_same_bytes_every_time_and_load_nothing(draw: Draw, content: object, tmp_path: Path) -> None:
    one, other = tmp_path / "one.svg", tmp_path / "other.svg"
    draw(one, content)
    draw(other, content)
    assert one.read_bytes() == other.read_bytes()
    assert not re.search(r"<dc:date>|<image|<script|[ \t]\n", one.read_text(encoding="utf-8"))


def test_sentences_are_named_below_the_curves(tmp_path: Path) -> None:
    drawn = texts(draw_sentences, STUDY, tmp_path / "sentences.svg")
    assert {"0", "7,500", "pseudo-labelled sentences", "student", "after training on the corpus"} <= set(drawn)


def test_f1_has_a_row_a_run_by_corpus(tmp_path: Path) -> None:
    drawn = texts(draw_f1, COMPARISON, tmp_path / "f1.svg")
    assert [text for text in drawn if text in COMPARISON.index] == ["other", "third", "one"]  # from the bottom
    assert [text for text in drawn if text in {"50.0", "87.5", "62.5"}] == ["87.5", "62.5", "50.0"]


def test_learning_curves_have_a_picture_a_corpus_and_a_line_a_run(tmp_path: Path) -> None:
    drawn = texts(draw_learning_curves, CURVES, tmp_path / "curves.svg")
    assert [text for text in drawn if text in {"a", "b", *COMPARISON.index}] == ["a", "one", "third", "b", "other"]


def test_confusions_have_counts_but_no_zeros(tmp_path: Path) -> None:
    drawn = texts(draw_confusions, CONFUSIONS, tmp_path / "confusions.svg")
    assert drawn.count("1,234") == drawn.count("77") == 1
    assert "0" not in drawn
    assert drawn.count("none") == drawn.count("LOC") == 2


def test_labels_have_f1_and_support_the_best_on_top(tmp_path: Path) -> None:
    drawn = texts(draw_labels, LABELS, tmp_path / "labels.svg")
    assert [text for text in drawn if "(" in text and "F1" not in text] == ["25.0 (8)", "91.2 (1,311)"]
    assert [text for text in drawn if text in {"LOC", "PER"}] == ["PER", "LOC"]


@pytest.mark.parametrize("pictures", [1, 2, 3, 4, 5])
def test_grids_hold_any_number(pictures: int, tmp_path: Path) -> None:
    drawn = texts(draw_labels, {f"run-{number}": LABELS["one"] for number in range(pictures)}, tmp_path / "labels.svg")
    assert len([text for text in drawn if text.startswith("run-")]) == pictures
