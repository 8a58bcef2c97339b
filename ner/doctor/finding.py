"""What one check found: a line that says ok, warn or fail, and what to do about it."""

import textwrap
from dataclasses import dataclass
from typing import Literal

SUBJECT_WIDTH = 12
COLOURS = {"ok": 32, "warn": 33, "fail": 31}


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check.

    Attributes:
        status: `ok`; `warn`, it works but may bite; `fail`, something will not work.
        subject: what was checked, in a word.
        text: what is the case.
        cure: what to do about it; empty if it is ok.
    """

    status: Literal["ok", "warn", "fail"]
    subject: str
    text: str
    cure: str = ""

    def line(self, width: int | None = None, *, colours: bool = False) -> str:
        """One line; with a width it is broken where that is reached, and goes on under the text."""
        margin = " " * (6 + SUBJECT_WIDTH + 1)
        text = f"{self.text}. Cure: {self.cure}" if self.cure else self.text
        if width:
            wide = max(width - len(margin), 30)
            text = textwrap.fill(text, wide, break_long_words=False, break_on_hyphens=False)
            text = text.replace("\n", f"\n{margin}")
        status = f"{self.status:<6}"
        if colours:
            status = f"\033[{COLOURS[self.status]}m{status}\033[0m"
        return f"{status}{self.subject:<{SUBJECT_WIDTH}} {text}"


def said(error: BaseException) -> str:
    """The first line of an error, not too long, without the dot at its end."""
    lines = str(error).strip().splitlines()
    first = lines[0] if lines else type(error).__name__
    return (first if len(first) <= 160 else f"{first[:157]}...").rstrip(".")
