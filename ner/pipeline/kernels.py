"""Which kernels the libraries take, so that sums come out alike on every x86-64 processor with AVX2.

TensorFlow, oneDNN, OpenBLAS and NumPy choose by the processor: its instructions and, within Eigen, the size of its
caches, each with another order of adding up. dvc.yaml sets the environment variables that make the choice for them, in
the variable `python`; they are read when a library is loaded, so a program that lacks them begins again with them.
"""

import os
import re
import shlex
import sys
from pathlib import Path

PIPELINE = Path(__file__).parents[2] / "dvc.yaml"


def pinned() -> dict[str, str]:
    """What `python` in dvc.yaml sets, but for PATH."""
    command = re.search(r"^ +- python: (.*)$", PIPELINE.read_text(encoding="utf-8"), re.MULTILINE)
    words = shlex.split(command[1]) if command else []
    settings = dict(word.split("=", 1) for word in words if "=" in word)
    return {name: value for name, value in settings.items() if name != "PATH"}


def pin_kernels() -> None:
    """Begins the running program again if a setting is missing or another one; otherwise does nothing."""
    settings = pinned()
    if any(os.environ.get(name) != value for name, value in settings.items()):
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | settings)
