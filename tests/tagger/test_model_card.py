"""The model card says what was measured, of any corpus, and nothing that changes from day to day."""

import re
from pathlib import Path
from typing import Any

import pytest

from ner.core.training_data import training_data
from ner.tagger.files import Settings
from ner.tagger.model_card import file_sizes, model_card, smaller_note

SETTINGS = Settings(
    name="news-crf",
    corpus="news",
    language="en",
    rule="words",
    normalisation=(),
    casings=True,
    longest=0,
    weights="float32",
    scores={},
)
STATISTICS = {
    "splits": {
        "train": {"sentences": 14041, "tokens": 203621, "entities": 23499},
        "dev": {"sentences": 3250, "tokens": 51362, "entities": 5942},
        "test": {"sentences": 3453, "tokens": 46435, "entities": 5648},
    }
}
SCORES: dict[str, Any] = {
    "entity_f1": 0.88512,
    "entity_f1_low": 0.87583,
    "entity_f1_high": 0.8942,
    "seen_f1": 0.96013,
    "unseen_f1": 0.0,
    "calibration_error": 0.05994,
}
LABELS = {
    f"labels.{label}.{name}": value
    for label, f1 in (("PER", 0.93443), ("LOC", 0.91649), ("JOB.TITLE", 1.0))
    for name, value in (("precision", 0.5), ("recall", 0.25), ("f1", f1), ("support", 17))
}


def run(dev: str = "choose", base: str = "none") -> dict[str, Any]:
    """The part of an entry of params.yaml that a card reads."""
    return {"base": base, "training": {"dev": dev}}


PLACE = "taggers/news-crf"
SIZES = {"words.txt": 144_493, "tokens.onnx": 7_084_122, "vectors/table.npy": 12}


@pytest.fixture
def card() -> str:
    return model_card(PLACE, SETTINGS, SCORES | LABELS, STATISTICS, training_data(STATISTICS, run()), SIZES)


def test_card_has_the_scores(card: str) -> None:
    text = " ".join(card.split())
    assert card.startswith("# news-crf\n\nFinds JOB.TITLE, LOC and PER in English text like that of the corpus news.\n")
    assert "Trained on train of news: 14,041 sentences (203,621 tokens, 23,499 entities)" in text
    assert "F1 88.51, with a 95% bootstrap interval from 87.58 to 89.42." in text
    assert "96.01 of entities that train has, and 0.00 of others" in text
    assert "by 5.99 points on average" in text
    assert "| PER | 50.00 | 25.00 | 93.44 | 17 |" in card
    assert "| JOB.TITLE | 50.00 | 25.00 | 100.00 | 17 |" in card
    assert "7.2 MB in all" in text


def test_card_counts_dev_if_it_was_trained_on() -> None:
    card = model_card(PLACE, SETTINGS, SCORES, STATISTICS, training_data(STATISTICS, run("train")), SIZES)
    expected = "Trained on train and dev of news: 17,291 sentences (254,983 tokens, 29,441 entities)"
    text = " ".join(card.split())
    assert expected in text
    assert "96.01 of entities that train and dev have, and" in text


def test_card_names_what_the_network_started_from(card: str) -> None:
    started = model_card(
        PLACE, SETTINGS, SCORES, STATISTICS, training_data(STATISTICS, run(base="news-student")), SIZES
    )
    assert "23,499 entities). It started from the network `news-student`. The corpus" in " ".join(started.split())
    assert "It started" not in card


def test_card_has_the_files(card: str) -> None:
    assert card.endswith("| tokens.onnx | 7,084,122 |\n| vectors/table.npy | 12 |\n| words.txt | 144,493 |\n")


def test_card_has_no_dates_and_no_paths(card: str) -> None:
    assert not re.search(r"\b(19|20)\d\d\b|\d\d:\d\d|(^|[\s`(])/\w", card)


