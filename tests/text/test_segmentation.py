"""Segmentation of raw text: tables of cases, properties of any text, and the time that long texts take."""

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.text.segmentation import TextSentence, split_text
from ner.text.tokenizer import PATTERNS, sentence_bounds

# Characters that the rules depend on; drawn often, so that they stand side by side.
DECIDING = "aZ5é.?!…؟\"'”«»)( -\t\n\r\f\u2029\u00a0\u200f\u200b\u200d\u00ad\u0301\u0644\u064f\U0001f642\ufe0f\ufeff"
TEXTS = st.text(st.sampled_from(DECIDING) | st.characters())
LANGUAGES, RULES = st.sampled_from(["en", "ar", "xx"]), st.sampled_from(sorted(PATTERNS))


def sentences_of(text: str, language: str = "en", rule: str = "words") -> list[str]:
    """Split text into sentences, each shown as its tokens joined by spaces."""
    return [" ".join(sentence.tokens) for sentence in split_text(text, language, rule)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        (" \t\n\n \u200b\u200f\ufeff", []),
        ("All died", ["All died"]),
        ("It fell. All died.", ["It fell .", "All died ."]),
        ("It fell. all died.", ["It fell . all died ."]),
        ("It fell.All died.", ["It fell.All died ."]),
        ("Why?! 5 died… Then what?", ["Why ? !", "5 died …", "Then what ?"]),
        ("It fell... All died.", ["It fell ...", "All died ."]),
        ("He said “It fell.” “All died.”", ["He said “ It fell . ”", "“ All died . ”"]),
        ("He said 'It fell.' (All died.) «Yes.»", ["He said ' It fell . '", "( All died . )", "« Yes . »"]),
        ("It fell.\u00a0All died.", ["It fell .", "All died ."]),
        ("Élan fell. Évian too.", ["Élan fell .", "Évian too ."]),
        ("Mr. Ito met Gen. Lee in the U.S. They ate.", ["Mr. Ito met Gen. Lee in the U.S. They ate ."]),
        ("J. Doe and Prof. Roe fell on Aug. 5. All died.", ["J. Doe and Prof. Roe fell on Aug. 5 .", "All died ."]),
        ("He said no. Then he left.", ["He said no .", "Then he left ."]),
        ("It was No. 5 of St. Louis.", ["It was No. 5 of St. Louis ."]),
        ("This is plan B.\n\nThen came C.", ["This is plan B .", "Then came C ."]),
        ("A title\n\nIt fell\nand died", ["A title", "It fell and died"]),
        ("A title\r\n \r\nIt fell", ["A title", "It fell"]),
        ("A page\fa page\u2029a paragraph", ["A page", "a page", "a paragraph"]),
        ("one\n\n\n\n\ntwo", ["one", "two"]),
        ("It fell.\u200f \u200fAll died.\u200b", ["It fell .", "All died ."]),
        ("\ufeffIt fell.", ["It fell ."]),
        ("I \u2764\ufe0f Rome \U0001f642\U0001f642!", ["I \u2764\ufe0f Rome \U0001f642 \U0001f642 !"]),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", ["\U0001f468 \U0001f469 \U0001f467"]),
        ("a\x00b \ud800 c", ["a \x00 b \ud800 c"]),
        ("cafe\u0301 in Rome", ["cafe\u0301 in Rome"]),
    ],
)
def test_split_text_cuts_english(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("وصل الملك. غادر الوزير.", ["وصل الملك .", "غادر الوزير ."]),
        ("من هو؟ لا أعرف! حسنا…", ["من هو ؟", "لا أعرف !", "حسنا …"]),
        ("قال: «نعم.» ثم ذهب.", ["قال : « نعم . »", "ثم ذهب ."]),
        ("قبل 300 ق.م. تقريبا.", ["قبل 300 ق.م. تقريبا ."]),
        ("هل ذهب؟\u200f نعم،\u200f ذهب.\u200f", ["هل ذهب ؟", "نعم ، ذهب ."]),
        ("ثمّ ذهب مُحَمَّد.", ["ثمّ ذهب مُحَمَّد ."]),
        ("عنوان\n\nنص", ["عنوان", "نص"]),
        ("وصل الملك.غادر", ["وصل الملك.غادر"]),
    ],
)
def test_split_text_cuts_arabic(text: str, sentences: list[str]) -> None:
    assert sentences_of(text, "ar") == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Dose: 0.5 mg. All died.", ["Dose : 0 . 5 mg .", "All died ."]),
        ("L-dopa (Fig. 3) vs. Placebo.\n\nTitle", ["L - dopa ( Fig . 3 ) vs . Placebo .", "Title"]),
        ("a\u200b b", ["a b"]),
    ],
)
def test_split_text_by_punctuation_cuts_as_bc5cdr(text: str, sentences: list[str]) -> None:
    assert sentences_of(text, rule="punctuation") == sentences


