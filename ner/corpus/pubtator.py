"""PubTator's documents, a title, an abstract and mentions with character offsets -> sentences in IOB2.

    227508|t|Title                               title, then abstract: offsets count through both,
    227508|a|Abstract                            with one character between them
    227508<TAB>0<TAB>8<TAB>Naloxone<TAB>Chemical<TAB>D009270
    227508<TAB>CID<TAB>D003000<TAB>D007022       relations are passed over

Tokens and sentences are those of `ner.tokenizer`; title and abstract never share a sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

from ner.corpus.lines import CorpusFormatError, Located, read_lines
from ner.sentence import Sentence, Span
from ner.tagscheme import spans_to_tags
from ner.tokenizer import Token, sentence_bounds, tokenize


@dataclass(frozen=True, slots=True)
class _Document:
    line: int
    text: str
    title_end: int
    mentions: tuple[Span, ...]  # start and end count characters here


def read_pubtator(path: Path, encoding: str) -> Iterator[Located]:
    """Sentences of a PubTator file; mentions that do not begin and end with tokens of one sentence are dropped, counted.

    Raises:
        CorpusFormatError: a document without title and abstract, a mention whose offsets do not give its text,
            mentions that overlap, or a line of another kind.
    """
    numbered = enumerate(read_lines(path, encoding), start=1)
    for is_blank, lines in groupby(numbered, key=lambda item: not item[1].strip()):
        if not is_blank:
            yield from _sentences(_document(path, list(lines)))


def _document(path: Path, lines: list[tuple[int, str]]) -> _Document:
    parts: dict[str, str] = {}
    mentions: list[Span] = []
    first, identifier = lines[0][0], lines[0][1].partition("|")[0]
    for number, line in lines:
        head, cells = line.split("|", 2), line.split("\t")
        expected = "t" if not parts else "a"
        if len(parts) < 2:
            if len(head) != 3 or head[:2] != [identifier, expected]:
                raise CorpusFormatError(path, number, f"expected {identifier}|{expected}|text. Received: {line[:80]!r}")
            parts[expected] = head[2]
        elif cells[0] != identifier:
            raise CorpusFormatError(path, number, f"expected a line of document {identifier}. Received: {line[:80]!r}")
        elif len(cells) >= 5 and cells[1].isdecimal() and cells[2].isdecimal():
            mentions.append(_mention(path, number, cells, f"{parts['t']} {parts['a']}"))
        elif len(cells) != 4 or cells[1].isdecimal():
            expected = "mention (id, start, end, text, label, concept) or relation (id, name, concept, concept)"
            raise CorpusFormatError(path, number, f"expected a {expected}, separated by tabs. Received: {line[:80]!r}")
    if len(parts) < 2:
        raise CorpusFormatError(
            path, first, f"expected a title and an abstract. Received: document {identifier} without"
        )
    mentions.sort()
    for one, two in pairwise(mentions):
        if two.start < one.end:
            raise CorpusFormatError(path, first, f"expected mentions that do not overlap. Received: {one} and {two}")
    return _Document(first, f"{parts['t']} {parts['a']}", len(parts["t"]), tuple(mentions))


def _mention(path: Path, number: int, cells: list[str], text: str) -> Span:
    start, end = int(cells[1]), int(cells[2])
    if start >= end or text[start:end] != cells[3]:
        raise CorpusFormatError(
            path,
            number,
            f"expected {text[start:end][:80]!r} at {start} to {end}, as the text has. Received: {cells[3][:80]!r}",
        )
    return Span(start, end, cells[4])


def _sentences(document: _Document) -> Iterator[Located]:
    bounds = [
        *sentence_bounds(document.text, 0, document.title_end),
        *sentence_bounds(document.text, document.title_end + 1),
    ]
    for start, end in bounds:
        tokens = tokenize(document.text, start, end)
        # A mention that crosses a boundary belongs to the sentence that it begins in, and is dropped there.
        mentions = [mention for mention in document.mentions if start <= mention.start < end]
        fitting = [span for mention in mentions if (span := _on_tokens(mention, tokens))]
        if tokens:
            words = tuple(token.text for token in tokens)
            sentence = Sentence(words, spans_to_tags(fitting, len(words)))
            yield Located(sentence, document.line, dropped=len(mentions) - len(fitting))


def _on_tokens(mention: Span, tokens: list[Token]) -> Span | None:
    """The mention in tokens instead of characters; None if it begins or ends inside a token or another sentence."""
    starts = {token.start: index for index, token in enumerate(tokens)}
    ends = {token.end: index for index, token in enumerate(tokens)}
    if mention.start in starts and mention.end in ends:
        return Span(starts[mention.start], ends[mention.end] + 1, mention.label)
    return None
