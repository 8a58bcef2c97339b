"""Files in three formats, tagged by a real tagger, and written in any of the three."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.cli import documents
from ner.cli.documents import READERS, WRITERS, Document, DocumentError, read_lines, tag_documents
from ner.tagger.tagger import Tagger

TEXT = "Kofi Annan visited Berlin.\n\n  In Paris, rain. It fell.\n"
COLUMNS = "Kofi NNP B-PER\nAnnan NNP I-PER\nleft VBD O\n\n\nParis NNP B-LOC\n"
OBJECTS = (
    '{"id": 7, "text": "Kofi Annan visited Berlin. It rained."}\n\n{"tokens": ["Paris", "is"], "tokens_of": null}\n'
)


@pytest.fixture(scope="module")
def tagger(tagger_directory: Path) -> Tagger:
    return Tagger.load(tagger_directory)


def lines_of(content: str | bytes) -> Iterator[tuple[str, str]]:
    return read_lines("f", io.BytesIO(content.encode() if isinstance(content, str) else content))


def written(tagger: Tagger, content: str, read_as: str, write_as: str) -> str:
    tagged = tag_documents(tagger, READERS[read_as](lines_of(content), tagger.split))
    return "".join(WRITERS[write_as](document, sentences) for document, sentences in tagged)


def without_brackets(text: str) -> str:
    return text.replace("[per ", "").replace("[geo ", "").replace("]", "")


def test_text_becomes_text_with_brackets(tagger: Tagger) -> None:
    text = written(tagger, TEXT, "text", "text")
    assert "[per Kofi Annan]" in text
    assert "[geo Berlin]" in text
    assert without_brackets(text) == TEXT


def test_columns_keep_what_they_had_and_get_the_tag(tagger: Tagger) -> None:
    lines = written(tagger, COLUMNS, "conll", "conll").splitlines()
    assert [line.rpartition(" ")[0] for line in lines if line] == [line for line in COLUMNS.splitlines() if line]
    assert lines[0].endswith(" B-per")
    assert [number for number, line in enumerate(lines) if not line] == [3, 4]


def test_docstart_begins_a_document_and_is_no_token(tagger: Tagger) -> None:
    content = "-DOCSTART- -X- O\n\nParis NNP B-LOC\n\n"
    lines = written(tagger, content, "conll", "conll").splitlines()
    assert [line.rpartition(" ")[0] for line in lines] == content.splitlines()
    assert lines[0] == "-DOCSTART- -X- O O"


def test_objects_keep_what_they_had_and_get_entities_that_point_into_the_text(tagger: Tagger) -> None:
    first, second = map(json.loads, written(tagger, OBJECTS, "jsonl", "jsonl").splitlines())
    assert first["id"] == 7
    assert all(first["text"][one["start"] : one["end"]] == one["text"] for one in first["entities"])
    assert all(
        " ".join(first["tokens"][one["start_token"] : one["end_token"]]) == one["text"] for one in first["entities"]
    )
    assert [one["text"] for one in first["entities"]] == ["Kofi Annan", "Berlin"]
    assert len(first["tokens"]) == len(first["tags"])
    assert second["tokens"] == ["Paris", "is"]
    assert "tokens_of" in second


def test_entities_of_later_sentences_count_tokens_through_the_document(tagger: Tagger) -> None:
    (said,) = map(json.loads, written(tagger, "It rained. Kofi Annan left.\n", "text", "jsonl").splitlines())
    assert [(one["start_token"], one["end_token"]) for one in said["entities"]] == [(3, 5)]


@pytest.mark.parametrize("read_as", READERS)
@pytest.mark.parametrize("write_as", WRITERS)
def test_nothing_in_gives_next_to_nothing_out(tagger: Tagger, read_as: str, write_as: str) -> None:
    assert written(tagger, "", read_as, write_as).strip() in {"", '{"tokens": [], "tags": [], "entities": []}'}


@pytest.mark.parametrize("write_as", ["conll", "jsonl"])
def test_text_gives_the_same_tokens_in_every_format(tagger: Tagger, write_as: str) -> None:
    out = written(tagger, TEXT, "text", write_as)
    if write_as == "conll":
        tokens = [line.split("\t")[0] for line in out.splitlines() if line]
    else:
        tokens = [token for line in out.splitlines() for token in json.loads(line)["tokens"]]
    assert tokens == [token for line in TEXT.splitlines() for one in tagger.split(line) for token in one.tokens]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "f:2: expected a JSON object"),
        ("[1]", "f:2: expected an object with either text or tokens"),
        ('{"a": 1}', "f:2: expected an object with either text or tokens"),
        ('{"text": "a", "tokens": []}', "f:2: expected an object with either text or tokens"),
        ('{"text": 3}', "f:2: text: expected a string. Received: 3"),
        ('{"tokens": "abc"}', "f:2: tokens: expected a list of words"),
        ('{"tokens": ["a", ""]}', "f:2: tokens: expected a list of words"),
        ('{"tokens": ["a\\tb"]}', "f:2: tokens: expected a list of words"),
        ('{"text": "\\ud800"}', "f:2: expected text. Received: half of a surrogate pair"),
        ("[" * 100_000, "f:2: expected a JSON object"),
        (
            '{"text": "a", "x": 1e999}',
            """f:2: expected a JSON object. Received: '{"text": "a", "x": 1e999}' (1e999 is no""",
        ),
        ('{"text": "a", "x": [-1e999]}', "f:2: expected a JSON object"),
        ('{"text": "a", "x": NaN}', "f:2: expected a JSON object"),
        ('{"text": "a", "x": -Infinity}', "f:2: expected a JSON object"),
        (f'{{"text": "a", "x": {"1" * 5_000}}}', "f:2: expected a JSON object"),
    ],
)
def test_bad_objects_are_told_with_their_line(tagger: Tagger, line: str, said: str) -> None:
    with pytest.raises(DocumentError, match=r"^f:2: ") as error:
        written(tagger, '{"text": "It rained."}\n' + line + "\n", "jsonl", "jsonl")
    assert str(error.value).startswith(said)
    assert len(str(error.value)) < 300


def test_what_comes_before_a_bad_line_is_tagged(tagger: Tagger) -> None:
    tagged = tag_documents(tagger, READERS["text"](lines_of(b"Kofi Annan\nBerlin\n\xff\nnever\n"), tagger.split))
    assert [next(tagged)[0].content, next(tagged)[0].content] == ["Kofi Annan", "Berlin"]
    with pytest.raises(DocumentError, match=r"^f:3: expected UTF-8"):
        next(tagged)


def test_a_token_between_tabs_may_hold_a_space(tagger: Tagger) -> None:
    first, second = written(tagger, "5\xa0storm\tx\nNew York\ty\n", "conll", "conll").splitlines()[:2]
    assert [first.rpartition("\t")[0], second.rpartition("\t")[0]] == ["5\xa0storm\tx", "New York\ty"]
    assert json.loads(written(tagger, "New York\ty\nfell\tz\n", "conll", "jsonl"))["tokens"] == ["New York", "fell"]


def test_a_line_without_a_token_is_refused(tagger: Tagger) -> None:
    with pytest.raises(DocumentError, match=r"^f:2: expected a token in the first column"):
        written(tagger, "a\tO\n\tO\n", "conll", "conll")


def test_bytes_that_are_not_utf8_are_told_with_their_place() -> None:
    with pytest.raises(DocumentError, match=r"^f:2: expected UTF-8. Received: byte 0xff at column 3$"):
        list(lines_of(b"ab\nab\xff\n"))
    with pytest.raises(DocumentError, match=r"^f:1: expected UTF-8. Received: byte 0xff at column 4$"):
        list(lines_of(b"\xef\xbb\xbf\xff\n"))


def test_a_line_too_long_to_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LONGEST_LINE", 10)
    assert [line for _, line in lines_of("123456789\n123456789")] == ["123456789"] * 2
    with pytest.raises(DocumentError, match=r"^f:2: expected lines of 10 bytes at most"):
        list(lines_of("a\n1234567890\n"))


def test_columns_without_a_blank_line_are_refused_before_they_fill_the_memory(tagger: Tagger) -> None:
    read: list[int] = []

    def endless() -> Iterator[tuple[str, str]]:
        for number in range(1, 10**9):
            read.append(number)
            yield f"f:{number}", "" if number == 5 else "a O"

    with pytest.raises(DocumentError, match=r"^f:10006: expected sentences of at most 10000 tokens\. .* blank line"):
        list(READERS["conll"](endless(), tagger.split))
    assert len(read) == 10_006
    (sentence,) = READERS["conll"](lines_of("a O\n" * 10_000), tagger.split)
    assert len(sentence.content) == 10_000


def test_a_mark_of_byte_order_and_windows_line_ends_are_none_of_the_text() -> None:
    assert [line for _, line in lines_of("\ufeffa\r\nb")] == ["a", "b"]


def test_progress_counts_bytes() -> None:
    seen: list[int] = []
    list(read_lines("f", io.BytesIO("é\nb\n".encode()), seen.append))
    assert seen == [3, 2]


def test_documents_are_read_as_they_are_wanted(tagger: Tagger) -> None:
    read: list[int] = []

    def endless() -> Iterator[Document]:
        for number in range(10**9):
            read.append(number)
            yield Document("It rained.", tuple(tagger.split("It rained.")))

    stream = tag_documents(tagger, endless(), at_once=3)
    for _ in range(4):
        next(stream)
    assert len(read) == 6


def test_long_documents_are_tagged_one_by_one(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "TOKENS_AT_ONCE", 4)
    read: list[int] = []

    def some() -> Iterator[Document]:
        for number in range(4):
            read.append(number)
            yield Document("It rained today.", tuple(tagger.split("It rained today.")))

    next(tag_documents(tagger, some()))
    assert read == [0]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), max_size=30), max_size=5))
def test_any_text_is_written_as_it_was(tagger: Tagger, lines: list[str]) -> None:
    content = "".join(f"{line}\n" for line in lines).removeprefix("\ufeff")
    out = written(tagger, content, "text", "jsonl")
    assert [json.loads(line)["text"] for line in out.split("\n")[:-1]] == content.split("\n")[:-1]


CELLS = st.text("aB.\u0642\xa0\x85\ufeff", min_size=1, max_size=3).filter(lambda cell: not cell.isspace())
ROWS = st.tuples(st.lists(CELLS, min_size=1, max_size=3), st.sampled_from([" ", "  ", "\t"])).map(
    lambda pair: pair[1].join(pair[0])
)
COLUMN_FILES = st.tuples(
    st.sampled_from(["", "\ufeff"]),
    st.lists(st.tuples(ROWS | st.sampled_from(["", " ", "\t ", "-DOCSTART- -X-"]), st.sampled_from(["\n", "\r\n"]))),
    st.sampled_from(["", "Oslo", "Oslo ", "\t"]),
).map(lambda parts: parts[0] + "".join(line + end for line, end in parts[1]) + parts[2])


@given(COLUMN_FILES)
def test_any_columns_are_written_as_they_were_but_for_the_tag(tagger: Tagger, content: str) -> None:
    out = written(tagger, content, "conll", "conll")
    given_lines, lines = content.split("\n"), out.split("\n")
    assert len(given_lines) == len(lines)
    for before, after in zip(given_lines, lines, strict=True):
        line = before.removesuffix("\r")
        if not line.removeprefix("\ufeff" if before is given_lines[0] else "").strip():
            assert after == before
            continue
        separator = "\t" if "\t" in line else " "
        tag = after.removeprefix(f"{line}{separator}").removesuffix("\r" if before.endswith("\r") else "")
        assert tag in tagger.tags
        assert after == f"{line}{separator}{tag}{before.removeprefix(line)}"


SENTENCES = st.lists(st.lists(st.sampled_from(["Kofi", "Annan", "left", "Berlin", ".", "x\xa0y", "5"]), max_size=6))


@given(SENTENCES)
def test_order_and_number_hold_and_no_sentence_depends_on_its_neighbours(
    tagger: Tagger, sentences: list[list[str]]
) -> None:
    alone = [one for tokens in sentences for one in tagger.tag([tokens])]
    together = list(tagger.tag(sentences))
    assert [one.tokens for one in together] == list(map(tuple, sentences))
    assert [(one.tags, one.entities) for one in together] == [(one.tags, one.entities) for one in alone]
