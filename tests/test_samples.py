"""The demo corpora are what their script writes, and keep what the readers are tested for elsewhere."""

import csv
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[1] / "samples"
NEWS = "news/news.csv"
ABSTRACTS = "abstracts/abstracts.PubTator.txt"
ARABIC_TRAIN = "arabic/train.txt"
ARABIC_TEST = "arabic/test.txt"
FEWEST_SENTENCES = 800
LARGEST_CORPUS_BYTES = 400_000


def read_text(name: str, encoding: str = "utf-8") -> str:
    """The file as it is, line ends included."""
    return (SAMPLES / name).read_bytes().decode(encoding)


def news_rows() -> list[list[str]]:
    return list(csv.reader(read_text(NEWS, "cp1252").splitlines(keepends=True)))[1:]


def news_sentences() -> list[list[tuple[str, str]]]:
    sentences: list[list[tuple[str, str]]] = []
    for number, word, _, tag in news_rows():
        if number:
            sentences.append([])
        sentences[-1].append((word, tag))
    return sentences


def abstracts() -> list[tuple[str, list[list[str]]]]:
    """Title, separator and abstract of each document, and its annotation lines' columns."""
    documents = []
    for block in read_text(ABSTRACTS).rstrip("\n").split("\n\n"):
        title, abstract, *annotations = block.split("\n")
        text = title.split("|", 2)[2] + "\n" + abstract.split("|", 2)[2]
        documents.append((text, [line.split("\t") for line in annotations]))
    return documents


def arabic_sentences(name: str) -> list[list[str]]:
    return [block.splitlines() for block in read_text(name).split("\n\n")]


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    command = [sys.executable, str(SAMPLES / "make_samples.py"), "--to", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("name", [NEWS, ABSTRACTS, ARABIC_TRAIN, ARABIC_TEST])
def test_make_samples_writes_the_committed_bytes(name: str, regenerated: Path) -> None:
    assert (regenerated / name).read_bytes() == (SAMPLES / name).read_bytes()


@pytest.mark.parametrize("folder", ["news", "abstracts", "arabic"])
def test_corpus_is_small(folder: str) -> None:
    assert sum(path.stat().st_size for path in (SAMPLES / folder).iterdir()) < LARGEST_CORPUS_BYTES


def test_news_has_enough_sentences() -> None:
    assert len(news_sentences()) >= FEWEST_SENTENCES


def test_abstracts_have_enough_sentences() -> None:
    ends = sum(len(re.findall(r"[.?](?=\s+[A-Z0-9]|$)", text)) for text, _ in abstracts())
    assert ends >= FEWEST_SENTENCES


def test_arabic_has_enough_sentences() -> None:
    assert len(arabic_sentences(ARABIC_TRAIN)) >= FEWEST_SENTENCES
    assert len(arabic_sentences(ARABIC_TEST)) >= FEWEST_SENTENCES // 5


def test_abstracts_offsets_give_the_mention() -> None:
    for text, annotations in abstracts():
        mentions = [columns for columns in annotations if columns[1] != "CID"]
        assert [text[int(start) : int(end)] for _, start, end, *_ in mentions] == [row[3] for row in mentions]


def test_abstracts_mentions_do_not_overlap() -> None:
    for _, annotations in abstracts():
        spans = [(int(row[1]), int(row[2])) for row in annotations if row[1] != "CID"]
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_abstracts_relations_name_identifiers_of_the_document() -> None:
    for _, annotations in abstracts():
        identifiers = {part for row in annotations if row[1] != "CID" for part in row[5].split("|")}
        relations = [row for row in annotations if row[1] == "CID"]
        assert {part for row in relations for part in row[2:]} <= identifiers - {"-1"}


def test_abstracts_keep_their_quirks() -> None:
    documents = abstracts()
    rows = [row for _, annotations in documents for row in annotations if row[1] != "CID"]
    assert any("|" in row[5] for row in rows)
    assert any(row[5] == "-1" for row in rows)
    assert any(text[int(row[2])] == "-" for text, annotations in documents for row in annotations if row[1] != "CID")
    assert "i.v." in read_text(ABSTRACTS)


def test_news_keeps_its_encoding_and_line_ends() -> None:
    content = (SAMPLES / NEWS).read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") > 0
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


@pytest.mark.parametrize("word", ["None", '"', "café", "’s", "£", "1\u00a0200"])
def test_news_keeps_the_word(word: str) -> None:
    assert word in {row[1] for row in news_rows()}


def test_news_writes_a_lone_quote_as_csv_does() -> None:
    assert ',"""",' in read_text(NEWS, "cp1252")


def test_news_repeats_sentences_and_tags_few_of_the_repeats_differently() -> None:
    sentences = [tuple(sentence) for sentence in news_sentences()]
    different_words = {tuple(word for word, _ in sentence) for sentence in sentences}
    repeats = len(sentences) - len(different_words)
    assert 0.01 < repeats / len(sentences) < 0.03
    assert 0 < len(set(sentences)) - len(different_words) < repeats / 2


def test_news_ends_in_the_middle_of_a_sentence() -> None:
    *others, last = news_sentences()
    assert all(sentence[-1][0] in {".", "?", '"'} for sentence in others)
    assert last[-1][0] not in {".", "?", '"'}


def test_arabic_lines_are_a_token_and_a_tag() -> None:
    pattern = re.compile(r"\S+ (O|[BI]-(PERS|LOC|ORG|MISC))")
    sentences = arabic_sentences(ARABIC_TRAIN) + arabic_sentences(ARABIC_TEST)
    assert all(pattern.fullmatch(line) for sentence in sentences for line in sentence)


def test_arabic_keeps_its_quirks() -> None:
    sentences = arabic_sentences(ARABIC_TRAIN)
    tags = [["O", *(line.split()[1] for line in sentence)] for sentence in sentences]
    pairs = [pair for sentence in tags for pair in pairwise(sentence)]
    assert 0 < sum(now.startswith("I-") and before[2:] != now[2:] for before, now in pairs) < 10
    assert max(map(len, sentences)) > 200
    text = read_text(ARABIC_TRAIN)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\u0640" in text  # tatweel
    assert "\u064f" in text  # damma
    assert "،" in text
    assert "؟" in text
