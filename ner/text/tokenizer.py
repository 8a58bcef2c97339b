"""Text -> tokens with character offsets, and sentences of them, by rule and without a model.

There are two rules for tokens, PATTERNS. By `punctuation` a token is a run of letters, digits and combining marks, or
any other single character that is not a space: BC5CDR's published tokens are cut so. By `words` what is written
together stays together, but for clitics and outer punctuation, as in CoNLL-2003, GMB and ANERCorp. A sentence ends at
`.`, `?` or `!`, and whatever closing quotes and brackets follow it, if a space and then a capital, a digit, or an
opening quote or bracket come next, unless the mark ends an abbreviation.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import regex as re  # the standard library's has no combining marks

_TOKEN = re.compile(r"\w+|[^\w\s\x1c-\x1f][\p{M}\p{Join_Control}]*")  # \w has marks, \s lacks four separators
_CLITIC = r"[\'’](?:[sS]|[mM]|[dD]|re|RE|ve|VE|ll|LL)\b"
_TITLES = "Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|Inc|Corp|Co|Ltd|Gen|Gov|Sen|Rep|Prof|Lt|Col|Capt|No|Jan|Feb|Aug|Sept|Oct|Nov|Dec"
_WORDS = re.compile(
    rf"""
      (?:\p{{L}}\.){{2,}}(?:-\w+)*  # U.S., U.S.-led
    | (?<!\w)(?:\p{{L}}|{_TITLES})\.(?=\s)  # J. Smith, Mr. Smith
    | \d+(?:[.,:/-]\d+)*(?!\w)  # 1,000 1996-08-22 6-4 1/2
    | \w+?(?=n[\'’]t\b) | n[\'’]t\b  # do n't
    | {_CLITIC}  # Rome 's
    | \w+(?:(?:[.&-]|(?!{_CLITIC})[\'’])\w+)*  # al-Qaida, O'Brien, AT&T
    | --+ | \.\.\.+ | \'\' | ``
    | [^\w\s\x1c-\x1f]\p{{M}}*
    """,
    re.VERBOSE,
)
PATTERNS = {"words": _WORDS, "punctuation": _TOKEN}
_BOUNDARY = re.compile(r"""[.?!]["')\]]*\s+(?=["'(\[]*[A-Z0-9])""")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|al|approx|ca|cf|[Dd]r|et|[Ff]igs?|Inc|Mr|Mrs|Ms|[Nn]o|Prof|sp|spp|St|subsp|vs)|\.[A-Za-z])\.\s*$"
)


@dataclass(frozen=True, slots=True)
class Token:
    """`text[start:end]`, a half-open stretch of the caller's text."""

    text: str
    start: int
    end: int


def tokenize(text: str, start: int = 0, end: int | None = None, *, rule: str = "punctuation") -> list[Token]:
    """Tokens of `text[start:end]`; offsets count from the beginning of `text`. `rule` is a key of PATTERNS.

    >>> [token.text for token in tokenize("L-dopa, 0.5 mg")]
    ['L', '-', 'dopa', ',', '0', '.', '5', 'mg']
    >>> [token.text for token in tokenize("Rome's L-dopa, 0.5 mg", rule="words")]
    ['Rome', "'s", 'L-dopa', ',', '0.5', 'mg']
    """
    stop = len(text) if end is None else end
    return [Token(match[0], match.start(), match.end()) for match in PATTERNS[rule].finditer(text, start, stop)]


def sentence_bounds(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence of `text[start:end]`, in order, together covering all of it.

    >>> text = "Given i.v. It fell, vs. 5 mg. All died."
    >>> [text[start:end] for start, end in sentence_bounds(text)]
    ['Given i.v. It fell, vs. 5 mg. ', 'All died.']
    """
    return split_at(text, start, len(text) if end is None else end, _BOUNDARY, _ABBREVIATION)


def split_at(
    text: str, start: int, end: int, boundary: "re.Pattern[str]", abbreviation: "re.Pattern[str]"
) -> Iterator[tuple[int, int]]:
    """(start, end) of the pieces of `text[start:end]`, in order, together covering all of it.

    Args:
        text: any string.
        start: where the first piece begins.
        end: where the last one ends.
        boundary: matches what a piece may end with, to where the next one begins.
        abbreviation: if it is found up to there, and begins at most ten characters before the mark, no piece ends.
    """
    opened = start
    for match in boundary.finditer(text, start, end):
        if not abbreviation.search(text, max(opened, match.start() - 10), match.end()):
            yield opened, match.end()
            opened = match.end()
    if opened < end:
        yield opened, end
