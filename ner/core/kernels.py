"""Which kernels the libraries take, so that sums come out alike on every x86-64 processor with AVX2.

TensorFlow, oneDNN, OpenBLAS and NumPy choose by the processor: its instructions and, within Eigen, the size of its
caches, each with another order of adding up. Environment variables make the choice for them. They are read when a
library is loaded, so a program that lacks them begins again with them.
"""

import os
import sys

KERNELS = {
    "TF_ENABLE_ONEDNN_OPTS": "1",  # Eigen's products depend on the processor's caches, oneDNN's do not
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3,X86_V4,AVX512_ICL,AVX512_SPR",  # exp, log and tanh have kernels for these
    "TF_CPP_MIN_LOG_LEVEL": "3",  # moves no byte: TensorFlow says at each start that the first one is on
}


def pin_kernels() -> None:
    """Start the running program again if a variable is missing or another one; otherwise do nothing."""
    if any(os.environ.get(name) != value for name, value in KERNELS.items()):
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | KERNELS)
