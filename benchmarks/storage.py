"""Measure `dvc push` and `dvc pull` of a tagger of 27 MB for each kind of storage.

A small project with one such tagger is pushed from one clone and pulled in a fresh one, by servers on this machine. So
DVC, disk and protocol are measured, and no network. The best of three attempts is printed.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/storage"))

from loopback import KINDS, PROGRAMS, serve
from project import MODEL_BYTES, Clone, make_clone, make_project

REPEATS = 3
NAMES = {
    "local": "a folder",
    "ssh": "SSH (OpenSSH)",
    "webdavs": "WebDAV over TLS (nginx)",
    "http": "HTTP (nginx)",
    "s3": "S3 (rclone serve s3)",
}


def seconds(clone: Clone, *arguments: str) -> float:
    start = time.perf_counter()
    clone.well(*arguments)
    return time.perf_counter() - start


def measure(kind: str, project: Clone, at: Path) -> tuple[float, float, float]:
    """Measure push, pull, and a pull with nothing to do, in seconds; the best of REPEATS attempts."""
    times = []
    for attempt in range(REPEATS):
        place = at / f"{kind}-{attempt}"
        with serve(kind, place / "server") as remote:
            owner = make_clone(project, place / "a", with_cache=True).use(remote)
            puller = make_clone(project, place / "b").use(remote)
            times.append((seconds(owner, "push"), seconds(puller, "pull"), seconds(puller, "pull")))
            assert puller.outputs() == project.outputs()
        shutil.rmtree(place)
    push, pull, again = (min(column) for column in zip(*times, strict=True))
    return push, pull, again


def main() -> None:
    version = subprocess.check_output([sys.executable, "-m", "dvc", "--version"], text=True).strip()
    print(f"dvc {version}, {MODEL_BYTES / 1e6:.0f} MB and six small files; start of dvc included, best of {REPEATS}\n")
    print("| storage | push, s | pull, s | pull with nothing to do, s |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder) / "project", Path(folder))
        for kind in KINDS:
            if kind == "local" or PROGRAMS[kind]:
                push, pull, again = measure(kind, project, Path(folder))
                print(f"| {NAMES[kind]} | {push:.1f} | {pull:.1f} | {again:.1f} |", flush=True)


if __name__ == "__main__":
    main()
