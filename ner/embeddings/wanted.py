"""Which embeddings the runs name: the others are neither fetched nor made, for some are gigabytes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

WANTED = Path("data/wanted")  # a file an embedding, `yes` or `no`
NOTE = "not-wanted.txt"


def wanted_names(params: Mapping[str, Any]) -> dict[str, bool]:
    """Each embedding of params.yaml, and whether a run names it."""
    named = {name for run in params["runs"].values() for name in run.get("embeddings", ["none"])}
    return {name: name in named for name in params["embeddings"]}


def write_wanted(directory: Path, names: Mapping[str, bool]) -> None:
    """A file a name, so that a stage can depend on one name alone."""
    for name, wanted in names.items():
        (directory / name).write_text("yes\n" if wanted else "no\n", encoding="utf-8", newline="\n")


def is_wanted(name: str, directory: Path = WANTED) -> bool:
    """What `write_wanted` wrote."""
    return (directory / name).read_bytes() == b"yes\n"


def write_note(directory: Path, name: str) -> None:
    """Says why there is nothing else."""
    text = f"No run of params.yaml has {name} in its `embeddings`.\n"
    (directory / NOTE).write_text(text, encoding="utf-8", newline="\n")
