"""The base of all errors that a user can mend: a message of one line that says what was expected, what came, where."""

from pathlib import Path


class NerError(ValueError):
    """Something outside the code is wrong: parameters, files, the network."""


class LineError(NerError):
    """A file is not what it is said to be: `path:line: what was expected, what came`; line 0 is the whole file."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
