"""Lines of text, columns or JSON -> documents; tagged documents -> lines in any of these formats.

`text`: each line is a text. `conll`: a token a line, in the first column, and a blank line after each sentence; the tag
is appended as a column, and all else is kept, byte for byte; a sentence of the token -DOCSTART- begins a document, and
is not tagged. `jsonl`: an object a line, with `text`, or with the `tokens` of one sentence; other keys are kept. Input
is a stream: at most AT_ONCE documents are in memory, and no line may be longer than LONGEST_LINE.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, BinaryIO

from ner.core.columns import DOCUMENT, Row, no_text, read_columns, split_columns
from ner.core.errors import NerError
from ner.core.sentence import is_word
from ner.core.tagscheme import OUTSIDE
from ner.tagger.tagger import Tagged, Tagger
from ner.text.segmentation import TextSentence

LONGEST_LINE = 1 << 22  # bytes
LONGEST_SENTENCE = 10_000  # lines of columns, as in corpora; more would be held in memory, up to a whole file
AT_ONCE, TOKENS_AT_ONCE = 2_000, 65_536  # documents, and tokens of them, that are read before they are tagged


class DocumentError(NerError):
    """Input is malformed: `file:line: what was expected, what came`."""


class Line(str):
    """A line of a file; `mark` is a byte order mark before it, and `end` its line end."""

    __slots__ = ("end", "mark")
    mark: str
    end: str

    @classmethod
    def cut(cls, text: str, *, first: bool) -> "Line":
        """Cut the line end off, and the byte order mark of the first line of a file."""
        mark = "\ufeff" if first and text.startswith("\ufeff") else ""
        line = cls(text.removeprefix(mark).removesuffix("\n").removesuffix("\r"))
        line.mark, line.end = mark, text[len(mark) + len(line) :]
        return line


@dataclass(frozen=True, slots=True)
class Document:
    """A piece of input: `content` as it was read (a text, lines of columns or a JSON object), and its sentences.

    `blank` is the line that ended a sentence of columns; empty at the end of a file without one.
    """

    content: Any
    sentences: tuple[TextSentence | tuple[str, ...], ...]
    blank: str = "\n"


SplitText = Callable[[str], list[TextSentence]]


def tag_documents(
    tagger: Tagger, documents: Iterable[Document], at_once: int = AT_ONCE
) -> Iterator[tuple[Document, list[Tagged]]]:
    """Tag a stream of documents; yield each with its tagged sentences, in order.

    Args:
        tagger: the tagger.
        documents: any number of documents.
        at_once: documents that are read before they are tagged together; 1 answers each as soon as it is read.

    Raises:
        DocumentError: what `documents` raised; the documents before it are yielded first.
    """
    stream = iter(documents)
    error: DocumentError | None = None
    while error is None:
        some, error = _some(stream, at_once)
        if not some:
            break
        tagged = tagger.tag(chain.from_iterable(map(_ended, some)))
        for document in some:
            found = list(islice(tagged, len(_ended(document))))
            yield document, found[: len(document.sentences)]
    if error:
        raise error


def _ended(document: Document) -> tuple[TextSentence | tuple[str, ...], ...]:
    """Return the sentences of a document, and an empty one that ends it.

    Sentences of columns are neighbours in a text, which the line -DOCSTART- ends.
    """
    if isinstance(document.content, list) and not _begins_document(document.content):
        return document.sentences
    return (*document.sentences, ())


def _some(stream: Iterator[Document], at_once: int) -> tuple[list[Document], DocumentError | None]:
    """Read the next documents; return them, and the error that ended the reading, if any."""
    some: list[Document] = []
    tokens = 0
    try:
        while len(some) < at_once and tokens < TOKENS_AT_ONCE and (document := next(stream, None)):
            some.append(document)
            tokens += sum(len(one.tokens if isinstance(one, TextSentence) else one) for one in document.sentences)
    except DocumentError as error:
        return some, error
    return some, None


def read_text(lines: Iterable[tuple[str, str]], split: SplitText) -> Iterator[Document]:
    """Read each line as a document; lines are those of `read_lines`."""
    for _, line in lines:
        yield Document(line, tuple(split(line)))


def read_conll(lines: Iterable[tuple[str, str]], split: SplitText) -> Iterator[Document]:  # noqa: ARG001, as the others
    """Read each sentence as a document, and each further blank line as an empty one, so that it is written again."""
    latest = ""

    def passing() -> Iterator[tuple[str, str]]:
        nonlocal latest
        for place, line in _checked(lines):
            latest = line
            yield place, line

    for rows in read_columns(passing(), split_columns):
        content = [row.line for row in rows]
        sentences = (tuple(map(_token, rows)),) if rows and not _begins_document(content) else ()
        yield Document(content, sentences, "" if latest.strip() else _framed(latest, latest))


def _begins_document(lines: list[str]) -> bool:
    return len(lines) == 1 and split_columns(lines[0])[0] == DOCUMENT


def _token(row: Row[str]) -> str:
    if not is_word(row.cells[0]):
        raise DocumentError(f"{row.place}: expected a token in the first column. Received: {row.line[:60]!r}")
    return row.cells[0]


def _checked(lines: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Refuse what a column file can't have, as the reader of corpora does."""
    length = 0
    for place, line in lines:
        length = length + 1 if line.strip() else 0
        if length > LONGEST_SENTENCE:
            expected = f"expected sentences of at most {LONGEST_SENTENCE} tokens"
            raise DocumentError(f"{place}: {expected}. Received: one more; is a blank line missing?")
        if wrong := no_text(line):
            raise DocumentError(f"{place}: expected text. Received: {wrong} in it, {line[:60]!r}")
        yield place, line


