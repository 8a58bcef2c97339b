"""The files of a tagger that may come from a stranger -> checked before they are read: kind, size, checksum."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ner.core.checksums import sha256_of

GRAPHS = ("tokens.onnx", "sentences.onnx", "encoder.onnx")
SETTINGS = "tagger.json"
_MIB = 1 << 20
# All files that are read, and the most bytes of each. Ours are far smaller; they are read into memory as a whole, and
# may take up to twenty times their size there.
_LARGEST = {
    **dict.fromkeys(GRAPHS, 2_048 * _MIB),
    **dict.fromkeys((SETTINGS, "encoder.json", "vectors/settings.json", "clusters/settings.json"), _MIB),
    **dict.fromkeys(("chain.json", "pieces.json"), 32 * _MIB),
    **dict.fromkeys(("tags.txt", "characters.txt", "clusters/paths.txt"), 8 * _MIB),
    **dict.fromkeys(("words.txt", "vectors/words.txt", "clusters/words.txt"), 128 * _MIB),
    **dict.fromkeys(("vectors/table.npy", "vectors/scales.npy", "clusters/path_of_word.npy"), 4_096 * _MIB),
}


def check_files(directory: Path, listed: Any) -> None:
    """Check the files of a tagger against the checksums that its settings list.

    Args:
        directory: of the tagger.
        listed: `files` of its settings: the SHA-256 of each file by name.

    Raises:
        ValueError: a file is missing, too large, damaged, no regular file, or not listed.
    """
    if not isinstance(listed, Mapping) or not listed:
        raise ValueError(f"{SETTINGS}: expected the SHA-256 of each file as `files`, got {listed!r:.60}")
    for name, digest in listed.items():
        if name not in _LARGEST:
            raise ValueError(f"{SETTINGS}: expected no file {name!r:.60} in a tagger")
        check_file(directory, name)
        if sha256_of(directory / name) != digest:
            raise ValueError(f"{name} is damaged, or of another tagger: {SETTINGS} has another SHA-256 for it")
    for name in _LARGEST.keys() - listed.keys() - {SETTINGS}:
        if _exists(directory / name):
            raise ValueError(f"{name} is not listed: {SETTINGS} has no SHA-256 for it")


def check_file(directory: Path, name: str) -> None:
    """Check that a file of a tagger is there, and may be read.

    Raises:
        ValueError: it is missing, no regular file (a pipe might never end), or too large.
    """
    path = directory / name
    if not _exists(path):
        raise ValueError(f"{name} is missing: No such file or directory")
    if not path.is_file():
        raise ValueError(f"{name} is no regular file")
    if (size := path.stat().st_size) > _LARGEST[name]:
        raise ValueError(f"{name} is too large: expected at most {_LARGEST[name]:,} bytes, got {size:,}")


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()
