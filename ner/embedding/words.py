"""A line of text -> tokens, cut as the corpora are in which they will be looked up."""

from collections.abc import Callable

import regex  # the standard library's has no combining marks

from ner.tokenizer import tokenize

_CLITIC = r"[\'’](?:[sS]|[mM]|[dD]|re|RE|ve|VE|ll|LL)\b"
_ABBREVIATION = (
    "Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|Inc|Corp|Co|Ltd|Gen|Gov|Sen|Rep|Prof|Lt|Col|Capt|No|Jan|Feb|Aug|Sept|Oct|Nov|Dec"
)
# As CoNLL-2003, GMB and ANERCorp are cut, which keep what is written together, but for clitics and outer punctuation.
_WORDS = regex.compile(
    rf"""
      (?:\p{{L}}\.){{2,}}(?:-\w+)*          # U.S., U.S.-led
    | (?<!\w)(?:\p{{L}}|{_ABBREVIATION})\.(?=\s)   # J. Smith, Mr. Smith
    | \d+(?:[.,:/-]\d+)*(?!\w)              # 1,000 1996-08-22 6-4 1/2
    | \w+?(?=n[\'’]t\b) | n[\'’]t\b         # do n't
    | {_CLITIC}                             # Rome 's
    | \w+(?:(?:[.&-]|(?!{_CLITIC})[\'’])\w+)*   # al-Qaida, O'Brien, AT&T
    | --+ | \.\.\.+ | \'\' | ``
    | [^\w\s\x1c-\x1f]\p{{M}}*
    """,
    regex.VERBOSE,
)

TOKENS: dict[str, Callable[[str], list[str]]] = {
    "words": _WORDS.findall,
    "punctuation": lambda line: [token.text for token in tokenize(line)],  # at every mark, as BC5CDR is cut
}
