"""Errors on the page and in the terminal: selection, order, and escaping of text from a corpus."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from ner.cli.commands import main
from ner.core.predictions import TaggedSentence, write_predictions
from ner.evaluation.error_page import SHOWN, error_page, error_text, is_right_to_left, most_confident
from ner.evaluation.matching import ERRORS, match_entities


def tagged(tokens: str, gold: str, predicted: str, sure: float = 0.5) -> TaggedSentence:
    size = len(tokens.split())
    return TaggedSentence(*(tuple(one.split()) for one in (tokens, gold, predicted)), (sure,) * size, (sure,) * size)


SENTENCES = [
    tagged("Ada Byron slept", "B-PER I-PER O", "B-PER I-PER O", 0.99),  # correct
    tagged("in Oslo", "O B-LOC", "O O", 0.6),  # missed
    tagged("in May", "O O", "O B-LOC", 0.8),  # spurious
    tagged("Paris won", "B-PER O", "B-LOC O", 0.7),  # wrong_label
    tagged("New York won", "B-LOC I-LOC O", "B-LOC O O", 0.9),  # wrong_boundary
    tagged("Big Ben won", "B-LOC I-LOC O", "O B-PER O", 0.65),  # wrong_both
]
ORDER = ["wrong_boundary", "spurious", "wrong_label", "wrong_both", "missed"]  # by confidence


def test_most_confident_errors_come_first() -> None:
    matches = match_entities(SENTENCES)
    assert [match.kind for match in most_confident(matches)] == ORDER
    assert [match.kind for match in most_confident(matches, ["missed", "spurious"], 1)] == ["spurious"]


def test_errors_as_confident_stay_in_order() -> None:
    sentences = [tagged(f"w{number}", "B-PER", "O") for number in range(5)]
    assert [match.sentence for match in most_confident(match_entities(sentences))] == [0, 1, 2, 3, 4]


def test_page_has_an_article_an_error_and_none_for_what_is_correct() -> None:
    page = error_page("mine", SENTENCES, match_entities(SENTENCES))
    assert re.findall(r'<article class="(\w+) first"', page) == ORDER
    assert "Byron" not in page
    assert "6 test sentences, 1 entities found, 5 errors." in page


def test_page_marks_entities_and_frames_the_one_in_question() -> None:
    sentences = [tagged("Ada left Rome", "B-PER O B-LOC", "B-PER O B-ORG")]
    page = error_page("mine", sentences, match_entities(sentences))
    assert re.findall(r'<mark class="([^"]+)" dir="auto">(\w+)&?\xa0<b dir="ltr">(\w+)</b></mark>', page) == [
        ("c2", "Ada", "PER"),
        ("c0 own", "Rome", "LOC"),
        ("c2", "Ada", "PER"),
        ("c1 own", "Rome", "ORG"),
    ]
    assert "<h2>wrong label <small>LOC → ORG · confidence 50.0% · sentence 1</small></h2>" in page


def test_page_has_as_many_errors_of_a_kind_as_it_says_and_the_first_of_all() -> None:
    missed = [tagged("w", "B-PER", "O", 0.9)] * (SHOWN + 5)
    spurious = [tagged("w", "O", "B-PER", 0.1)] * 7
    page = error_page("mine", [*missed, *spurious], match_entities([*missed, *spurious]))
    assert len(re.findall('<article class="missed first"', page)) == SHOWN
    assert len(re.findall('<article class="spurious"', page)) == 7
    assert f"missed <small>{SHOWN} of {SHOWN + 5}</small>" in page
    assert "spurious <small>7</small>" in page


@pytest.mark.parametrize("kind", ERRORS)
def test_page_has_a_filter_for_each_kind(kind: str) -> None:
    page = error_page("mine", [], [])
    assert f'<input type="radio" name="kind" value="{kind}" id="{kind}">' in page
    assert f"body:has(#{kind}:checked) article:not(.{kind})" in page


def test_page_escapes_what_comes_from_a_corpus() -> None:
    sentences = [tagged("<script>alert(1)</script> &amp; <b>", "B-<i> O O", "O O B-<i>")]
    page = error_page("<mine>", sentences, match_entities(sentences))
    assert page.count("<script>") == 1  # its own
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&amp;amp;" in page
    assert "<i>" not in page
    assert "<mine>" not in page


def test_page_loads_nothing() -> None:
    page = error_page("mine", SENTENCES, match_entities(SENTENCES))
    assert not re.search(r"https?:|src=|@import|url\(", page)
    assert "default-src 'none'" in page


ARABIC = tagged("زار أحمد Dell في القاهرة", "O B-PERS B-ORG O B-LOC", "O O B-ORG O B-LOC")


@pytest.mark.parametrize(
    ("sentences", "direction"), [([ARABIC], "rtl"), (SENTENCES, "ltr"), ([*SENTENCES, ARABIC], "ltr")]
)
def test_page_runs_as_most_letters_do(sentences: list[TaggedSentence], direction: str) -> None:
    page = error_page("mine", sentences, match_entities(sentences))
    assert is_right_to_left(sentences) == (direction == "rtl")
    assert set(re.findall(r'<dd dir="(\w+)"', page)) == {direction}


def test_hebrew_runs_from_right_to_left_and_digits_do_not_count() -> None:
    assert is_right_to_left([tagged("שלום 1234567890 ab", "O O O", "O O O")])
    assert not is_right_to_left([tagged("1 2", "O O", "O O")])


def test_text_has_gold_above_prediction() -> None:
    [match] = match_entities([SENTENCES[4]])
    assert error_text(match, SENTENCES[4]).split("\n") == [
        "wrong boundary: LOC, confidence 90.0%, sentence 1",
        "  gold      [[New York LOC]] won",
        "  predicted [[New LOC]] York won",
    ]


def test_text_of_other_entities_has_single_brackets() -> None:
    sentence = tagged("Ada saw Oslo", "B-PER O B-LOC", "B-PER O O")
    match = most_confident(match_entities([sentence]))[0]
    assert error_text(match, sentence).split("\n")[1:] == [
        "  gold      [Ada PER] saw [[Oslo LOC]]",
        "  predicted [Ada PER] saw Oslo",
    ]


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ([], [kind.replace("_", " ") for kind in ORDER]),
        (["--count", "2"], ["wrong boundary", "spurious"]),
        (["--kind", "missed", "--kind", "wrong_label"], ["wrong label", "missed"]),
    ],
)
def test_errors_prints_the_errors_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], kinds: list[str]
) -> None:
    (tmp_path / "data/predictions/mine").mkdir(parents=True)
    write_predictions(tmp_path / "data/predictions/mine/test.tsv", SENTENCES)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["errors", "mine", *options])
    assert done.exit_code == 0
    assert re.findall(r"^([a-z ]+):", done.stdout, re.M) == kinds


def test_errors_says_what_makes_predictions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["errors", "mine"])
    assert done.exit_code == 2
    assert "`dvc repro predict@mine` makes it" in done.stderr
