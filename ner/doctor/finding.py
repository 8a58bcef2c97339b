"""The outcome of one check, as one line: ok, warn or fail, what is wrong, and the cure."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check: `warn` if the pipeline works with a restriction, `fail` if some of it can't work."""

    status: Literal["ok", "warn", "fail"]
    subject: str
    text: str
    cure: str = ""

    def line(self) -> str:
        """Format it as one line, the cure at its end."""
        text = f"{self.text}. Cure: {self.cure}" if self.cure else self.text
        return f"{self.status:<6}{self.subject:<12} {text}"


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message without its full stop, or the error's class if it has no message."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
