"""The pipeline's sentence files: sentences are read back as they were, or are refused when written."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.core.sentence import Sentence
from ner.core.sentence_files import read_sentences, write_sentences

# Any token that can be written; those with a special meaning in some format are drawn often.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r\0")
TOKENS = st.one_of(
    st.sampled_from(["#", "-DOCSTART", "-docstart-", "'-DOCSTART-", "O", "a b", " a", "a ", "\u00a0a", "None", '"']),
    st.sampled_from(["\u2028", "\u0085", "\x0b", "\x0c", "\x1c", "\u200f", "\ufeff"]).map("a{}b".format),
    st.text(CHARACTERS, min_size=1, max_size=6),
).filter(lambda token: token.strip() and not token.startswith(("-DOCSTART-", "\ufeff")))
TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-JOB-TITLE", "I-مكان"])
SENTENCES = st.lists(st.tuples(TOKENS, TAGS), min_size=1, max_size=4).map(
    lambda pairs: Sentence(*zip(*pairs, strict=True))
)


def written_and_read(sentences: list[Sentence]) -> list[Sentence]:
    with TemporaryDirectory() as directory:  # hypothesis shares one tmp_path between all examples
        path = Path(directory) / "train.conll"
        write_sentences(path, sentences)
        return read_sentences(path)


NORA = Sentence(("Nora", "sails"), ("B-PER", "O"))


def test_write_sentences_writes_tabs_and_newlines_in_utf8(tmp_path: Path) -> None:
    path = tmp_path / "train.conll"
    write_sentences(path, [NORA, Sentence(("مُنى",), ("B-PER",))])
    assert path.read_bytes() == "Nora\tB-PER\nsails\tO\n\nمُنى\tB-PER\n\n".encode()


@given(st.lists(SENTENCES, max_size=3))
def test_sentences_come_back_from_a_file(sentences: list[Sentence]) -> None:
    assert written_and_read(sentences) == sentences


@given(st.lists(st.integers(0, 3), max_size=6))
def test_documents_are_told_apart_as_before(numbers: list[int]) -> None:
    sentences = [Sentence(("-DOCSTART-",), ("O",), number) for number in numbers]
    read = written_and_read(sentences)
    assert read == sentences
    differ = [one.document != two.document for one, two in pairwise(read)]
    assert differ == [one != two for one, two in pairwise(numbers)]


def test_write_sentences_marks_where_a_document_begins(tmp_path: Path) -> None:
    path = tmp_path / "train.conll"
    write_sentences(path, [Sentence((word,), ("O",), document) for word, document in (("a", 7), ("b", 7), ("c", 9))])
    assert path.read_text(encoding="utf-8") == "a\tO\n\nb\tO\n\n-DOCSTART-\n\nc\tO\n\n"


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    "token",
    ["", " ", "\u00a0", "a\tb", "a\nb", "a\rb", "a\r", "a\0b", "-DOCSTART-", "-DOCSTART-s", "\ufeffa"],
    ids=ascii,
)
def test_write_sentences_refuses_a_token_or_it_comes_back(tmp_path: Path, token: str, place: int) -> None:
    path = tmp_path / "train.conll"
    tokens = ["Nora", "Nora"]
    tokens[place] = token
    sentence = Sentence(tuple(tokens), ("O", "O"))
    try:
        write_sentences(path, [sentence])
    except ValueError:
        return
    assert read_sentences(path) == [sentence]


@pytest.mark.parametrize("tag", ["", "B-A\tB", "B-A\nB", "B-A\r", "B-A\0"], ids=ascii)
def test_write_sentences_refuses_a_tag_or_it_comes_back(tmp_path: Path, tag: str) -> None:
    path = tmp_path / "train.conll"
    sentence = Sentence(("Nora",), (tag,))
    try:
        write_sentences(path, [sentence])
    except ValueError:
        return
    assert read_sentences(path) == [sentence]


def test_write_sentences_refuses_a_sentence_without_tokens(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected"):
        write_sentences(tmp_path / "train.conll", [Sentence((), ())])
