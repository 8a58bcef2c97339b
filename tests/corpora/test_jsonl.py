"""The readers of JSON lines: every variant that annotation tools export, and each way in which a line can be wrong."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ner.core.sentence import Sentence
from ner.core.sentence_files import write_sentences
from ner.corpora.jsonl import read_jsonl_spans, read_jsonl_tokens
from ner.corpora.lines import CorpusFormatError, Located
from tests.corpora.refusals import refusal

ADA = Sentence(("Ada", "slept", "."), ("B-PER", "O", "O"))
Read = Callable[[Path, str], Iterator[Located]]


def read(reader: Read, path: Path, *lines: str | dict[str, Any]) -> list[Located]:
    content = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path.write_text(content, encoding="utf-8", newline="")
    return list(reader(path, "utf-8"))


def sentences_in(located: list[Located]) -> list[Sentence]:
    return [one.sentence for one in located]


def span(start: Any = 0, end: Any = 3, label: Any = "PER") -> dict[str, Any]:
    return {"text": "Ada slept.", "spans": [{"start": start, "end": end, "label": label}]}


def deep(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"tokens": ["Ada", "slept", "."], "tags": ["B-PER", "O", "O"]}, id="tags"),
        pytest.param({"tokens": ["Ada", "slept", "."], "ner_tags": ["B-PER", "O", "O"]}, id="ner_tags"),
        pytest.param({"id": 7, "tags": ["B-PER", "O", "O"], "tokens": ["Ada", "slept", "."]}, id="other keys"),
        pytest.param({"tokens": ["Ada", "slept", "."], "tags": ["B-PER", "O", "O"], "ner_tags": [1, 0, 0]}, id="both"),
    ],
)
def test_read_jsonl_tokens_reads_each_spelling(tmp_path: Path, content: dict[str, Any]) -> None:
    assert sentences_in(read(read_jsonl_tokens, tmp_path / "corpus", content)) == [ADA]


@pytest.mark.parametrize(
    "spans",
    [
        pytest.param({"entities": [[0, 3, "PER"]]}, id="spaCy"),
        pytest.param({"label": [[0, 3, "PER"]]}, id="Doccano, older"),
        pytest.param({"labels": [[0, 3, "PER"]]}, id="labels"),
        pytest.param({"entities": [{"start_offset": 0, "end_offset": 3, "label": "PER"}]}, id="Doccano"),
        pytest.param(
            {"id": 1, "entities": [{"id": 5, "label": "PER", "start_offset": 0, "end_offset": 3}], "relations": []},
            id="Doccano, with relations",
        ),
        pytest.param({"spans": [{"start": 0, "end": 3, "label": "PER"}]}, id="Prodigy"),
        pytest.param(
            {"spans": [{"start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "PER"}], "answer": "accept"},
            id="Prodigy, with tokens",
        ),
        pytest.param({"entities": None, "spans": [{"start": 0, "end": 3, "label": "PER"}]}, id="null before another"),
    ],
)
def test_read_jsonl_spans_reads_each_spelling(tmp_path: Path, spans: dict[str, Any]) -> None:
    assert sentences_in(read(read_jsonl_spans, tmp_path / "corpus", {"text": "Ada slept.", **spans})) == [ADA]


def test_read_jsonl_spans_takes_spans_in_any_order(tmp_path: Path) -> None:
    content = {"text": "Ada saw Alan", "entities": [[8, 12, "PER"], [0, 3, "PER"]]}
    [sentence] = sentences_in(read(read_jsonl_spans, tmp_path / "corpus", content))
    assert sentence.tags == ("B-PER", "O", "B-PER")


def test_read_jsonl_spans_cuts_text_into_sentences(tmp_path: Path) -> None:
    located = read(read_jsonl_spans, tmp_path / "corpus", {"text": "Rain.\nAda\tslept.", "entities": [[6, 9, "PER"]]})
    assert sentences_in(located) == [Sentence(("Rain", "."), ("O", "O")), ADA]
    assert [one.line for one in located] == [1, 1]


def test_read_jsonl_spans_counts_offsets_in_characters(tmp_path: Path) -> None:
    content = {"text": "\U0001d6fc\u03b2 Ada", "entities": [[3, 6, "PER"]]}
    assert sentences_in(read(read_jsonl_spans, tmp_path / "corpus", content))[0].tags == ("O", "B-PER")


@pytest.mark.parametrize(
    ("start", "end"), [(0, 2), (1, 3), (0, 4), (3, 5), (0, 8)], ids=["cut", "late", "space", "space before", "inside"]
)
def test_read_jsonl_spans_counts_mentions_that_fit_no_tokens(tmp_path: Path, start: int, end: int) -> None:
    [located] = read(read_jsonl_spans, tmp_path / "corpus", span(start, end))
    assert (located.dropped, located.sentence.tags) == (("PER",), ("O", "O", "O"))


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0"], ids=ascii)
def test_read_jsonl_spans_makes_no_sentence_of_blank_text(tmp_path: Path, text: str) -> None:
    located = read(read_jsonl_spans, tmp_path / "corpus", {"text": text, "entities": []}, span())
    assert [(one.sentence, one.line) for one in located] == [(ADA, 2)]


@pytest.mark.parametrize("reader", [read_jsonl_tokens, read_jsonl_spans])
def test_read_jsonl_passes_over_blank_lines_and_gives_the_line(tmp_path: Path, reader: Read) -> None:
    content = {**span(), "tokens": ["Ada", "slept", "."], "tags": ["B-PER", "O", "O"]}
    located = read(reader, tmp_path / "corpus", "", content, "  ", "", content)
    assert [(one.sentence, one.line_of(2)) for one in located] == [(ADA, 2), (ADA, 5)]


@pytest.mark.parametrize("reader", [read_jsonl_tokens, read_jsonl_spans])
@pytest.mark.parametrize(
    "line",
    [
        pytest.param("Nora B-PER", id="text"),
        pytest.param("{", id="cut off"),
        pytest.param("{} {}", id="two on a line"),
        pytest.param("{'text': 'Ada'}", id="Python"),
        pytest.param('{"text": "Ada"', id="open"),
        pytest.param('{"text": "A\tda"}', id="tab in a string"),
        pytest.param("[]", id="list"),
        pytest.param('[{"text": "Ada", "entities": []}]', id="list of objects"),
        pytest.param("null", id="null"),
        pytest.param("7", id="number"),
        pytest.param("NaN", id="NaN"),
        pytest.param('"text"', id="string"),
        pytest.param("9" * 5_000, id="endless number"),
        pytest.param("{}", id="no keys"),
        pytest.param('{"a\\nb": 1}', id="line end in a key"),
        pytest.param('{"\u2028": "\u0085"}', id="other line ends in a key"),
        *(pytest.param(deep(depth), id=f"{depth} deep") for depth in (500, 900, 100_000)),
        *(pytest.param(f'{{"text": {deep(depth)}, "tokens": {deep(depth)}}}', id=f"{depth} deep inside")
          for depth in (*range(880, 1_000, 5), 100_000)),
    ],
)  # fmt: skip
def test_read_jsonl_refuses_what_is_no_object_with_its_keys(tmp_path: Path, reader: Read, line: str) -> None:
    path = tmp_path / "corpus"
    refusal(path, 2, lambda: read(reader, path, "", line))


@pytest.mark.parametrize(
    ("tokens", "tags"),
    [
        pytest.param(["Ada"], ["O", "O"], id="more tags"),
        pytest.param(["Ada", "slept"], ["O"], id="more tokens"),
        pytest.param([], [], id="none"),
        pytest.param(None, ["O"], id="null"),
        pytest.param("Ada", "OOO", id="strings"),
        pytest.param({"0": "Ada"}, {"0": "O"}, id="objects"),
        pytest.param(["Ada", 7], ["O", "O"], id="number among tokens"),
        pytest.param(["Ada", None], ["O", "O"], id="null among tokens"),
        pytest.param([["Ada"]], ["O"], id="list among tokens"),
        pytest.param(["Ada"], [3], id="tag by number"),
        pytest.param(["Ada"], [True], id="tag by truth"),
        pytest.param(["Ada"], [None], id="null among tags"),
        pytest.param([""], ["O"], id="empty token"),
        pytest.param([" "], ["O"], id="blank token"),
        pytest.param(["\u00a0"], ["O"], id="non-breaking space alone"),
        pytest.param(["a\tb"], ["O"], id="tab"),
        pytest.param(["a\nb"], ["O"], id="line end"),
        pytest.param(["a\rb"], ["O"], id="carriage return"),
        pytest.param(["a\0b"], ["O"], id="NUL"),
        pytest.param(["\ud800"], ["O"], id="half a character"),
        pytest.param(["Ada"], ["B-\udfff"], id="half a character in a tag"),
        pytest.param(["Ada"], [""], id="empty tag"),
        pytest.param(["Ada"], ["B-A\nB"], id="line end in a tag"),
    ],
)
def test_read_jsonl_tokens_refuses_what_are_no_tokens_and_tags(tmp_path: Path, tokens: Any, tags: Any) -> None:
    path = tmp_path / "corpus"
    refusal(path, 2, lambda: read(read_jsonl_tokens, path, "", {"tokens": tokens, "tags": tags}))


@pytest.mark.parametrize("missing", ["tokens", "tags", "text", "spans"])
def test_read_jsonl_refuses_an_object_without_a_key(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "corpus"
    content = {**span(), "tokens": ["Ada"], "tags": ["O"]}
    del content[missing]
    reader = read_jsonl_tokens if missing.startswith("t") and missing != "text" else read_jsonl_spans
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:1: expected ')}.*{missing}.*Received: "):
        read(reader, path, content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"text": 7, "spans": []}, id="number for text"),
        pytest.param({"text": ["Ada"], "spans": []}, id="list for text"),
        pytest.param({"text": None, "spans": []}, id="null for text"),
        pytest.param({"text": "A\0da", "spans": []}, id="NUL"),
        pytest.param({"text": "A\ud800da", "spans": []}, id="half a character"),
        pytest.param({"text": "Ada", "spans": {}}, id="object for spans"),
        pytest.param({"text": "Ada", "spans": "[]"}, id="string for spans"),
        pytest.param({"text": "Ada", "spans": None}, id="null for spans"),
        pytest.param({"text": "Ada", "spans": 0}, id="number for spans"),
        pytest.param({"text": "Ada", "spans": [0, 3, "PER"]}, id="one span, not in a list"),
        pytest.param({"text": "Ada", "spans": ["a\nb"]}, id="string for a span"),
        pytest.param({"text": "Ada", "spans": [None]}, id="null for a span"),
        pytest.param({"text": "Ada", "spans": [[0, 3]]}, id="no label"),
        pytest.param({"text": "Ada", "spans": [[0, 3, "PER", "x"]]}, id="four values"),
        pytest.param({"text": "Ada", "spans": [[0, 3, ["PER"]]]}, id="list for a label"),
        pytest.param({"text": "Ada", "spans": [{"start": 0, "label": "PER"}]}, id="no end"),
        pytest.param({"text": "Ada", "spans": [{"start": 0, "end_offset": 3, "label": "PER"}]}, id="mixed names"),
        pytest.param({"text": "Ada", "spans": [{"start": 0, "end": 3}]}, id="object without label"),
        pytest.param({"text": "Ada", "spans": [[1, 3, "A"], [0, 2, "B"]]}, id="overlap"),
        pytest.param({"text": "Ada", "spans": [[0, 3, "A"], [0, 3, "A"]]}, id="twice"),
        pytest.param({"text": "Ada", "spans": [[0, 3, "A"], [1, 2, "A"]]}, id="one in another"),
        pytest.param(span(label=""), id="empty label"),
        pytest.param(span(label=" "), id="blank label"),
        pytest.param(span(label="-"), id="hyphen"),
        pytest.param(span(label="A\nB"), id="line end in a label"),
        pytest.param(span(label="A\u200fB"), id="invisible in a label"),
        pytest.param(span(label="\ud800"), id="half a character in a label"),
        pytest.param(span(label=None), id="null label"),
        pytest.param(span(label=7), id="number for a label"),
        pytest.param(span(start=-1), id="before the text"),
        pytest.param(span(end=11), id="beyond the text"),
        pytest.param(span(start=10**4_000, end=10**4_000 + 3), id="far beyond"),
        pytest.param(span(start=3, end=0), id="inverted"),
        pytest.param(span(start=3, end=3), id="empty"),
        pytest.param(span(start=3, end=4), id="a space alone"),
        pytest.param(span(start=False), id="false"),
        pytest.param(span(start=0, end=True), id="true"),
        pytest.param(span(start=0.0), id="float"),
        pytest.param(span(end=3.0), id="float end"),
        pytest.param(span(end="3"), id="string for a number"),
        pytest.param(span(end=float("inf")), id="Infinity"),
        pytest.param(span(end=float("nan")), id="NaN"),
        pytest.param('{"text": "Ada", "spans": [[0, 1e999, "PER"]]}', id="1e999"),
        pytest.param('{"text": "Ada", "spans": [[-0.0, 3, "PER"]]}', id="-0.0"),
        pytest.param('{"text": "Ada", "spans": [[0, 3e0, "PER"]]}', id="3e0"),
        pytest.param('{"text": "Ada", "spans": [[0, ' + "9" * 5_000 + ', "PER"]]}', id="endless number"),
        pytest.param(f'{{"text": "Ada", "spans": [{deep(900)}]}}', id="deep"),
        pytest.param(f'{{"text": "Ada", "spans": [[0, 3, {deep(900)}]]}}', id="deep label"),
    ],
)
def test_read_jsonl_spans_refuses_what_are_no_text_and_spans(tmp_path: Path, content: str | dict[str, Any]) -> None:
    path = tmp_path / "corpus"
    refusal(path, 2, lambda: read(read_jsonl_spans, path, "", content))


@pytest.mark.parametrize(
    ("reader", "line"),
    [
        (read_jsonl_tokens, r'{"tokens": ["a\ud83db"], "tags": ["O"]}'),
        (read_jsonl_tokens, r'{"tokens": ["\ude00\ud83d"], "tags": ["O"]}'),
        (read_jsonl_spans, r'{"text": "a \ud83d b", "spans": []}'),
    ],
)
def test_read_jsonl_gives_no_half_of_a_character_that_no_file_can_hold(tmp_path: Path, reader: Read, line: str) -> None:
    path = tmp_path / "corpus"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:1: expected ')}"):
        write_sentences(tmp_path / "train.conll", sentences_in(read(reader, path, line)))


def test_read_jsonl_joins_both_halves_of_a_character(tmp_path: Path) -> None:
    line = r'{"tokens": ["\ud83d\ude00"], "tags": ["O"]}'
    assert sentences_in(read(read_jsonl_tokens, tmp_path / "corpus", line))[0].tokens == ("\U0001f600",)


@pytest.mark.parametrize("reader", [read_jsonl_tokens, read_jsonl_spans])
def test_read_jsonl_shows_no_more_than_the_beginning_of_a_long_line(tmp_path: Path, reader: Read) -> None:
    path = tmp_path / "corpus"
    refusal(path, 1, lambda: read(reader, path, {"tokens": ["x" * 100_000], "tags": 7, "text": "x" * 100_000}))
