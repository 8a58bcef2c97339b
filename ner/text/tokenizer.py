"""Raw text -> tokens with character offsets, and the bounds of sentences, by regular expressions.

PATTERNS has two token rules. By `punctuation` a token is a run of letters, digits and combining marks, or any other
single character that is not a space, as in the published tokens of BC5CDR. By `words` only clitics and the punctuation
around words are split off, as in CoNLL-2003, GMB and ANERCorp.

A sentence ends at `.`, `?` or `!` with the closing quotes and brackets after it, if a space follows, and then a capital
or a digit, possibly after opening quotes or brackets. A mark that ends an abbreviation does not end a sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import regex as re  # in the standard library's re, \w does not match combining marks

# regex's \w matches combining marks; its \s does not match the four separators \x1c to \x1f.
_TOKEN = re.compile(r"\w+|[^\w\s\x1c-\x1f][\p{M}\p{Join_Control}]*")
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
    """A token and its half-open character offsets in the whole text."""

    text: str
    start: int
    end: int


def tokenize(text: str, start: int = 0, end: int | None = None, *, rule: str = "punctuation") -> list[Token]:
    """Tokenize `text[start:end]` by `rule`, a key of PATTERNS; offsets count from the beginning of `text`.

    >>> [token.text for token in tokenize("L-dopa, 0.5 mg")]
    ['L', '-', 'dopa', ',', '0', '.', '5', 'mg']
    >>> [token.text for token in tokenize("Rome's L-dopa, 0.5 mg", rule="words")]
    ['Rome', "'s", 'L-dopa', ',', '0.5', 'mg']
    """
    stop = len(text) if end is None else end
    return [Token(match[0], match.start(), match.end()) for match in PATTERNS[rule].finditer(text, start, stop)]


def sentence_bounds(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each sentence of `text[start:end]`, in order; together they cover all of it.

    >>> text = "Given i.v. It fell, vs. 5 mg. All died."
    >>> [text[start:end] for start, end in sentence_bounds(text)]
    ['Given i.v. It fell, vs. 5 mg. ', 'All died.']
    """
    return split_at(text, start, len(text) if end is None else end, _BOUNDARY, _ABBREVIATION)


def split_at(
    text: str, start: int, end: int, boundary: "re.Pattern[str]", abbreviation: "re.Pattern[str]"
) -> Iterator[tuple[int, int]]:
    """Split `text[start:end]` at boundaries that are no abbreviations; yield (start, end) of each piece, in order.

    Together the pieces cover all of `text[start:end]`.

    Args:
        text: any string.
        start: where the first piece begins.
        end: where the last piece ends.
        boundary: matches from the sentence-final mark to where the next piece begins.
        abbreviation: prevents a split if it matches in the stretch from ten characters before the mark (or the start of
            the piece) to the end of the boundary.
    """
    opened = start
    for match in boundary.finditer(text, start, end):
        if not abbreviation.search(text, max(opened, match.start() - 10), match.end()):
            yield opened, match.end()
            opened = match.end()
    if opened < end:
        yield opened, end
