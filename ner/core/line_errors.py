"""What is wrong with a file, told with its place."""

from pathlib import Path


class LineError(ValueError):
    """A file is not what it is said to be: `path:line: what was expected, what came`; line 0 is the whole file."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
