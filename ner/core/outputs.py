"""Outputs appear whole or not at all: they are written under a temporary name beside their own, then renamed."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Gives a path to write to; without an error that file ends in the place of `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.unlink(missing_ok=True)  # of an attempt that was killed
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_directory(path: Path) -> Iterator[Path]:
    """Gives an empty directory to fill; without an error it ends in the place of `path` and all that was there."""
    temporary, old = path.with_name(f".{path.name}.part"), path.with_name(f".{path.name}.old.part")
    for leftover in (temporary, old):
        remove(leftover)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        if path.exists():
            path.rename(old)
        try:
            temporary.rename(path)
        except BaseException:
            if old.exists():
                old.rename(path)
            raise
    finally:
        for leftover in (temporary, old):
            remove(leftover)


def write_json(path: Path, content: object) -> None:
    """As a person reads it and as a diff shows it: a line a value, in UTF-8; no NaN, which JSON lacks."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def remove(path: Path) -> None:
    """A file, a link, or a directory with all that is in it; nothing if there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