def read_jsonl(lines: Iterable[tuple[str, str]], split: SplitText) -> Iterator[Document]:
    """Read each line that is not blank as a document."""
    for place, line in lines:
        if not line.strip():
            continue
        try:
            content = json.loads(line, parse_float=_finite, parse_constant=_finite)
        except (ValueError, RecursionError) as error:
            raise DocumentError(f"{place}: expected a JSON object. Received: {line[:60]!r} ({error})") from None
        if not isinstance(content, dict) or ("text" in content) == ("tokens" in content):
            keys = sorted(map(str, content)) if isinstance(content, dict) else content
            raise DocumentError(f"{place}: expected an object with either text or tokens. Received: {str(keys)[:60]}")
        if "\\u" in line and not _is_text(json.dumps(content, ensure_ascii=False)):
            raise DocumentError(f"{place}: expected text. Received: half of a surrogate pair")
        yield Document(content, _json_sentences(content, place, split))


def _finite(number: str) -> float:
    """Read a number of JSON; refuse NaN, Infinity, and 1e999, which would be written as Infinity."""
    if not math.isfinite(value := float(number)):
        raise ValueError(f"{number[:20]} is no finite number")
    return value


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _json_sentences(
    content: dict[str, Any], place: str, split: SplitText
) -> tuple[TextSentence | tuple[str, ...], ...]:
    if "text" in content:
        if not isinstance(content["text"], str):
            raise DocumentError(f"{place}: text: expected a string. Received: {str(content['text'])[:60]}")
        return tuple(split(content["text"]))
    tokens = content["tokens"]
    if not isinstance(tokens, list) or not all(isinstance(token, str) and is_word(token) for token in tokens):
        raise DocumentError(f"{place}: tokens: expected a list of words. Received: {str(tokens)[:60]}")
    return (tuple(tokens),) if tokens else ()


READERS: dict[str, Callable[[Iterable[tuple[str, str]], SplitText], Iterator[Document]]] = {
    "text": read_text,
    "conll": read_conll,
    "jsonl": read_jsonl,
}


