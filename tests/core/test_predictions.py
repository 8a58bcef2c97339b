"""Writing and reading of predictions."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.core.predictions import TaggedSentence, read_predictions, write_predictions

TAGS = st.sampled_from(("O", "B-PER", "I-JOB-TITLE", "B-مكان"))
TOKENS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\t\n\r\ufeff"), min_size=1, max_size=5)


@st.composite
def tagged_sentences(draw: st.DrawFn) -> TaggedSentence:
    """Draw a sentence whose confidences have four decimals, so that they are written without rounding."""
    length = draw(st.integers(1, 5))
    tokens, gold, predicted = (
        tuple(draw(st.lists(column, min_size=length, max_size=length))) for column in (TOKENS, TAGS, TAGS)
    )
    shares = st.integers(0, 10_000).map(lambda part: part / 10_000)
    tag, entity = (tuple(draw(st.lists(shares, min_size=length, max_size=length))) for _ in range(2))
    return TaggedSentence(tokens, gold, predicted, tag, entity)


@given(st.lists(tagged_sentences(), max_size=4))
def test_read_predictions_returns_what_was_written(tmp_path: Path, sentences: list[TaggedSentence]) -> None:
    path = tmp_path / "test.tsv"
    write_predictions(path, sentences)
    assert read_predictions(path) == sentences


@pytest.mark.parametrize(
    "token",
    [
        "a b",
        "'",
        '"',
        "\\t",
        "-DOCSTART-",
        "#",
        "\u0085",
        "\u2028",
        "\u00a0",
        "\x0b",
        "\x1c",
        "a\rb",
        "\u200f",
        "\ufeff",
    ],
    ids=ascii,
)
def test_read_predictions_keeps_odd_tokens(tmp_path: Path, token: str) -> None:
    sentence = TaggedSentence((token,), ("B-PER",), ("O",), (0.25,), (0.5,))
    write_predictions(tmp_path / "test.tsv", [sentence, sentence])
    assert read_predictions(tmp_path / "test.tsv") == [sentence, sentence]


def test_write_predictions_writes_a_line_a_token_and_a_blank_one_a_sentence(tmp_path: Path) -> None:
    write_predictions(
        tmp_path / "test.tsv",
        [
            TaggedSentence(("Åmot", "sank"), ("B-LOC", "O"), ("B-PER", "O"), (0.123456, 1.0), (0.0987654, 0.0)),
            TaggedSentence(("Vik",), ("B-LOC",), ("B-LOC",), (0.0,), (1e-9,)),
        ],
    )
    assert (tmp_path / "test.tsv").read_bytes().decode() == (
        "Åmot\tB-LOC\tB-PER\t0.1235\t0.0988\nsank\tO\tO\t1.0000\t0.0000\n\nVik\tB-LOC\tB-LOC\t0.0000\t0.0000\n\n"
    )


@pytest.mark.parametrize(
    "sentence",
    [
        TaggedSentence(("a", "b"), ("O",), ("O", "O"), (1.0, 1.0), (0.0, 0.0)),
        TaggedSentence(("a", "b"), ("O", "O"), ("O",), (1.0, 1.0), (0.0, 0.0)),
        TaggedSentence(("a", "b"), ("O", "O"), ("O", "O"), (1.0,), (0.0, 0.0)),
        TaggedSentence(("a", "b"), ("O", "O"), ("O", "O"), (1.0, 1.0), (0.0,)),
    ],
)
def test_write_predictions_refuses_columns_of_unequal_length(tmp_path: Path, sentence: TaggedSentence) -> None:
    with pytest.raises(ValueError, match="zip"):
        write_predictions(tmp_path / "test.tsv", [sentence])
