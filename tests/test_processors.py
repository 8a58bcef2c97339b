"""What stages write is the same bytes on every x86-64 processor with AVX2: a miniature of each, here and emulated."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ner.kernels import pin_kernels, pinned

ROOT = Path(__file__).parents[1]
QEMU = shutil.which("qemu-x86_64")
# One of Intel's without AVX-512 and one of AMD's. Their caches differ as well, by which some libraries cut products.
PROCESSORS = ("Haswell", "EPYC-Rome")

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="these are processors of this kind")


def start(to: Path, *before: str, settings: Mapping[str, str]) -> "subprocess.Popen[str]":
    command = [*before, sys.executable, "-m", "tests.train_miniatures", str(to)]
    environment = {**os.environ, **settings}
    with (to / "stderr").open("w") as errors:
        return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=errors)


def checksums(process: "subprocess.Popen[str]", to: Path) -> dict[str, str]:
    """SHA-256 by what it is of."""
    said, _ = process.communicate()
    assert process.returncode == 0, (to / "stderr").read_text()
    return dict(line.split(": ") for line in said.splitlines() if line.count(": ") == 1 and len(line) > 64)


@pytest.mark.slow
@pytest.mark.skipif(QEMU is None, reason="needs qemu-x86_64, of Debian's package qemu-user")
def test_all_that_is_trained_is_the_same_bytes_on_each_processor(tmp_path: Path) -> None:
    """Under the emulator all instructions are those of the processor that it is told to be, and so is the cache."""
    folders = {name: tmp_path / name for name in ("here", *PROCESSORS)}
    for folder in folders.values():
        folder.mkdir()
    emulated = {name: start(folders[name], str(QEMU), "-cpu", name, settings=pinned()) for name in PROCESSORS}
    here = checksums(start(folders["here"], settings=pinned()), folders["here"])
    assert len(here) == 18
    for name, process in emulated.items():
        assert checksums(process, folders[name]) == here, name


WORD2VEC = """
import hashlib, sys
from pathlib import Path
from tests.train_miniatures import word2vec
word2vec(Path(sys.argv[1]))
"""


def test_word_vectors_depend_on_the_processor_without_the_settings(tmp_path: Path) -> None:
    """So that the test above can fail; OpenBLAS takes its kernels by this name, as it does by the processor's own."""

    def said(processor: str) -> bytes:
        environment = {**os.environ, **pinned(), "OPENBLAS_CORETYPE": processor}
        command = [sys.executable, "-c", WORD2VEC, str(tmp_path)]
        return subprocess.check_output(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)

    assert said("Prescott") != said("Haswell")


def test_a_program_without_the_settings_begins_again_with_them() -> None:
    code = f"import os; from {pin_kernels.__module__} import *; pin_kernels(); print([os.environ[k] for k in pinned()])"
    environment = {name: value for name, value in os.environ.items() if name not in pinned()}
    said = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=environment, text=True)
    assert said == f"{list(pinned().values())}\n"
    assert set(pinned()) >= {"ONEDNN_MAX_CPU_ISA", "TF_ENABLE_ONEDNN_OPTS", "OPENBLAS_CORETYPE"}