def read_lines(
    name: str, file: BinaryIO, progress: Callable[[int], object] = lambda _: None
) -> Iterator[tuple[str, str]]:
    """Read the lines of a UTF-8 file: yield `name:number` and the line without its end.

    Args:
        name: the name of the file, for error messages.
        file: the file, open for reading.
        progress: called with the number of bytes of each line.

    Raises:
        DocumentError: a line is not UTF-8, or longer than LONGEST_LINE.
    """
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        place = f"{name}:{number}"
        if len(line) > LONGEST_LINE:
            raise DocumentError(f"{place}: expected lines of {LONGEST_LINE:,} bytes at most. Received: a longer one")
        progress(len(line))
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise DocumentError(
                f"{place}: expected UTF-8. Received: byte {error.object[error.start]:#04x} at column {error.start + 1}"
            ) from None
        yield place, Line.cut(text, first=number == 1)


def write_text(document: Document, tagged: list[Tagged]) -> str:
    """Write the text with each entity in brackets, after its label: [PER Ada Byron] was there."""
    text = text_of(document, tagged)
    pieces, position = [], 0
    for entity in _entities(tagged):
        pieces += [text[position : entity["start"]], f"[{entity['label']} {entity['text']}]"]
        position = entity["end"]
    return "".join([*pieces, text[position:]]) + "\n"


def write_conll(document: Document, tagged: list[Tagged]) -> str:
    """Write a token and its tag a line, and a blank line after each sentence; keep the columns that were read."""
    if isinstance(document.content, list):
        tags = tagged[0].tags if tagged else (OUTSIDE,) * len(document.content)
        rows = zip(document.content, tags, strict=True)
        return "".join(_framed(line, _with_tag(line, tag)) for line, tag in rows) + document.blank
    sentences = ("".join(f"{t}\t{tag}\n" for t, tag in zip(one.tokens, one.tags, strict=True)) for one in tagged)
    return "".join(f"{sentence}\n" for sentence in sentences)


def gap(before: str) -> str:
    """Return what parts the sentences of two files of columns; `before` is the end of what was written for the first.

    >>> gap("a O\\n\\n"), gap("a O\\n"), gap("a O")
    ('', '\\n', '\\n\\n')
    """
    *lines, last = before.split("\n")
    if last:
        return "\n\n"
    return "\n" if lines and lines[-1].strip() else ""


def _framed(line: str, text: str) -> str:
    """Put a text in the place of a line: behind its byte order mark, and before its end."""
    return f"{line.mark}{text}{line.end}" if isinstance(line, Line) else f"{text}\n"


def _with_tag(line: str, tag: str) -> str:
    return f"{line}\t{tag}" if "\t" in line else f"{line} {tag}"


def write_jsonl(document: Document, tagged: list[Tagged]) -> str:
    """Write a document as a line of JSON: the object that was read, or a new one with its text or tokens.

    Tags and entities are added, and tokens if it has a text.
    """
    content = document.content
    if isinstance(content, list):
        content = {"tokens": [token for one in tagged for token in one.tokens]}
    elif isinstance(content, str):
        content = {"text": content}
    added = {"tags": [tag for one in tagged for tag in one.tags], "entities": _entities(tagged)}
    if "text" in content:
        added = {"tokens": [token for one in tagged for token in one.tokens], **added}
    return json.dumps(content | added, ensure_ascii=False) + "\n"


WRITERS = {"text": write_text, "conll": write_conll, "jsonl": write_jsonl}


def text_of(document: Document, tagged: list[Tagged]) -> str:
    """Return the text that entity offsets refer to: the text itself, or the tokens joined by spaces."""
    content = document.content.get("text") if isinstance(document.content, dict) else document.content
    return content if isinstance(content, str) else " ".join(token for one in tagged for token in one.tokens)


def _entities(tagged: list[Tagged]) -> list[dict[str, Any]]:
    """List the entities of a document. Character offsets refer to `text_of`; tokens are counted from its start."""
    entities: list[dict[str, Any]] = []
    before = 0
    for sentence in tagged:
        entities.extend(
            {
                "text": entity.text,
                "label": entity.label,
                "start": entity.start,
                "end": entity.end,
                "start_token": entity.first + before,
                "end_token": entity.last + before,
                "confidence": round(entity.confidence, 4),
            }
            for entity in sentence.entities
        )
        before += len(sentence.tokens)
    return entities