def test_split_text_by_punctuation_ends_sentences_where_preprocess_does() -> None:
    text = "Given i.v. It fell, vs. 5 mg. All died. (None of them lived.) Why?"
    expected = [text[start:end].replace(" ", "") for start, end in sentence_bounds(text)]
    assert [one.replace(" ", "") for one in sentences_of(text, rule="punctuation")] == expected


def test_split_text_is_lazy_and_keeps_the_callers_text() -> None:
    text = "It fell. All died."
    first = next(split_text(text, "en", "words"))
    assert first == TextSentence(text, ("It", "fell", "."), ((0, 2), (3, 7), (7, 8)))
    assert first.text is text


@given(TEXTS, LANGUAGES, RULES)
def test_tokens_point_into_the_text_and_leave_out_spaces_and_format_alone(text: str, language: str, rule: str) -> None:
    sentences = list(split_text(text, language, rule))
    assert all(sentence.tokens and sentence.text == text for sentence in sentences)
    spans = [span for sentence in sentences for span in sentence.offsets]
    assert [text[start:end] for start, end in spans] == [token for one in sentences for token in one.tokens]
    assert all(start < end for start, end in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    covered = {index for span in spans for index in range(*span)}
    left_out = [character for index, character in enumerate(text) if index not in covered]
    assert all(character.isspace() or unicodedata.category(character) == "Cf" for character in left_out)


@given(TEXTS, TEXTS, LANGUAGES, RULES)
def test_a_blank_line_ends_a_sentence(one: str, other: str, language: str, rule: str) -> None:
    parts = [*sentences_of(one, language, rule), *sentences_of(other, language, rule)]
    assert sentences_of(f"{one}\n\n{other}", language, rule) == parts


LONG = 1_000_000
PIECES = {
    "letters": "a",
    "abbreviations": "a.",
    "initials": "A. ",
    "spaces": " ",
    "lines": "\n",
    "blank lines": "\n ",
    "pages": "\f",
    "stops": ".",
    "marks": "?!…",
    "stops and spaces": ". ",
    "quotes": '"',
    "stops and quotes": '."',
    "closing and opening": '.) ("',
    "marks of direction": ".\u200f",
    "combining marks": "\u0301",
    "numbers": "11,",
    "clitics": "n't",
    "hyphens": "a-",
    "joiners": "a\u200d",
}


@pytest.mark.parametrize("end", ["", " X"])
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
@pytest.mark.parametrize(("language", "rule"), [("en", "words"), ("ar", "words"), ("en", "punctuation")])
def test_long_texts_take_time_in_proportion(piece: str, end: str, language: str, rule: str) -> None:
    """Linear time is about a tenth of a second here; quadratic time would be hours."""
    text = (piece * LONG)[: LONG // 10] + end
    began = time.process_time()
    sentences = list(split_text(text, language, rule))
    assert time.process_time() - began < 60
    assert sum(len(token) for sentence in sentences for token in sentence.tokens) <= len(text)


@pytest.mark.parametrize("piece", ["a.", " ", "\n", '"', ".", "It fell. "], ids=ascii)
def test_a_megabyte_takes_seconds(piece: str) -> None:
    began = time.process_time()
    assert sum(1 for _ in split_text((piece * LONG)[:LONG], "en", "words")) <= LONG
    assert time.process_time() - began < 120
