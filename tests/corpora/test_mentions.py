"""Mentions at character offsets: which are refused, how they become tags, and how text is cut into sentences."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.core.sentence import Span
from ner.core.tagscheme import tags_to_spans
from ner.corpora.mentions import check_mentions, cut_text
from ner.text.tokenizer import tokenize

TEXT = "Mice fell. Ten rats ate."
WORDS = st.text(
    st.sampled_from("aZ5\u0645\u064f.-'\"\u00a0\U0001d6fc") | st.characters(exclude_categories=["Cs"]), max_size=12
)


@st.composite
def mentioned(draw: st.DrawFn) -> tuple[str, list[Span], int]:
    """Draw a text, valid mentions of it, and an offset where its title ends."""
    text = " ".join(draw(st.lists(WORDS, max_size=8)))
    ends = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    spans = [Span(start, end, draw(st.sampled_from("AB"))) for start, end in zip(ends[::2], ends[1::2], strict=False)]
    return text, [span for span in spans if text[span.start : span.end].strip()], draw(st.integers(0, len(text)))


def found(text: str, mentions: list[Span], break_at: int = 0) -> list[tuple[str, str, tuple[str, ...]]]:
    """Cut text and show the tokens, the tags and the labels of dropped mentions of each sentence."""
    return [(" ".join(one.tokens), " ".join(one.tags), dropped) for one, dropped in cut_text(text, mentions, break_at)]


@pytest.mark.parametrize(
    "mentions",
    [
        pytest.param([], id="none"),
        pytest.param([Span(0, 24, "A")], id="all"),
        pytest.param([Span(0, 4, "A"), Span(4, 9, "A")], id="touching"),
        pytest.param([Span(11, 14, "A"), Span(0, 4, "A-B")], id="in any order"),
        pytest.param([Span(4, 9, "A B")], id="a space before"),
    ],
)
def test_check_mentions_lets_pass_what_is_in_the_text(mentions: list[Span]) -> None:
    check_mentions(TEXT, mentions)


@pytest.mark.parametrize(
    ("mentions", "expected"),
    [
        ([Span(-1, 4, "A")], "0 <= start < end <= 24"),
        ([Span(0, 25, "A")], "0 <= start < end <= 24"),
        ([Span(24, 25, "A")], "0 <= start < end <= 24"),
        ([Span(4, 4, "A")], "0 <= start < end <= 24"),
        ([Span(4, 0, "A")], "0 <= start < end <= 24"),
        ([Span(10, 11, "A")], "mentions with text and label"),
        ([Span(0, 4, "")], "mentions with text and label"),
        ([Span(0, 4, " ")], "mentions with text and label"),
        ([Span(0, 4, "A ")], "mentions with text and label"),
        ([Span(0, 4, "-")], "mentions with text and label"),
        ([Span(0, 4, "A\u200f")], "mentions with text and label"),
        ([Span(0, 4, "A\nB")], "mentions with text and label"),
        ([Span(0, 4, "A"), Span(3, 9, "B")], "mentions that do not overlap"),
        ([Span(3, 9, "B"), Span(0, 4, "A")], "mentions that do not overlap"),
        ([Span(0, 9, "A"), Span(1, 2, "A"), Span(5, 6, "A")], "mentions that do not overlap"),
        ([Span(0, 4, "A"), Span(0, 4, "B")], "mentions that do not overlap"),
        ([Span(0, 4, "A"), Span(0, 4, "A")], "mentions that do not overlap"),
    ],
)
def test_check_mentions_refuses_what_cannot_be_tagged(mentions: list[Span], expected: str) -> None:
    with pytest.raises(ValueError, match=rf"^expected {re.escape(expected)}.* Received: Span\(.*$"):
        check_mentions(TEXT, mentions)


def test_check_mentions_shows_no_more_than_the_beginning_of_a_long_label() -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        check_mentions(TEXT, [Span(0, 10**4_000, "A" * 10_000)])
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("mentions", "sentences"),
    [
        pytest.param([], [("Mice fell .", "O O O", ()), ("Ten rats ate .", "O O O O", ())], id="none"),
        pytest.param(
            [Span(0, 4, "A"), Span(11, 19, "B")],
            [("Mice fell .", "B-A O O", ()), ("Ten rats ate .", "B-B I-B O O", ())],
            id="both fit",
        ),
        pytest.param(
            [Span(0, 4, "A"), Span(5, 9, "A")],
            [("Mice fell .", "B-A B-A O", ()), ("Ten rats ate .", "O O O O", ())],
            id="neighbours",
        ),
        pytest.param(
            [Span(0, 3, "A"), Span(12, 19, "B"), Span(20, 24, "C")],
            [("Mice fell .", "O O O", ("A",)), ("Ten rats ate .", "O O B-C I-C", ("B",))],
            id="inside tokens",
        ),
        pytest.param(
            [Span(5, 14, "A"), Span(15, 19, "B")],
            [("Mice fell .", "O O O", ("A",)), ("Ten rats ate .", "O B-B O O", ())],
            id="across sentences",
        ),
        pytest.param(
            [Span(10, 14, "A")],
            [("Mice fell .", "O O O", ("A",)), ("Ten rats ate .", "O O O O", ())],
            id="from the space between",
        ),
        pytest.param(
            [Span(0, 3, "A"), Span(5, 8, "A"), Span(20, 22, "A")],
            [("Mice fell .", "O O O", ("A", "A")), ("Ten rats ate .", "O O O O", ("A",))],
            id="each one counts",
        ),
    ],
)
def test_cut_text_tags_mentions_that_fit_and_names_the_others(
    mentions: list[Span], sentences: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    assert found(TEXT, mentions) == sentences


@pytest.mark.parametrize("text", ["", " ", "\n\t\u00a0\x1c"], ids=ascii)
@pytest.mark.parametrize("break_at", [0, 1])
def test_cut_text_makes_no_sentence_of_what_shows_nothing(text: str, break_at: int) -> None:
    assert found(text, [], min(break_at, len(text))) == []


def test_cut_text_ends_a_sentence_where_told() -> None:
    assert [tokens for tokens, _, _ in found("of mice and men", [], 8)] == ["of mice", "and men"]


def test_cut_text_keeps_the_losses_of_a_stretch_without_tokens() -> None:
    [(tokens, tags, lost)] = found("  Mice", [Span(1, 6, "A"), Span(0, 1, "B")], 2)
    assert (tokens, tags, sorted(lost)) == ("Mice", "O", ["A", "B"])


@given(mentioned())
def test_cut_text_tags_or_names_every_mention(case: tuple[str, list[Span], int]) -> None:
    text, mentions, break_at = case
    cut = list(cut_text(text, mentions, break_at))
    kept = [span.label for sentence, _ in cut for span in tags_to_spans(sentence.tags, strict=True)]
    lost = [label for _, labels in cut for label in labels]
    assert sorted(kept + lost) == sorted(span.label for span in mentions)


@given(mentioned())
def test_cut_text_tags_the_words_that_were_mentioned(case: tuple[str, list[Span], int]) -> None:
    text, mentions, break_at = case
    surfaces = {("".join(text[span.start : span.end].split()), span.label) for span in mentions}
    for sentence, _ in cut_text(text, mentions, break_at):
        for span in tags_to_spans(sentence.tags):
            assert ("".join(sentence.tokens[span.start : span.end]), span.label) in surfaces


@given(mentioned())
def test_cut_text_loses_no_token(case: tuple[str, list[Span], int]) -> None:
    text, mentions, _ = case
    assert [token for sentence, _ in cut_text(text, mentions) for token in sentence.tokens] == [
        token.text for token in tokenize(text)
    ]
