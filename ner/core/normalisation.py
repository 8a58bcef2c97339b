"""Tokens -> the normalised form under which vocabularies and embeddings are looked up.

Only look-ups use it: output, statistics and scores have the token as published.
"""

import re
from collections.abc import Callable

_DIGIT = re.compile(r"\d")
_ARABIC_MARK = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")  # diacritics and tatweel
_ALEF = str.maketrans("\u0622\u0623\u0625\u0671", "\u0627" * 4)  # with madda, hamza above, hamza below, wasla

STEPS: dict[str, Callable[[str], str]] = {
    "lowercase": str.lower,
    "digits": lambda token: _DIGIT.sub("0", token),  # every digit is 0
    "arabic": lambda token: _ARABIC_MARK.sub("", token).translate(_ALEF) or token,
}


def normalise(token: str, steps: tuple[str, ...]) -> str:
    """Apply normalisation steps to a token; `steps` are keys of STEPS, applied in the given order.

    >>> normalise("Boeing-747", ("lowercase", "digits"))
    'boeing-000'
    """
    for step in steps:
        token = STEPS[step](token)
    return token
