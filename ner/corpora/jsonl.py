"""JSON lines -> sentences: either tokens and tags, or text and character spans.

    {"tokens": ["Ada", "slept"], "tags": ["B-PER", "O"]}
    {"text": "Ada slept.", "entities": [[0, 3, "PER"]]}                              spaCy
    {"text": "Ada slept.", "label": [[0, 3, "PER"]]}                                 Doccano, older exports
    {"text": "Ada slept.", "entities": [{"start_offset": 0, "end_offset": 3, "label": "PER"}]}   Doccano
    {"text": "Ada slept.", "spans": [{"start": 0, "end": 3, "label": "PER"}]}        Prodigy

Other keys are ignored.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ner.core.sentence import Sentence, Span, is_word
from ner.core.tagscheme import is_label
from ner.corpora.lines import CorpusFormatError, Located, read_lines
from ner.corpora.mentions import check_mentions, cut_text

_SPAN_KEYS = ("entities", "spans", "label", "labels")
_OFFSET_KEYS = (("start", "end"), ("start_offset", "end_offset"))


def read_jsonl_tokens(path: Path, encoding: str) -> Iterator[Located]:
    """Read JSON lines with tokens: yield one sentence per line, from `tokens` and `tags` or `ner_tags`.

    Tags must be strings such as `B-PER`; numeric ids are an error.

    Raises:
        CorpusFormatError: a line is not an object with as many tags as tokens, all of them strings.
    """
    for number, content in _read_objects(path, encoding):
        tokens: Any = content.get("tokens")
        tags: Any = content.get("tags", content.get("ner_tags"))
        if not _are_words(tokens) or not _are_words(tags) or len(tokens) != len(tags):
            raise CorpusFormatError(
                path, number, f"expected tokens and as many tags, all text. Received: {_shown(content)}"
            )
        yield Located(Sentence(tuple(tokens), tuple(tags)), number)


def read_jsonl_spans(path: Path, encoding: str) -> Iterator[Located]:
    """Read JSON lines with text and character spans: yield the sentences of each text, with the spans as entities.

    Raises:
        CorpusFormatError: a line is not an object with text and spans, or a span is outside the text, covers only
            whitespace or overlaps another.
    """
    for number, content in _read_objects(path, encoding):
        text = content.get("text")
        spans = next((content[key] for key in _SPAN_KEYS if content.get(key) is not None), None)
        if not isinstance(text, str) or "\0" in text or not isinstance(spans, list):
            expected = f"expected `text` and one of {', '.join(_SPAN_KEYS)}, a list"
            raise CorpusFormatError(path, number, f"{expected}. Received: {_shown(content)}")
        try:
            mentions = [_span(item) for item in spans]
            check_mentions(text, mentions)
        except ValueError as error:
            raise CorpusFormatError(path, number, str(error)) from None
        for sentence, dropped in cut_text(text, mentions):
            yield Located(sentence, number, dropped, document=number)


def _read_objects(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(read_lines(path, encoding), start=1):
        if not line.strip():
            continue
        try:
            content = json.loads(line)
            json.dumps(content, ensure_ascii=False).encode()  # fails on a lone surrogate, such as "\\ud800"
        except (ValueError, RecursionError) as error:
            raise CorpusFormatError(path, number, f"expected JSON. Received: {error}, {line[:80]!r}") from None
        if not isinstance(content, dict):
            raise CorpusFormatError(path, number, f"expected a JSON object. Received: {line[:80]!r}")
        yield number, content


def _span(item: Any) -> Span:
    start, end, label = None, None, None
    if isinstance(item, list) and len(item) == 3:
        start, end, label = item
    if isinstance(item, dict):
        label = item.get("label")
        start, end = next(((item[a], item[b]) for a, b in _OFFSET_KEYS if a in item and b in item), (None, None))
    if type(start) is not int or type(end) is not int or not isinstance(label, str) or not is_label(label):
        raise ValueError(f"expected a span: [start, end, label], or an object of these. Received: {item!r:.80}")
    return Span(start, end, label)


def _are_words(items: Any) -> bool:
    return isinstance(items, list) and bool(items) and all(isinstance(item, str) and is_word(item) for item in items)


def _shown(content: dict[str, Any]) -> str:
    return f"{content!r:.80}"
