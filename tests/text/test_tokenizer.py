"""Tokenization and sentence bounds: tables of cases, and properties of any text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.text.tokenizer import Token, sentence_bounds, tokenize

# Characters that the rules depend on; drawn often, so that they stand side by side.
TEXTS = st.text(st.sampled_from("aZ5é.?!\"')]([ -\t\n\u00a0\u200f\u0301") | st.characters(exclude_categories=["Cs"]))


def tokens_of(text: str) -> list[str]:
    return [token.text for token in tokenize(text)]


def sentences_of(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_bounds(text)]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", ""),
        (" \t\n", ""),
        ("L-dopa", "L - dopa"),
        ("0.5 mg/kg", "0 . 5 mg / kg"),
        ("(Nora's)", "( Nora ' s )"),
        ("...", ". . ."),
        ("caf\u00e9 Stra\u00dfe", "caf\u00e9 Stra\u00dfe"),
        ("5\u00a0storms", "5 storms"),
        ("TNF-\u03b1", "TNF - \u03b1"),
        ("\u0643\u062a\u0640\u0640\u0627\u0628\u061f", "\u0643\u062a\u0640\u0640\u0627\u0628 \u061f"),  # tatweel
    ],
)
def test_tokenize_cuts_at_spaces_and_around_marks(text: str, tokens: str) -> None:
    assert tokens_of(text) == tokens.split()


@pytest.mark.parametrize(
    "word",
    ["cafe\u0301", "\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f", "\u0939\u093f\u0928\u094d\u0926\u0940"],
    ids=["latin", "arabic", "devanagari"],
)
def test_tokenize_keeps_combining_marks_in_their_word(word: str) -> None:
    assert tokens_of(word) == [word]


@pytest.mark.parametrize(
    "word", ["\u0645\u06cc\u200c\u0631\u0648\u062f", "\u0d28\u0d4d\u200d"], ids=["Persian", "Malayalam"]
)
def test_tokenize_keeps_joiners_in_their_word(word: str) -> None:
    assert tokens_of(word) == [word]


def test_tokenize_keeps_a_variation_selector_with_its_sign() -> None:
    assert tokens_of("I \u2764\ufe0frowing") == ["I", "\u2764\ufe0f", "rowing"]


@pytest.mark.parametrize("space", ["\x1c", "\x1f", "\u0085", "\u2028", "\u3000"], ids=ascii)
def test_tokenize_takes_every_white_space_for_one(space: str) -> None:
    assert tokens_of(f"a{space}b") == ["a", "b"]


def test_tokenize_counts_offsets_from_the_beginning_of_the_text() -> None:
    assert tokenize("It fell. All died.", 9, 17) == [Token("All", 9, 12), Token("died", 13, 17)]


def test_tokenize_takes_an_end_of_zero_for_an_end() -> None:
    assert tokenize("All", 0, 0) == []


@given(TEXTS)
def test_tokenize_gives_offsets_of_each_token(text: str) -> None:
    assert all(text[token.start : token.end] == token.text for token in tokenize(text))


@given(TEXTS)
def test_tokenize_leaves_out_spaces_alone(text: str) -> None:
    assert "".join(tokens_of(text)) == "".join(text.split())


@given(TEXTS)
def test_tokenize_gives_tokens_in_order(text: str) -> None:
    tokens = tokenize(text)
    assert all(one.end <= two.start for one, two in pairwise(tokens))


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("Rome's mayor didn't go.", "Rome 's mayor did n't go ."),
        ("He left the U.S. on 1996-08-22.", "He left the U.S. on 1996-08-22 ."),
        ("U.S.-led talks, al-Qaida", "U.S.-led talks , al-Qaida"),
        ("Mr. J. Smith of AT&T", "Mr. J. Smith of AT&T"),
        ("O'Brien and Shi'ites won 6-4, 7-6", "O'Brien and Shi'ites won 6-4 , 7-6"),
        ('"It rose 1,000.5%," he said', '" It rose 1,000.5 % , " he said'),
        ("(they’re £600m)", "( they ’re £ 600m )"),
        ("وقال: «نعم»، ثمّ ذهب.", "وقال : « نعم » ، ثمّ ذهب ."),
        ("قبل 300 ق.م. تقريبا", "قبل 300 ق.م. تقريبا"),
        ("Rain -- and snow...", "Rain -- and snow ..."),
        ("", ""),
        (" \x1c ", ""),
    ],
)
def test_tokenize_by_words_keeps_what_is_written_together(line: str, tokens: str) -> None:
    assert [token.text for token in tokenize(line, rule="words")] == tokens.split()


@pytest.mark.parametrize(
    "sentences",
    [
        ["All died."],
        ["It fell. ", "All died."],
        ["Why? ", "It fell! ", "5 died."],
        ['"It fell." ', '"All died."'],
        ["It fell (all of it.) ", "(All died.)"],
        ["It fell.  \n", "All died."],
        ["It fell.\u00a0", "All died."],
        ["It fell. all died."],
        ["It fell.All died."],
        ["Dose: 0.5 mg. ", "All died."],
        ["Dr. Nora saw St. Anthony's fire. ", "All died."],
        ["It (Fig. 3, cf. No. 5) fell vs. Placebo et al. 1990. ", "All died."],
        ["It (approx. 5 mg of subsp. Alba) fell. ", "All died."],
        ["Given i.v. It fell. ", "All died."],
        ["J. Doe fell. ", "All died."],
        ["Was it vs.? ", "All died."],
        ["The last. ", "All died. "],
    ],
    ids=lambda sentences: "|".join(sentences),
)
def test_sentence_bounds_cuts_as_said(sentences: list[str]) -> None:
    assert sentences_of("".join(sentences)) == sentences


def test_sentence_bounds_of_nothing_are_none() -> None:
    assert sentences_of("") == []


def test_sentence_bounds_do_not_look_beyond_the_end() -> None:
    text = "It fell. All died."
    assert list(sentence_bounds(text, 0, 9)) == [(0, 9)]


def test_sentence_bounds_count_from_the_beginning_of_the_text() -> None:
    text = "Title. It fell. All died."
    assert [text[start:end] for start, end in sentence_bounds(text, 7)] == ["It fell. ", "All died."]


@given(TEXTS, st.integers(0, 20), st.integers(0, 20))
def test_sentence_bounds_cover_the_stretch_once(text: str, start: int, length: int) -> None:
    stop = min(start + length, len(text))
    covered = [index for bounds in sentence_bounds(text, start, stop) for index in range(*bounds)]
    assert covered == list(range(start, stop))


@given(TEXTS)
def test_sentence_bounds_are_never_empty(text: str) -> None:
    assert all(start < end for start, end in sentence_bounds(text))
