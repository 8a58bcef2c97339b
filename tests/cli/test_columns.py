"""`ner tag`, `ner score` and the reader of corpora find the same tokens in any column file, or none of them does."""

import io
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ner.cli.column_scores import read_tagged
from ner.cli.documents import read_conll as read_to_tag
from ner.cli.documents import read_lines
from ner.core.errors import NerError
from ner.corpora.conll import Columns, read_conll

Sentences = list[tuple[str, ...]]
LINES = st.one_of(
    st.tuples(st.text("ab \t\r\n\0\xa0\x85\x1c\u2028\ufeff", max_size=4), st.sampled_from([" ", "  ", "\t"])).map(
        lambda pair: f"{pair[0]}{pair[1]}x{pair[1]}O"
    ),
    st.text(" \t\xa0\x85\r", max_size=2),
)
FILES = st.tuples(st.lists(LINES, max_size=6), st.sampled_from(["\n", "\r\n"])).map(lambda pair: pair[1].join(pair[0]))


def of_corpus(path: Path) -> Sentences:
    return [located.sentence.tokens for located in read_conll(path, "utf-8", Columns(token=0, tag=-1))]


def to_score(path: Path) -> Sentences:
    tagged = read_tagged(path)
    ends = [-1, *(place for place, tag in enumerate(tagged.tags) if not tag)]
    return [tuple(tagged.tokens[start + 1 : end]) for start, end in pairwise(ends)]


def to_tag(path: Path) -> Sentences:
    lines = read_lines("f", io.BytesIO(path.read_bytes()))
    return [tokens for document in read_to_tag(lines, lambda _: []) for tokens in document.sentences]


@given(FILES)
@example("New\xa0York O\nis\x85 O\n")
@example("New York\tO\n")
@example("York \tO\n\xa0a O\n")
def test_any_columns_have_the_same_tokens_to_all_readers(tmp_path: Path, content: str) -> None:
    path = tmp_path / "columns"
    path.write_bytes(content.encode())
    try:
        expected = of_corpus(path)
    except NerError:
        with pytest.raises(NerError):
            to_score(path)
        return
    assert to_score(path) == expected
    assert to_tag(path) == expected


@pytest.mark.parametrize("read", [of_corpus, to_score, to_tag])
@pytest.mark.parametrize(("wrong", "name"), [("\r", "a carriage return"), ("\0", "a NUL")])
def test_what_no_text_has_is_told_with_its_line(tmp_path: Path, read: object, wrong: str, name: str) -> None:
    path = tmp_path / "columns"
    path.write_bytes(f"a O\nb{wrong}c O\n".encode())
    assert callable(read)
    with pytest.raises(NerError, match=f":2: expected text. Received: {name} in it, "):
        read(path)