def test_card_has_whole_tables(card: str) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", card, re.MULTILINE):
        rows = table.splitlines()
        assert len({row.count("|") for row in rows}) == 1
        assert re.fullmatch(r"\|---(\|---:)+\|", rows[1])
    assert all(len(line) <= 100 for line in card.splitlines() if not line.startswith("|"))


def test_card_of_a_run_without_labels() -> None:
    card = model_card(PLACE, SETTINGS, SCORES, STATISTICS, training_data(STATISTICS, run()), SIZES)
    assert "Finds entities in English" in card
    assert "| label |" not in card
    assert "\n\n\n" not in card


@pytest.mark.parametrize(("label", "expected"), [("PER", "Finds PER in"), ("LOC PER", "Finds LOC and PER in")])
def test_card_lists_labels(label: str, expected: str) -> None:
    scores = {key: value for key, value in LABELS.items() if key.split(".")[1] in label.split()}
    assert expected in model_card(PLACE, SETTINGS, SCORES | scores, STATISTICS, training_data(STATISTICS, run()), SIZES)


@pytest.mark.parametrize(("language", "expected"), [("ar", "in Arabic text"), ("xx", "in xx text")])
def test_card_names_the_language(language: str, expected: str) -> None:
    settings = Settings(**{**vars(SETTINGS), "language": language})
    assert expected in model_card(PLACE, settings, SCORES, STATISTICS, training_data(STATISTICS, run()), SIZES)


def test_file_sizes_are_of_all_files_below(tmp_path: Path) -> None:
    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / "table.npy").write_bytes(b"12345")
    (tmp_path / "words.txt").write_bytes(b"")
    assert file_sizes(tmp_path) == {"vectors/table.npy": 5, "words.txt": 0}


@pytest.mark.parametrize(
    ("dev", "expected"), [("choose", "On dev entity"), ("train", "On dev, which it was trained on, entity")]
)
def test_smaller_note_says_what_was_measured(dev: str, expected: str) -> None:
    note = " ".join(smaller_note(SETTINGS, -0.00274, training_data(STATISTICS, run(dev)), SIZES, SIZES).split())
    assert "a smaller form of `taggers/news-crf`, whose scores stand above" in note
    assert f"{expected} F1 changed by -0.27 points; on the test set this form was not scored" in note


@pytest.mark.parametrize(
    ("files", "carried"),
    [
        ("characters words vectors/words clusters/words", "characters, words, word vectors and word clusters:"),
        ("words clusters/words", "words and word clusters:"),
        ("vectors/words", "word vectors:"),
        ("words", "words:"),
    ],
)
def test_card_says_what_a_tagger_carries(files: str, carried: str) -> None:
    sizes = {f"{name}.txt": 1 for name in files.split()}
    card = model_card(PLACE, SETTINGS, SCORES, STATISTICS, training_data(STATISTICS, run()), sizes)
    assert f"The corpus is no part of this tagger, which carries {carried}" in " ".join(card.split())


@pytest.mark.parametrize(
    ("vectors", "clusters", "expected"),
    [
        (1, 1, "it has fewer words of its word vectors and word clusters, and weights of eight and four bits"),
        (2, 1, "it has fewer words of its word clusters, and weights of eight and four bits"),
        (2, 2, "whose scores stand above: it has weights of eight and four bits"),
    ],
)
def test_smaller_note_names_the_embeddings_that_were_cut(vectors: int, clusters: int, expected: str) -> None:
    settings = Settings(**{**vars(SETTINGS), "weights": "int8"})
    before = {"words.txt": 2, "vectors/words.txt": 2, "clusters/words.txt": 2}
    sizes = {"words.txt": 2, "vectors/words.txt": vectors, "clusters/words.txt": clusters}
    assert expected in " ".join(smaller_note(settings, 0.0, training_data(STATISTICS, run()), sizes, before).split())


def test_card_loads_the_tagger_from_its_place(card: str) -> None:
    assert 'Tagger.load("taggers/news-crf")' in card
