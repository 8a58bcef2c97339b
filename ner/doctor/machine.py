"""Python, the processor, memory, disk and the installed packages -> findings."""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ner.doctor.finding import Finding

OLDEST_PYTHON = (3, 11)
LITTLE_MEMORY, ENOUGH_MEMORY = 1.5e9, 3e9  # a training takes 1.2 GB (benchmarks/README.md); two may run side by side
LITTLE_DISK = 1e9


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Fail if the interpreter is older than OLDEST_PYTHON."""
    name, oldest = (".".join(map(str, numbers)) for numbers in (version, OLDEST_PYTHON))
    if version < OLDEST_PYTHON:
        cure = f"install Python {oldest}, remove .venv, then `make PYTHON=python{oldest} demo`"
        return Finding("fail", "Python", f"{name} is too old, {oldest} is needed", cure)
    return Finding("ok", "Python", name)


def check_processor(machine: str = platform.machine(), cpuinfo: Path = Path("/proc/cpuinfo")) -> Finding:
    """Look for AVX2, which the kernels in ner/core/kernels.py need."""
    if machine != "x86_64" or not cpuinfo.exists():
        cure = "for the committed results, train on Linux and an x86-64 processor with AVX2"
        return Finding("warn", "processor", f"{machine} on {sys.platform}: results may differ", cure)
    if "avx2" not in cpuinfo.read_text(encoding="utf-8").split():
        return Finding("fail", "processor", f"{machine} without AVX2, which training needs", "use another machine")
    return Finding("ok", "processor", f"{machine} with AVX2")


def check_memory(available: float | None = None) -> Finding:
    """Compare the available memory, or the given number of bytes, with what one training takes, and what two take."""
    available = available_memory() if available is None else available
    text = f"{available / 1e9:.1f} GB available"
    if available < LITTLE_MEMORY:
        return Finding("fail", "memory", f"{text}, a training takes 1.2 GB", "close other programs")
    if available < ENOUGH_MEMORY:
        return Finding("warn", "memory", f"{text}, enough for one training", "run no two of them side by side")
    return Finding("ok", "memory", text)


def available_memory() -> float:
    """Return the bytes that this process may still take: the least of total, available, and the container's rest."""
    known = [float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))]
    if (meminfo := Path("/proc/meminfo")).exists():
        found = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo.read_text(encoding="utf-8"), re.MULTILINE)
        known += [1024.0 * int(found[1])] if found else []
    limit, used = (Path(f"/sys/fs/cgroup/memory.{name}") for name in ("max", "current"))
    if limit.exists() and used.exists() and (most := limit.read_text(encoding="utf-8").strip()).isdigit():
        known.append(float(most) - float(used.read_text(encoding="utf-8")))
    return min(known)


def check_disk(place: Path, free: float | None = None) -> Finding:
    """Compare the free bytes of the disk that holds `place`, or the given number, with what the pipeline takes."""
    free = shutil.disk_usage(place).free if free is None else free
    text = f"{free / 1e9:.1f} GB free"
    cure = "make room, or `dvc gc --workspace`, which drops from the cache what no current stage uses"
    if free < LITTLE_DISK:
        return Finding("fail", "disk", f"{text}, the published corpora and their models take 1 GB", cure)
    return Finding("ok", "disk", text)


def check_environment(root: Path) -> Finding:
    """Let pip compare the installed packages with the lock files of all groups that `make` has installed."""
    groups = dict.fromkeys(["pipeline", *sorted(path.stem for path in (root / ".venv").glob("*.stamp"))])
    locks = [f"requirements/{group}.txt" for group in groups]
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--no-deps", "--require-hashes"]
    command += ["--quiet", "--disable-pip-version-check", *(word for lock in locks for word in ("-r", lock))]
    pip = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if pip.returncode:
        cure = f"`touch requirements/*.txt`, then `make {' '.join(f'.venv/{group}.stamp' for group in groups)}`"
        return Finding("fail", "environment", pip.stderr.strip().splitlines()[-1].removeprefix("ERROR: "), cure)
    return Finding("ok", "environment", f"as in {' and '.join(locks)}")
