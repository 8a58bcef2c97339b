"""Python, the locked packages, disk, memory and clock -> findings."""

import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from ner.doctor.finding import Finding

OLDEST_PYTHON = (3, 11)
# The published corpora and all that is made of them take 1 GB, text to learn embeddings from included.
LITTLE_DISK, ENOUGH_DISK = 1e9, 5e9
# A training takes 1.2 GB (benchmarks/README.md); two of them may run side by side.
LITTLE_MEMORY, ENOUGH_MEMORY = 1.5e9, 3e9
_LOCKED = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>.*?))?\s*\\?$"
)


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Fails if the interpreter is older than OLDEST_PYTHON."""
    name = ".".join(map(str, version))
    if version[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        cure = f"install Python {wanted}, remove .venv, then `make PYTHON=python{wanted} demo`"
        return Finding("fail", "Python", f"{name} is too old, {wanted} is needed", cure)
    return Finding("ok", "Python", name)


def locked(lock: Path) -> dict[str, str]:
    """Versions by package that a lock file wants on this machine."""
    from packaging.markers import Marker

    wanted = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        found = _LOCKED.match(line)
        if found and (not found["marker"] or Marker(found["marker"]).evaluate()):
            wanted[found["name"]] = found["version"]
    return wanted


def check_environment(root: Path) -> Finding:
    """The packages of the pipeline, and those of each further group whose stamp says that `make` installed it."""
    stamps = sorted(path.stem for path in (root / ".venv").glob("*.stamp"))
    groups = [group for group in dict.fromkeys(["pipeline", *stamps]) if (root / f"requirements/{group}.txt").exists()]
    if not groups:
        return Finding("fail", "environment", "requirements/pipeline.txt is not here", "run from the project's top")
    missing, other, count = [], [], 0
    for group in groups:
        wanted = locked(root / f"requirements/{group}.txt")
        count = max(count, len(wanted))
        for name, version in wanted.items():
            try:
                installed = metadata.version(name)
            except metadata.PackageNotFoundError:
                missing.append(name)
                continue
            if installed != version:
                other.append(f"{name} {installed} instead of {version}")
    locks = " and ".join(f"requirements/{group}.txt" for group in groups)
    stamps_again = " ".join(f".venv/{group}.stamp" for group in groups)
    cure = f"`touch requirements/*.txt`, then `make {stamps_again}`"
    if missing:
        return Finding("fail", "environment", f"not installed, though in {locks}: {_some(missing)}", cure)
    if other:
        return Finding("warn", "environment", f"not as in {locks}: {_some(other)}; results may differ", cure)
    return Finding("ok", "environment", f"{count} packages, as in {locks}")


def check_disk(place: Path, free: float | None = None) -> Finding:
    """Bytes that are free where `place` lies, or as given, against what the pipeline takes."""
    free = shutil.disk_usage(place).free if free is None else free
    text = f"{free / 1e9:.1f} GB free"
    cure = "make room, `dvc gc --workspace` drops what no current stage uses, or move the cache: `dvc cache dir`"
    if free < LITTLE_DISK:
        return Finding("fail", "disk", f"{text}, the published corpora and their models take 1 GB", cure)
    if free < ENOUGH_DISK:
        return Finding("warn", "disk", f"{text}, which runs on all corpora and a few experiments fill", cure)
    return Finding("ok", "disk", text)


def check_memory(available: float | None = None) -> Finding:
    """Bytes that this process may still have, or as given, against what one training takes, and what two take."""
    available = available_memory() if available is None else available
    text = f"{available / 1e9:.1f} GB available"
    if available < LITTLE_MEMORY:
        cure = "close other programs; a training that the system kills goes on from its last epoch when it is run again"
        return Finding("fail", "memory", f"{text}, a training takes 1.2 GB", cure)
    if available < ENOUGH_MEMORY:
        return Finding("warn", "memory", f"{text}, enough for one training", "run no two of them side by side")
    return Finding("ok", "memory", text)


def available_memory() -> float:
    """Bytes that this process may still have, of the machine or of its container."""
    known = [float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))]
    if (meminfo := Path("/proc/meminfo")).exists():
        found = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo.read_text(encoding="utf-8"), re.MULTILINE)
        known += [1024.0 * int(found[1])] if found else []
    limit, used = (Path(f"/sys/fs/cgroup/memory.{name}") for name in ("max", "current"))
    if limit.exists() and used.exists() and (most := limit.read_text(encoding="utf-8").strip()).isdigit():
        known.append(float(most) - float(used.read_text(encoding="utf-8")))
    return min(known)


def check_clock(root: Path, now: float | None = None) -> Finding:
    """Storage and certificates refuse a wrong clock; one that was set back shows in files from the future."""
    now = time.time() if now is None else now
    ahead = {path.name: path.stat().st_mtime - now for path in _touched(root)}
    latest = max(ahead, key=lambda name: ahead[name], default="")
    if latest and ahead[latest] > 60:
        cure = "set the clock (`timedatectl set-ntp true`); S3 and certificates refuse a wrong one"
        text = f"{latest} was written {ahead[latest] / 60:.0f} minutes from now: the clock has jumped"
        return Finding("warn", "clock", text, cure)
    return Finding(
        "ok", "clock", f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime(now))} UTC, no file is from the future"
    )


def _touched(root: Path) -> Iterator[Path]:
    for name in ("params.yaml", "dvc.yaml", "dvc.lock", ".dvc/config", ".git/index"):
        if (root / name).exists():
            yield root / name


def _some(names: list[str], most: int = 3) -> str:
    names = list(dict.fromkeys(names))
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
