"""Round trips through each format: its reader gives back the sentences that were written, whatever their words."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.core.sentence import Sentence
from ner.corpora.catalogue import CorpusParams
from ner.corpora.formats import FORMATS
from ner.corpora.reading import read_split
from ner.text.tokenizer import sentence_bounds, tokenize
from tests.corpora.writers import WRITERS

TAG_FORMATS = [name for name, row in FORMATS.items() if "tags" in row.settings]
SPAN_FORMATS = [name for name, row in FORMATS.items() if "mentions" in row.settings]
LABELS = st.sampled_from(["PER", "JOB-TITLE", "New York", "مكان"])
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r\0")
UNUSUAL = [
    *('"', '""', "'", ",", "a,b", 'a"b', "#", "-", "|", "1|t|", "\\", "\\n", "{", "}", "\\ud800"),
    *("None", "nan", "NULL", "O", "B-PER", "Sentence: 1", "Sentence #", "-DOCSTART", "-DOCSTART-x", "-docstart-"),
    *("5\u00a0storms", "a b", " a", "a ", "a\u2028b", "a\u0085b", "a\x0bb", "a\x1cb", "\x7f"),
    *("\u200f", "\u200fa", "a\u200c", "a\ufeff", "\u0301", "\U0001f600\ufe0f", "م\u064fنى"),
]
WORDS = (st.sampled_from(UNUSUAL) | st.text(CHARACTERS, min_size=1, max_size=6)).filter(
    lambda word: not word.isspace() and word != "-DOCSTART-" and not word.startswith("\ufeff")
)
TEXTS = st.text(st.sampled_from("aZ5.,-|'\"{#\u0645\u064f\u200d") | CHARACTERS, min_size=1, max_size=20)


@st.composite
def tagged(draw: st.DrawFn, tokens: st.SearchStrategy[tuple[str, ...]]) -> Sentence:
    words = draw(tokens)
    tags: list[str] = []
    while len(tags) < len(words):
        label = draw(LABELS)
        entity = [f"B-{label}", *[f"I-{label}"] * draw(st.integers(0, 2))]
        tags += draw(st.sampled_from([["O"], entity]))
    return Sentence(words, tuple(tags[: len(words)]))


def is_one_sentence(tokens: tuple[str, ...]) -> bool:
    return len(list(sentence_bounds(" ".join(tokens)))) == 1


OF_WORDS = st.lists(tagged(st.lists(WORDS, min_size=1, max_size=5).map(tuple)), min_size=1, max_size=3)
OF_RULES = st.lists(
    tagged(TEXTS.map(lambda text: tuple(token.text for token in tokenize(text))).filter(is_one_sentence)),
    min_size=1,
    max_size=3,
)


def written_and_read(
    name: str, path: Path, sentences: list[Sentence], corpora: dict[str, CorpusParams]
) -> list[Sentence]:
    WRITERS[name](path, sentences)
    return read_split(path, corpora[name]).sentences


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one path, which all examples of a property share."""
    return tmp_path_factory.mktemp("written") / "corpus"


@pytest.mark.parametrize(
    ("name", "any_sentences"),
    [
        *(pytest.param(name, OF_WORDS, id=f"{name}: any words") for name in TAG_FORMATS),
        *(pytest.param(name, OF_RULES, id=f"{name}: what the rules cut") for name in FORMATS),
    ],
)
@given(data=st.data())
def test_format_gives_back_what_is_written(
    name: str,
    any_sentences: st.SearchStrategy[list[Sentence]],
    path: Path,
    corpora: dict[str, CorpusParams],
    data: st.DataObject,
) -> None:
    sentences = data.draw(any_sentences)
    assert written_and_read(name, path, sentences, corpora) == sentences


@pytest.mark.parametrize("name", SPAN_FORMATS)
@given(sentences=OF_WORDS)
def test_format_with_mentions_gives_back_any_words_but_their_cuts(
    name: str, path: Path, corpora: dict[str, CorpusParams], sentences: list[Sentence]
) -> None:
    """These formats hold text, not tokens, so it may be cut elsewhere; the characters must be the same."""
    tags = [Sentence(sentence.tokens, ("O",) * len(sentence)) for sentence in sentences]
    found = written_and_read(name, path, tags, corpora)
    assert ["".join("".join(one.tokens) for one in found)] == [
        "".join("".join("".join(sentence.tokens).split()) for sentence in sentences)
    ]


@pytest.mark.parametrize(
    ("name", "token"),
    [
        (name, token)
        for name in TAG_FORMATS
        for token in (*UNUSUAL, "-DOCSTART-", "\ufeff", "\ufeffa")
        if name != "conll" or token in UNUSUAL  # the others have a special meaning in column files
    ],
    ids=ascii,
)
@pytest.mark.parametrize("place", [0, 1])
def test_format_with_tags_gives_back_an_unusual_token(
    name: str, token: str, place: int, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    tokens = ["Nora", "Nora", "Nora"]
    tokens[place] = token
    sentences = [Sentence(tuple(tokens), ("B-PER", "O", "B-LOC")), Sentence((token, "x"), ("O", "B-PER"))]
    assert written_and_read(name, tmp_path / "corpus", sentences, corpora) == sentences


@pytest.mark.parametrize("name", SPAN_FORMATS)
@pytest.mark.parametrize(
    "token", ['"', "None", "#", ",", "|", "\\", "{", "_", "007", "م\u064fنى", "a\u200cb", "\u0301"], ids=ascii
)
def test_format_with_mentions_gives_back_an_unusual_token(
    name: str, token: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    sentences = [Sentence((token, "x", token), ("B-A", "O", "B-B")), Sentence((token,), ("O",))]
    assert written_and_read(name, tmp_path / "corpus", sentences, corpora) == sentences


@pytest.mark.parametrize("name", FORMATS)
def test_format_tells_touching_entities_apart(name: str, tmp_path: Path, corpora: dict[str, CorpusParams]) -> None:
    sentences = [Sentence(("a", "b", "c"), ("B-PER", "B-PER", "I-PER"))]
    assert written_and_read(name, tmp_path / "corpus", sentences, corpora) == sentences


@pytest.mark.parametrize("name", FORMATS)
def test_format_has_tags_or_mentions(name: str) -> None:
    settings = FORMATS[name].settings
    assert ("tags" in settings) != ("mentions" in settings)
    assert set(settings) <= {"columns", "tags", "mentions"}


@pytest.mark.parametrize("name", FORMATS)
def test_format_is_named_as_params_may_name_it(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
