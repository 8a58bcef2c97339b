"""What a directory holds, to be compared."""

from pathlib import Path


def contents(directory: Path) -> dict[str, bytes]:
    """The bytes of each file below `directory`, by its path there."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}
