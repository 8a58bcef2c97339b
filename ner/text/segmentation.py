"""Raw text -> sentences of tokens with character offsets, segmented as the tagger's training corpus was.

A blank line always ends a sentence. Otherwise there are three rules:

- token rule `punctuation`: sentences end where `ner.text.tokenizer.sentence_bounds` ends them, as in BC5CDR;
- Arabic, which has no capitals: at every `.`, `?`, `!`, `؟` or `…` before a space, unless it ends an abbreviation;
- other languages: as in `ner.text.tokenizer`, with `…`, more kinds of quotes, and abbreviations of English news.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import regex as re

from ner.text.tokenizer import PATTERNS, sentence_bounds, split_at

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*|[\u2029\f]\s*")
_CLOSING, _OPENING = r"""["'”’)\]»\p{Cf}]*+""", r"""["'“‘(\[«\p{Cf}]*+"""
# Match from the first of several marks on, with possessive quantifiers: a text of marks alone takes linear time.
_ENGLISH = re.compile(rf"(?<![.?!…])[.?!…]++{_CLOSING}\s++(?={_OPENING}[\p{{Lu}}\d])")
_ARABIC = re.compile(rf"(?<![.?!؟…])[.?!؟…]++{_CLOSING}\s++")
_ABBREVIATION = re.compile(
    r"(?:(?<!\w)(?:\p{L}|Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|Gen|Gov|Sen|Rep|Prof|Lt|Col|Capt|No|Jan|Feb|Aug|Sept|Oct|Nov|Dec)"
    r"|\.\p{L})\.\s*$"
)
_FORMAT = re.compile(r"\p{Cf}+")  # format characters, such as direction marks and zero-width spaces


@dataclass(frozen=True, slots=True)
class TextSentence:
    """One sentence of a text: its tokens and their offsets; token i is `text[slice(*offsets[i])]`."""

    text: str  # the whole text, not only the sentence
    tokens: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...]  # characters, half-open


def split_text(text: str, language: str, rule: str) -> Iterator[TextSentence]:
    """Split text into sentences and tokens; yield the sentences that have tokens, in order.

    A token of format characters alone (Unicode category Cf) is left out.

    Args:
        text: any string; an empty one has no sentences.
        language: ISO 639-1 code; all languages but Arabic, `ar`, use the English sentence rule.
        rule: the token rule, a key of `ner.text.tokenizer.PATTERNS`.

    >>> [sentence.tokens for sentence in split_text("Mr. Ito left Oslo. It rained.", "en", "words")]
    [('Mr.', 'Ito', 'left', 'Oslo', '.'), ('It', 'rained', '.')]
    """
    for start, end in _bounds(text, language, rule):
        # Rule `words` takes `B.` as one token if a space follows, as in "J. Smith". Without trailing spaces this does
        # not happen at the end of a sentence, as in "plan B.".
        written = start + len(text[start:end].rstrip())
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
