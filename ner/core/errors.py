"""Base classes of errors that a user can fix; their one-line message says what was expected, what came, and where."""

from pathlib import Path


class NerError(ValueError):
    """Error caused by something outside the code: parameters, files, the network."""


class LineError(NerError):
    """Error in the content of a file: `path:line: what was expected, what came`; line 0 means the whole file."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.place = (path, line)
