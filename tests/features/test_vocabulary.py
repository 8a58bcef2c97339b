"""Vocabularies: the ids of words, and writing and reading of items."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.features.vocabulary import FIRST_WORD, UNKNOWN, Vocabulary, read_items, write_items

WORDS = ["b", "a", "c", "a", "b", "a", "é", "Z"]
ANY_ITEM = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"))


@pytest.mark.parametrize(
    ("words", "minimum", "expected"),
    [
        (WORDS, 1, ("a", "b", "Z", "c", "é")),  # by frequency, then by code point
        (WORDS, 2, ("a", "b")),
        (WORDS, 3, ("a",)),
        (WORDS, 4, ()),
        ([], 1, ()),
        (reversed(WORDS), 1, ("a", "b", "Z", "c", "é")),
        (["a", "A"], 2, ()),
    ],
)
def test_vocabulary_lists_frequent_words_first(words: list[str], minimum: int, expected: tuple[str, ...]) -> None:
    assert Vocabulary.count(words, minimum, ()).items == ("<padding>", "<unknown>", *expected)


def test_vocabulary_gives_words_the_ids_of_their_places() -> None:
    words = Vocabulary.count(WORDS, 1, ())
    assert words.ids(["a", "b", "Z"]).tolist() == [FIRST_WORD, FIRST_WORD + 1, FIRST_WORD + 2]


@pytest.mark.parametrize("word", ["x", "A", "", "c", "a ", "e\u0301"])
def test_vocabulary_gives_other_words_unknown(word: str) -> None:
    assert Vocabulary.count([*WORDS, "é"], 2, ()).ids([word]).tolist() == [UNKNOWN]


def test_vocabulary_normalises_what_it_counts_and_what_it_looks_up() -> None:
    words = Vocabulary.count(["Rome", "ROME", "1996", "2026", "it"], 2, ("lowercase", "digits"))
    assert words.items[FIRST_WORD:] == ("0000", "rome")
    assert words.ids(["rOME", "1234", "It"]).tolist() == [FIRST_WORD + 1, FIRST_WORD, UNKNOWN]


def test_vocabulary_without_normalisation_tells_cases_apart() -> None:
    words = Vocabulary.count(["Rome", "rome", "Rome"], 1, ())
    assert words.ids(["Rome", "rome", "ROME"]).tolist() == [FIRST_WORD, FIRST_WORD + 1, UNKNOWN]


def test_vocabulary_gives_no_word_of_a_text_the_id_of_padding() -> None:
    assert Vocabulary.count(WORDS, 1, ()).ids(["<padding>", "<unknown>", ""]).tolist() == [UNKNOWN] * 3


def test_vocabulary_ids_are_an_array_of_int32() -> None:
    words = Vocabulary.count(WORDS, 1, ())
    assert [(ids.dtype, ids.shape) for ids in (words.ids(["a", "b"]), words.ids([]))] == [
        (np.dtype(np.int32), (2,)),
        (np.dtype(np.int32), (0,)),
    ]


def test_vocabulary_length_counts_padding_and_unknown() -> None:
    assert len(Vocabulary.count(WORDS, 1, ())) == 2 + 5


@given(st.lists(st.text(max_size=2)))
def test_vocabulary_ids_lead_back_to_the_words(words: list[str]) -> None:
    vocabulary = Vocabulary.count(words, 1, ())
    assert [vocabulary.items[index] for index in vocabulary.ids(words)] == words


@pytest.mark.parametrize("word", ["<padding>", "<unknown>"])
def test_vocabulary_counts_words_that_look_like_its_own(word: str) -> None:
    assert Vocabulary.count([word, word, "a"], 1, ()).ids([word, "a"]).tolist() == [FIRST_WORD, FIRST_WORD + 1]


@pytest.mark.parametrize(
    "items",
    [
        (),
        ("",),
        ("", ""),
        ("a", ""),
        ("", "a"),
        ("a", "", "b"),
        ("\u0085", "\u2028", "\u2029", "\u00a0", "\x0b", "\x0c", "\x1c", "\r", "a\r", "\t", " ", "\ufeff", "\0"),
        ("\ufeff", "مكان", "病名", "e\u0301", "é", "\U0001f600"),
    ],
    ids=ascii,
)
def test_read_items_returns_what_was_written(tmp_path: Path, items: tuple[str, ...]) -> None:
    write_items(tmp_path / "items.txt", items)
    assert read_items(tmp_path / "items.txt") == items


@given(st.lists(ANY_ITEM, min_size=1).map(tuple))
def test_read_items_returns_any_items_that_were_written(tmp_path: Path, items: tuple[str, ...]) -> None:
    write_items(tmp_path / "items.txt", items)
    assert read_items(tmp_path / "items.txt") == items


def test_write_items_writes_utf8_one_a_line(tmp_path: Path) -> None:
    write_items(tmp_path / "items.txt", ("é", "b"))
    assert (tmp_path / "items.txt").read_bytes() == b"\xc3\xa9\nb\n"


def test_vocabulary_is_the_same_after_disk(tmp_path: Path) -> None:
    words = Vocabulary.count(WORDS, 1, ())
    write_items(tmp_path / "words.txt", words.items)
    assert Vocabulary(read_items(tmp_path / "words.txt"), words.normalisation) == words
