"""What stages write is the same bytes on every x86-64 processor with AVX2: a miniature of each, here and emulated."""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ner.core.kernels import KERNELS, pin_kernels

ROOT = Path(__file__).parents[1]
COMMITTED = json.loads((ROOT / "tests/data/miniatures.json").read_text(encoding="utf-8"))
QEMU = shutil.which("qemu-x86_64")
# This one, one of Intel's without AVX-512 and one of AMD's. Their caches differ as well, by which some libraries cut
# products.
PROCESSORS = ("this one", "Haswell", "EPYC-Rome")

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="these are processors of this kind")


@pytest.mark.slow
def test_all_that_is_trained_is_the_committed_bytes_on_each_processor(tmp_path: Path) -> None:
    """If bytes are meant to change: `python -m tests.train_miniatures DIRECTORY`, and commit its checksums."""
    processors = PROCESSORS if QEMU else PROCESSORS[:1]
    started = {name: start(name, tmp_path / name) for name in processors}  # at once, since each takes minutes
    made = {}
    for name, process in started.items():
        assert process.wait() == 0, (tmp_path / name / "stderr").read_text(encoding="utf-8")
        made[name] = json.loads((tmp_path / name / "checksums.json").read_text(encoding="utf-8"))
    assert made == dict.fromkeys(processors, COMMITTED)
    if QEMU is None:
        pytest.skip("on this processor alone: others need qemu-x86_64, of Debian's package qemu-user")


def start(processor: str, to: Path) -> "subprocess.Popen[bytes]":
    """Under the emulator all instructions are those of the processor that it is told to be, and so is the cache."""
    to.mkdir()
    emulator = [] if processor == "this one" else [str(QEMU), "-cpu", processor]
    command = [*emulator, sys.executable, "-m", "tests.train_miniatures", str(to)]
    environment = {**os.environ, **KERNELS}  # set here, since a program that begins again leaves the emulator
    with (to / "stderr").open("w") as errors:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=errors)


WORD2VEC = """
import sys
from pathlib import Path
from tests.train_miniatures import checksums, word2vec
word2vec(Path(sys.argv[1]))
print(checksums["word2vec"])
"""


def test_word_vectors_depend_on_the_processor_without_the_settings(tmp_path: Path) -> None:
    """So that the test above can fail; OpenBLAS takes its kernels by this name, as it does by the processor's own."""

    def said(processor: str) -> bytes:
        environment = {**os.environ, **KERNELS, "OPENBLAS_CORETYPE": processor}
        command = [sys.executable, "-c", WORD2VEC, str(tmp_path)]
        return subprocess.check_output(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)

    assert said("Prescott") != said("Haswell")


def test_a_program_without_the_settings_begins_again_with_them() -> None:
    code = f"import os; from {pin_kernels.__module__} import *; pin_kernels(); print([os.environ[k] for k in KERNELS])"
    environment = {name: value for name, value in os.environ.items() if name not in KERNELS}
    said = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=environment, text=True)
    assert said == f"{list(KERNELS.values())}\n"
    assert set(KERNELS) >= {"ONEDNN_MAX_CPU_ISA", "TF_ENABLE_ONEDNN_OPTS", "OPENBLAS_CORETYPE"}
