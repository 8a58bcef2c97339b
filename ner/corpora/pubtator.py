"""PubTator documents (title, abstract, and mentions with character offsets) -> sentences.

    227508|t|Title                               title, then abstract: offsets count through both,
    227508|a|Abstract                            with one character between them
    227508<TAB>0<TAB>8<TAB>Naloxone<TAB>Chemical<TAB>D009270
    227508<TAB>CID<TAB>D003000<TAB>D007022       relations are ignored

Title and abstract never share a sentence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ner.core.sentence import Span
from ner.core.tagscheme import is_label
from ner.corpora.lines import CorpusFormatError, Located, read_lines
from ner.corpora.mentions import check_mentions, cut_text

_OFFSETS = re.compile(r"\d{1,18} \d{1,18}")  # Python's int() refuses more than 4,300 digits


@dataclass(frozen=True, slots=True)
class _Document:
    text: str
    title_end: int
    mentions: tuple[Span, ...]  # character offsets in `text`


def read_pubtator(path: Path, encoding: str) -> Iterator[Located]:
    """Read a PubTator file: yield the sentences of its documents in file order.

    Raises:
        CorpusFormatError: a document lacks title or abstract, the text at a mention's offsets is not the mention's,
            mentions overlap, or a line is neither mention nor relation.
    """
    numbered = enumerate(read_lines(path, encoding), start=1)
    for is_blank, lines in groupby(numbered, key=lambda item: not item[1].strip()):
        if not is_blank:
            block = list(lines)
            document = _read_document(path, block)
            for sentence, dropped in cut_text(document.text, document.mentions, document.title_end + 1):
                yield Located(sentence, block[0][0], dropped, document=block[0][0])


def _read_document(path: Path, lines: list[tuple[int, str]]) -> _Document:
    identifier = lines[0][1].partition("|")[0]
    shown = repr(identifier[:40])[1:-1]
    parts = []
    for kind, (number, line) in zip("ta", lines, strict=False):
        head = line.split("|", 2)
        if head[:2] != [identifier, kind] or len(head) != 3:
            raise CorpusFormatError(path, number, f"expected {shown}|{kind}|text. Received: {line[:80]!r}")
        parts.append(head[2])
    if len(parts) < 2:
        raise CorpusFormatError(path, lines[0][0], f"expected {shown}|a|text in the next line. Received: none")
    text = " ".join(parts)
    mentions = []
    for number, line in lines[2:]:
        cells = line.split("\t")
        if cells[0] != identifier:
            raise CorpusFormatError(path, number, f"expected a line of document {shown}. Received: {line[:80]!r}")
        if len(cells) >= 5 and _OFFSETS.fullmatch(f"{cells[1]} {cells[2]}"):
            mentions.append(_read_mention(path, number, cells, text))
        elif len(cells) != 4 or cells[1].isdecimal():
            expected = "a mention (id, start, end, text, label, concept) or relation (id, name, concept, concept)"
            raise CorpusFormatError(path, number, f"expected {expected}, separated by tabs. Received: {line[:80]!r}")
    try:
        check_mentions(text, mentions)
    except ValueError as error:
        raise CorpusFormatError(path, lines[0][0], str(error)) from None
    return _Document(text, len(parts[0]), tuple(mentions))


def _read_mention(path: Path, number: int, cells: list[str], text: str) -> Span:
    span = Span(int(cells[1]), int(cells[2]), cells[4])
    found = text[span.start : span.end]
    if found != cells[3] or not found.strip() or not is_label(span.label):
        expected = f"expected {found[:80]!r} at {span.start} to {span.end}, as the text has, and a label"
        raise CorpusFormatError(path, number, f"{expected}. Received: {cells[3][:80]!r}, {span.label!r}")
    return span
