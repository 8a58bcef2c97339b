"""Raw text -> sentences of tokens that point into it, cut as the corpus was that a tagger has learnt from.

A blank line ends a sentence. Otherwise English news ends one as `ner.text.tokenizer` says, with more quotes and other
abbreviations; Arabic, which has no capitals, at every `.`, `?`, `!` or `؟` that a space follows and no abbreviation
comes before; and text that is cut at every mark of punctuation just as `ner.text.tokenizer.sentence_bounds` cuts
BC5CDR.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import regex as re

from ner.text.tokenizer import PATTERNS, sentence_bounds, split_at

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*|[\u2029\f]\s*")
_CLOSING, _OPENING = r"""["'”’)\]»\p{Cf}]*+""", r"""["'“‘(\[«\p{Cf}]*+"""
# From the first of several marks on, and without a way back: a text of marks alone is read once.
_ENGLISH = re.compile(rf"(?<![.?!…])[.?!…]++{_CLOSING}\s++(?={_OPENING}[\p{{Lu}}\d])")
_ARABIC = re.compile(rf"(?<![.?!؟…])[.?!؟…]++{_CLOSING}\s++")
_ABBREVIATION = re.compile(
    r"(?:(?<!\w)(?:\p{L}|Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|Gen|Gov|Sen|Rep|Prof|Lt|Col|Capt|No|Jan|Feb|Aug|Sept|Oct|Nov|Dec)"
    r"|\.\p{L})\.\s*$"
)
_FORMAT = re.compile(r"\p{Cf}+")  # such as marks of direction, and spaces of no width


@dataclass(frozen=True, slots=True)
class TextSentence:
    """Tokens of one sentence of `text`: token i is `text[slice(*offsets[i])]`."""

    text: str  # the caller's, whole
    tokens: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...]  # characters, half-open


def split_text(text: str, language: str, rule: str) -> Iterator[TextSentence]:
    """The sentences of `text` that have tokens, in order. Format characters between tokens are none.

    Args:
        text: any string; an empty one has no sentences.
        language: ISO 639-1; of all but Arabic, ar, sentences end as in English.
        rule: how tokens are cut, a key of `ner.text.tokenizer.PATTERNS`.

    >>> [sentence.tokens for sentence in split_text("Mr. Ito left Oslo. It rained.", "en", "words")]
    [('Mr.', 'Ito', 'left', 'Oslo', '.'), ('It', 'rained', '.')]
    """
    for start, end in _bounds(text, language, rule):
        written = start + len(text[start:end].rstrip())  # a space tells J. Smith from the end of plan B.
        found = [match.span() for match in PATTERNS[rule].finditer(text, start, written)]
        offsets = tuple(span for span in found if not _FORMAT.fullmatch(text, *span))
        if offsets:
            yield TextSentence(text, tuple(text[start:end] for start, end in offsets), offsets)


def _bounds(text: str, language: str, rule: str) -> Iterator[tuple[int, int]]:
    opened = 0
    for paragraph in [*(match.end() for match in _PARAGRAPH.finditer(text)), len(text)]:
        if rule == "punctuation":
            yield from sentence_bounds(text, opened, paragraph)
        else:
            yield from split_at(text, opened, paragraph, _ARABIC if language == "ar" else _ENGLISH, _ABBREVIATION)
        opened = paragraph
