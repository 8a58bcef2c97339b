"""A token -> its row in an embedding, which may spell it otherwise."""

from collections.abc import Callable, Iterator, Mapping

from ner.core.normalisation import STEPS, normalise

# How Penn Treebank, and clusters and vectors made from text like it, write what would read as markup.
_TREEBANK = {"(": "-LRB-", ")": "-RRB-", "[": "-LSB-", "]": "-RSB-", "{": "-LCB-", "}": "-RCB-", '"': "``", "”": "''"}

# Tried in this order, each then normalised as the embedding's words were. With a lower-cased embedding without digits
# they fall together; a cased one, such as published clusters, has ROME as Rome and 1996-08-22 perhaps as 0000-00-00.
_SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda token: token,
    STEPS["digits"],
    str.lower,
    lambda token: STEPS["digits"](token.lower()),
    str.capitalize,
    str.title,
    str.upper,
    lambda token: _TREEBANK.get(token, token),
)

# And, so, by, for, like, will: written together with the word that follows. Then the article, alone and after those.
_PROCLITICS = ("و", "ف", "ب", "ل", "ك", "س", "ال", "وال", "فال", "بال", "كال", "لل")
_SHORTEST_STEM = 3  # letters that must be left


def spellings(token: str, normalisation: tuple[str, ...]) -> Iterator[str]:
    """The spellings under which `token` is looked up, in order; some may be alike.

    As it is, digits as 0, lower case, lower case with digits as 0, first letter of the token in upper case, first
    letter of each of its parts in upper case, upper case, brackets and quotes as in the Penn Treebank; all of them
    normalised as the embedding's words are. At last, of words normalised by `arabic`, without proclitics: of the types
    of ANERCorp's dev set that word2vec-arabic lacks, almost a third is then found.

    >>> sorted(set(spellings("NEW-YORK", ())))
    ['NEW-YORK', 'New-York', 'New-york', 'new-york']
    >>> set(spellings("Boeing-747", ("lowercase", "digits")))
    {'boeing-000'}
    >>> list(spellings("والكتاب", ("arabic",)))[-2:]
    ['الكتاب', 'كتاب']
    """
    for spelling in _SPELLINGS:
        yield normalise(spelling(token), normalisation)
    if "arabic" in normalisation:
        word = normalise(token, normalisation)
        for proclitic in _PROCLITICS:
            if word.startswith(proclitic) and len(word) >= len(proclitic) + _SHORTEST_STEM:
                yield word.removeprefix(proclitic)


def find(token: str, index: Mapping[str, int], normalisation: tuple[str, ...]) -> int | None:
    """The row of the first of the token's spellings that `index` has; None if it has none.

    >>> find("Rome", {"rome": 4}, ("lowercase",))
    4
    """
    return next((index[word] for word in spellings(token, normalisation) if word in index), None)
