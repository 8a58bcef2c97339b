"""The reader of PubTator files: mentions become tags, are dropped and counted, or are errors."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.core.sentence import Sentence, Span
from ner.core.tagscheme import tags_to_spans
from ner.corpora.lines import CorpusFormatError, Located
from ner.corpora.pubtator import read_pubtator

DATA = Path(__file__).parents[1] / "data"
TITLE = "Mice and pain."
ABSTRACT = "Ten mice ate aspirin-salt. St. Anna's fire. Eased."
TEXT = f"{TITLE} {ABSTRACT}"


class Found(NamedTuple):
    entities: list[tuple[str, str]]
    dropped: int


def mention(text: str, label: str = "Disease", start: int | None = None) -> str:
    """Write the line of a mention of `text`, at `start` or at its first occurrence in TEXT."""
    at = TEXT.index(text) if start is None else start
    return f"7\t{at}\t{at + len(text)}\t{text}\t{label}\tD1"


def read(path: Path, *lines: str, title: str = TITLE, abstract: str = ABSTRACT) -> list[Located]:
    path.write_text("\n".join([f"7|t|{title}", f"7|a|{abstract}", *lines]) + "\n", encoding="utf-8")
    return list(read_pubtator(path, "utf-8"))


def found_in(located: list[Located]) -> Found:
    entities = [
        (" ".join(one.sentence.tokens[span.start : span.end]), span.label)
        for one in located
        for span in tags_to_spans(one.sentence.tags, strict=True)
    ]
    return Found(entities, sum(len(one.dropped) for one in located))


def test_read_pubtator_reads_documents_with_mentions_and_relations() -> None:
    located = list(read_pubtator(DATA / "abstracts.PubTator.txt", "utf-8"))
    assert [one.sentence for one in located] == [
        Sentence(("Floxatine", "and", "cough"), ("B-Chemical", "O", "B-Disease")),
        Sentence(("We", "gave", "floxatine", "to", "ten", "mice", "."), ("O", "O", "B-Chemical", "O", "O", "O", "O")),
        Sentence(("Night", "cough", "eased", "|", "slowly", "."), ("B-Disease", "I-Disease", "O", "O", "O", "O")),
        Sentence(("Rash", "."), ("B-Disease", "O")),
    ]


def test_read_pubtator_gives_the_line_of_each_document() -> None:
    located = list(read_pubtator(DATA / "abstracts.PubTator.txt", "utf-8"))
    assert [one.line for one in located] == [1, 1, 1, 9]
    assert [one.document == located[0].document for one in located] == [True, True, True, False]


@pytest.mark.parametrize(
    ("lines", "entities", "dropped"),
    [
        pytest.param([], [], 0, id="none"),
        pytest.param([mention("pain")], [("pain", "Disease")], 0, id="one"),
        pytest.param([mention("mice", "Animal", TEXT.index("mice ate"))], [("mice", "Animal")], 0, id="by its offsets"),
        pytest.param(
            [mention("aspirin"), mention("salt")],
            [("aspirin", "Disease"), ("salt", "Disease")],
            0,
            id="beside a hyphen",
        ),
        pytest.param([mention("aspirin-salt", "Chemical")], [("aspirin - salt", "Chemical")], 0, id="with a hyphen"),
        pytest.param([mention("St. Anna's fire")], [("St . Anna ' s fire", "Disease")], 0, id="with a full stop"),
        pytest.param(
            [mention("Eased"), mention("Mice")], [("Mice", "Disease"), ("Eased", "Disease")], 0, id="not in order"
        ),
        pytest.param(["7\tCID\tD1\tD2"], [], 0, id="relation"),
        pytest.param([mention("spirin"), mention("pain")], [("pain", "Disease")], 1, id="begins inside a token"),
        pytest.param([mention("aspiri")], [], 1, id="ends inside a token"),
        pytest.param([mention("ate ")], [], 1, id="ends with a space"),
        pytest.param([mention("salt. St")], [], 1, id="two sentences"),
        pytest.param(
            [mention("fire. Eased."), mention("salt")], [("salt", "Disease")], 1, id="two sentences, and one that fits"
        ),
        pytest.param([mention("pain. Ten")], [], 1, id="title and abstract"),
        pytest.param([mention("ain"), mention("spirin"), mention("ased")], [], 3, id="three that do not fit"),
    ],
)
def test_read_pubtator_tags_mentions_that_fit_and_counts_the_others(
    tmp_path: Path, lines: list[str], entities: list[tuple[str, str]], dropped: int
) -> None:
    assert found_in(read(tmp_path / "corpus.txt", *lines)) == Found(entities, dropped)


def test_read_pubtator_counts_a_mention_dropped_in_the_sentence_that_it_begins_in(tmp_path: Path) -> None:
    located = read(tmp_path / "corpus.txt", mention("salt. St", "Chemical"))
    assert [one.dropped for one in located] == [(), ("Chemical",), (), ()]


def test_read_pubtator_counts_a_mention_that_begins_between_title_and_abstract(tmp_path: Path) -> None:
    assert found_in(read(tmp_path / "corpus.txt", mention(" Ten"))).dropped == 1


@pytest.mark.parametrize("start", [0, 2, 4], ids=["in a blank title", "between title and abstract", "in the abstract"])
def test_read_pubtator_refuses_a_mention_of_spaces_alone(tmp_path: Path, start: int) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:3: expected ')}.*Received: "):
        read(path, mention(" ", start=start), title="  ", abstract="A mouse.")


def test_read_pubtator_tells_touching_mentions_apart(tmp_path: Path) -> None:
    located = read(tmp_path / "corpus.txt", mention("Mice", "Animal"), mention("and", "Animal"))
    assert located[0].sentence.tags[:2] == ("B-Animal", "B-Animal")


def test_read_pubtator_never_joins_title_and_abstract(tmp_path: Path) -> None:
    located = read(tmp_path / "corpus.txt", title="Of mice", abstract="and men.")
    assert [one.sentence.tokens for one in located] == [("Of", "mice"), ("and", "men", ".")]


@pytest.mark.parametrize(
    ("title", "abstract", "tokens"),
    [("Pain.", "", [("Pain", ".")]), ("", "Pain.", [("Pain", ".")]), ("", "", []), (" ", " ", [])],
    ids=["no abstract", "no title", "neither", "blanks"],
)
def test_read_pubtator_takes_an_empty_part_for_no_sentence(
    tmp_path: Path, title: str, abstract: str, tokens: list[tuple[str, ...]]
) -> None:
    located = read(tmp_path / "corpus.txt", title=title, abstract=abstract)
    assert [one.sentence.tokens for one in located] == tokens


@pytest.mark.parametrize(
    "content",
    [
        "7|t|Pain.\n7|a|Mice.\n7\t0\t4\tPain\tDisease\tD1\n\n8|t|Pain\n8|a|Rats\n",
        "7|t|Pain.\n7|a|Mice.\n7\t0\t4\tPain\tDisease\tD1\n\n8|t|Pain\n8|a|Rats",
        "7|t|Pain.\r\n7|a|Mice.\r\n7\t0\t4\tPain\tDisease\tD1\r\n\r\n8|t|Pain\r\n8|a|Rats\r\n",
        "\ufeff7|t|Pain.\n7|a|Mice.\n7\t0\t4\tPain\tDisease\tD1\n\n8|t|Pain\n8|a|Rats\n",
        "\n\n7|t|Pain.\n7|a|Mice.\n7\t0\t4\tPain\tDisease\tD1\n \n\n8|t|Pain\n8|a|Rats\n\n\n",
        "7|t|Pain.\n7|a|Mice.\n7\t0\t4\tPain\tDisease\n\n8|t|Pain\n8|a|Rats\n",
        "7|t|Pain.\n7|a|Mice.\n7\t0\t4\tPain\tDisease\tD1|D2\tone|two\n7\tCID\tD1\tD2\n\n8|t|Pain\n8|a|Rats\n",
    ],
    ids=["usual", "no final newline", "Windows", "mark", "many blank lines", "no concept", "composite mention"],
)
def test_read_pubtator_finds_the_same_however_written(tmp_path: Path, content: str) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes(content.encode())
    assert [(one.sentence.tokens, one.sentence.tags) for one in read_pubtator(path, "utf-8")] == [
        (("Pain", "."), ("B-Disease", "O")),
        (("Mice", "."), ("O", "O")),
        (("Pain",), ("O",)),
        (("Rats",), ("O",)),
    ]


def test_read_pubtator_counts_offsets_in_characters(tmp_path: Path) -> None:
    line = "7\t3\t7\tPain\tDisease\tD1"
    assert found_in(read(tmp_path / "corpus.txt", line, title="\U0001d6fc\u03b2 Pain")).entities == [
        ("Pain", "Disease")
    ]


def test_read_pubtator_finds_nothing_in_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"")
    assert list(read_pubtator(path, "utf-8")) == []


@pytest.mark.parametrize(
    ("line", "received"),
    [
        ("7\t0\t4\tmice\tDisease\tD1", "expected 'Mice' at 0 to 4, as the text has"),
        ("7\t1\t5\tMice\tDisease\tD1", "expected 'ice ' at 1 to 5, as the text has"),
        ("7\t0\t5\tMice\tDisease\tD1", "expected 'Mice ' at 0 to 5, as the text has"),
        ("7\t4\t4\t\tDisease\tD1", "expected "),
        ("7\t4\t0\tMice\tDisease\tD1", "expected "),
        pytest.param("7\t0\t" + "9" * 5_000 + "\tMice\tDisease\tD1", "expected ", id="endless number"),
        ("7\t900\t904\tMice\tDisease\tD1", "expected '' at 900 to 904, as the text has"),
        ("7\t-14\t-10\tMice\tDisease\tD1", "expected a mention (id, start, end, text, label, concept)"),
        ("7\t0\tfour\tMice\tDisease\tD1", "expected a mention (id, start, end, text, label, concept)"),
        ("7\t0\t4\tMice", "expected a mention (id, start, end, text, label, concept)"),
        ("7\t0\t4\tMice\t\tD1", "expected "),
        ("7\t0\t4\tMice\t \tD1", "expected "),
        ("7\t0\t4\tMice\tDisease\u200f\tD1", "expected "),
        ("7\tCID\tD1", "expected a mention (id, start, end, text, label, concept) or relation"),
        ("7 0 4 Mice Disease D1", "expected a line of document 7. Received: '7 0 4 Mice Disease D1'"),
        ("8\t0\t4\tMice\tDisease\tD1", "expected a line of document 7. Received: "),
        ("8|t|Pain", "expected a line of document 7. Received: '8|t|Pain'"),
        ("7|a|Pain", "expected a line of document 7. Received: '7|a|Pain'"),
    ],
)
def test_read_pubtator_names_the_wrong_line(tmp_path: Path, line: str, received: str) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:4: {received}')}") as caught:
        read(path, mention("pain"), line)
    assert "Received: " in str(caught.value)


@pytest.mark.parametrize(
    "lines",
    [
        [mention("Mice and"), mention("and pain")],
        [mention("Mice and pain"), mention("and")],
        [mention("and"), mention("Mice and pain")],
        [mention("pain"), mention("pain", "Symptom")],
        [mention("pain"), mention("pain")],
    ],
    ids=["across", "inside", "inside, first", "two labels", "twice"],
)
def test_read_pubtator_refuses_mentions_that_overlap(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=rf"^{re.escape(str(path))}:[134]: .* do not overlap\. Received: "):
        read(path, *lines)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("7|t|Pain\n", 1),
        ("7|t|Pain\n\n8|t|Pain\n8|a|Mice\n", 1),
        ("8|t|Pain\n8|a|Mice\n\n7|t|Pain\n7\t0\t4\tPain\tDisease\tD1\n", 5),
        ("7|t|Pain\n8|a|Mice\n", 2),
        ("7|a|Mice\n7|t|Pain\n", 1),
        ("7|t|Pain\n7|t|Mice\n", 2),
        ("7|t|Pain\n\n7|a|Mice\n", 1),
        ("Pain and mice\n", 1),
        ("7\t0\t4\tPain\tDisease\tD1\n", 1),
    ],
)
def test_read_pubtator_names_a_document_without_title_or_abstract(tmp_path: Path, content: str, line: int) -> None:
    path = tmp_path / "corpus.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:{line}: expected ')}.*Received: "):
        list(read_pubtator(path, "utf-8"))


@given(st.lists(st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 12)), max_size=6))
def test_read_pubtator_tags_or_counts_every_mention(
    tmp_path_factory: pytest.TempPathFactory, places: list[tuple[int, int]]
) -> None:
    mentions: list[Span] = []
    for start, length in sorted(places):
        end = start + length
        if end <= len(TEXT) and TEXT[start:end].strip() and (not mentions or mentions[-1].end <= start):
            mentions.append(Span(start, end, "Disease"))
    lines = [mention(TEXT[span.start : span.end], start=span.start) for span in mentions]
    found = found_in(read(tmp_path_factory.getbasetemp() / "mentions.txt", *lines))
    assert len(found.entities) + found.dropped == len(mentions)
