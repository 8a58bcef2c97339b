"""Copy the released taggers from DVC's cache to store/, a DVC remote in this repository.

`make release` runs it: `python -m ner.pipeline.store`. DVC itself never writes to store/, since the
released outputs are `push: false`. Objects that dvc.lock does not refer to any more are removed.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from ner.core.errors import NerError
from ner.core.outputs import whole_file

STORE = Path("store/files/md5")
LIMIT = 25_000_000  # bytes, since each release stays in git's history


class StoreError(NerError):
    """An object is missing or damaged, or the objects together are too large."""


def main() -> None:
    asked = subprocess.run([sys.executable, "-m", "dvc", "cache", "dir"], check=True, capture_output=True, text=True)
    objects = released_objects(Path("dvc.lock"), Path(asked.stdout.strip()) / "files/md5")
    size = sum(path.stat().st_size for path in objects.values())
    if size > LIMIT:
        raise StoreError(f"store/: expected {LIMIT:,} bytes at most. Received: {size:,}")
    for name, source in objects.items():
        with whole_file(STORE / name) as path:
            shutil.copyfile(source, path)
            path.chmod(0o644)
    dropped = [path for path in STORE.glob("*/*") if path.relative_to(STORE).as_posix() not in objects]
    for path in dropped:
        path.unlink()
    print(f"store/: {len(objects)} objects, {size / 1e6:.1f} MB; dropped {len(dropped)}")


def released_objects(lock: Path, cache: Path) -> dict[str, Path]:
    """Find the objects of all outputs of `release`: the listing of each folder, and the files in it.

    Args:
        lock: dvc.lock.
        cache: the folder of DVC's cache that holds the objects.

    Returns:
        Paths in the cache, by path within a DVC remote.

    Raises:
        StoreError: an object is missing or damaged.
    """
    stages = yaml.safe_load(lock.read_text(encoding="utf-8"))["stages"]
    outputs = (out for name, stage in stages.items() if name.startswith("release@") for out in stage["outs"])
    found: dict[str, Path] = {}
    for directory in (out["md5"] for out in outputs if out["path"].startswith("released/")):
        listing = _object(cache, directory, found)
        for entry in json.loads(listing.read_text(encoding="utf-8")):
            _object(cache, entry["md5"], found)
    return found


def _object(cache: Path, digest: str, found: dict[str, Path]) -> Path:
    name = f"{digest[:2]}/{digest[2:]}"
    path = found[name] = cache / name
    if not path.is_file() or hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() != digest[:32]:
        raise StoreError(f"{path}: missing or damaged; `rm -f` it, and `dvc repro release` makes it anew")
    return path


if __name__ == "__main__":
    try:
        main()
    except StoreError as error:
        sys.exit(f"error: {error}")
