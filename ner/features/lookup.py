"""A token -> its row in an embedding, under the token's own spelling or the first variant of it that is there."""

from collections.abc import Callable, Iterator, Mapping

from ner.core.normalisation import STEPS, normalise

# How the Penn Treebank, and embeddings trained on text of its style, write brackets and double quotes.
_TREEBANK = {"(": "-LRB-", ")": "-RRB-", "[": "-LSB-", "]": "-RSB-", "{": "-LCB-", "}": "-RCB-", '"': "``", "”": "''"}

# Variants of a token, tried in this order; each is then normalised as the embedding's words were. For an embedding that
# is lower-cased and has 0 for digits most are the same. A cased one, such as published clusters, may have ROME only as
# Rome, and 1996-08-22 only as 0000-00-00.
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

# Arabic words that are written together with the next one: and, so, by, for, like, will; then the article, alone and
# after some of these.
_PROCLITICS = ("و", "ف", "ب", "ل", "ك", "س", "ال", "وال", "فال", "بال", "كال", "لل")
_SHORTEST_STEM = 3  # letters that must be left after a proclitic is removed


def spellings(token: str, normalisation: tuple[str, ...]) -> Iterator[str]:
    """Yield the spellings under which a token is looked up, in order; some may be the same.

    In order: the token itself; digits as 0; lower case; lower case with digits as 0; the first letter of the token in
    upper case; the first letter of each of its parts in upper case; upper case; brackets and quotes as in the Penn
    Treebank. Each is normalised as the embedding's words are. If that normalisation includes `arabic`, the token
    without each possible proclitic follows. This finds almost a third of the types in ANERCorp's dev set that
    word2vec-arabic otherwise lacks.

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
    """Find the row of a token: that of the first of its `spellings` in `index`; None if no spelling is there.

    >>> find("Rome", {"rome": 4}, ("lowercase",))
    4
    """
    return next((index[word] for word in spellings(token, normalisation) if word in index), None)
