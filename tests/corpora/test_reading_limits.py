"""Limits of token and sentence length: longer ones are refused with their line, and long ones take linear time."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from ner.core.sentence import Sentence
from ner.corpora.catalogue import CorpusParams
from ner.corpora.formats import FORMATS
from ner.corpora.lines import CorpusFormatError
from ner.corpora.reading import LONGEST_SENTENCE, LONGEST_TOKEN, read_split
from tests.corpora.writers import WRITERS


def located_in(name: str, sentence: int) -> int:
    """Return the line where sentence number `sentence`, from 0, begins if all before it have one token."""
    lines_a_sentence = {"conll": 2, "kaggle-csv": 1, "jsonl-tokens": 1, "jsonl-spans": 1, "pubtator": 3}
    return 1 + (name == "kaggle-csv") + sentence * lines_a_sentence[name]


@pytest.mark.parametrize("name", FORMATS)
def test_read_split_names_the_line_of_an_endless_token(
    name: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    path = tmp_path / "corpus"
    WRITERS[name](path, [Sentence(("Nora",), ("O",)), Sentence(("x", "a" * 100_000), ("O", "O"))])
    line = located_in(name, 1) + ("tags" in FORMATS[name].settings and name != "jsonl-tokens")
    with pytest.raises(CorpusFormatError) as caught:
        read_split(path, corpora[name])
    assert str(caught.value) == (
        f"{path}:{line}: expected tokens of at most {LONGEST_TOKEN} characters. Received: 100000, {'a' * 40!r}"
    )


@pytest.mark.parametrize("name", FORMATS)
def test_read_split_names_the_line_of_an_endless_sentence(
    name: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    path = tmp_path / "corpus"
    WRITERS[name](path, [Sentence(("Nora",), ("O",)), Sentence(("x",) * 50_000, ("O",) * 50_000)])
    expected = f"{path}:{located_in(name, 1)}: expected sentences of at most {LONGEST_SENTENCE} tokens. Received: 50000"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(expected)}"):
        read_split(path, corpora[name])


@pytest.mark.parametrize("name", FORMATS)
def test_read_split_takes_what_is_just_within_the_limits(
    name: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    tokens = ("a" * LONGEST_TOKEN,) * 2 + ("x",) * (LONGEST_SENTENCE - 2)
    sentences = [Sentence(tokens, ("O",) * LONGEST_SENTENCE)]
    WRITERS[name](tmp_path / "corpus", sentences)
    assert read_split(tmp_path / "corpus", corpora[name]).sentences == sentences


def lines_run(work: Callable[[], object]) -> int:
    """Count the lines of Python that `work` executes: a measure of time that needs no clock."""
    lines = 0

    def count(_frame: FrameType, event: str, _argument: object) -> Callable[..., Any]:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize("name", ["pubtator", "jsonl-spans"])
def test_read_split_is_done_soon_with_a_long_sentence_full_of_mentions(
    name: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    """A sentence twice as long takes about twice the work; quadratic work would be four times as much."""
    lines = []
    for mentions in (200, 400):
        tags = ("B-X", "O") * mentions
        WRITERS[name](tmp_path / "corpus", [Sentence(("x",) * len(tags), tags)])
        assert read_split(tmp_path / "corpus", corpora[name]).sentences[0].tags == tags
        lines.append(lines_run(lambda: read_split(tmp_path / "corpus", corpora[name])))
    assert 200 < lines[0] < lines[1] < 2.5 * lines[0]
