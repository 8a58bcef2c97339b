"""Sentence and Span: what they refuse, and how they compare."""

import dataclasses

import pytest

from ner.core.sentence import Sentence, Span, is_word


def test_sentence_length_is_the_number_of_tokens() -> None:
    assert len(Sentence(("Nora", "sails"), ("B-PER", "O"))) == 2


@pytest.mark.parametrize(
    ("tokens", "tags", "received"),
    [
        (("Nora", "sails"), ("B-PER",), "2 tokens, 1 tags"),
        (("Nora",), ("B-PER", "O"), "1 tokens, 2 tags"),
        ((), ("O",), "0 tokens, 1 tags"),
    ],
)
def test_sentence_refuses_another_number_of_tags(tokens: tuple[str, ...], tags: tuple[str, ...], received: str) -> None:
    with pytest.raises(ValueError, match=f"expected one tag a token. Received: {received}"):
        Sentence(tokens, tags)


@pytest.mark.parametrize(
    ("value", "field"),
    [(Sentence(("Nora",), ("B-PER",)), "tags"), (Span(0, 1, "PER"), "label")],
    ids=["sentence", "span"],
)
def test_value_cannot_be_changed(value: Sentence | Span, field: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, ("O",))


def test_sentence_equals_one_with_the_same_tokens_and_tags() -> None:
    assert Sentence(("Nora",), ("B-PER",)) == Sentence(("Nora",), ("B-PER",))


def test_sentence_differs_by_tags_alone() -> None:
    assert Sentence(("Nora",), ("B-PER",)) != Sentence(("Nora",), ("B-LOC",))


def test_sentence_is_hashed_by_value() -> None:
    assert len({Sentence(("Nora",), ("O",)), Sentence(("Nora",), ("O",))}) == 1


def test_span_sorts_by_place_and_then_label() -> None:
    ordered = [Span(0, 1, "LOC"), Span(0, 1, "PER"), Span(0, 2, "LOC"), Span(1, 2, "LOC"), Span(10, 11, "LOC")]
    backwards = ordered[::-1]
    assert sorted(backwards) == ordered


@pytest.mark.parametrize(
    "text",
    ["Nora", "B-PER", '"', "#", "None", "New York", "5\u00a0storms", " x", "\u0645\u064f", "a\u2028b", "\U0001d6fc"],
    ids=ascii,
)
def test_is_word_takes_what_shows_on_one_line(text: str) -> None:
    assert is_word(text)


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\u2003 ", "a\tb", "a\nb", "\ra", "a\0"], ids=ascii)
def test_is_word_refuses_what_no_file_of_sentences_can_hold(text: str) -> None:
    assert not is_word(text)
