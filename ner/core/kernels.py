"""Environment variables that pin CPU kernels, so that floating-point results are the same on all x86-64 with AVX2.

TensorFlow, oneDNN, OpenBLAS and NumPy select kernels by the processor's instruction set, and Eigen also by the size of
its caches. Kernels add in different orders, so their sums differ in the last bits. Environment variables fix the
selection. Libraries read them when they are loaded, so a program started without them restarts itself with them.
"""

import os
import sys

KERNELS = {
    "TF_ENABLE_ONEDNN_OPTS": "1",  # Eigen's products depend on the processor's caches, oneDNN's do not
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3,X86_V4,AVX512_ICL,AVX512_SPR",  # exp, log and tanh have kernels for these
    "TF_CPP_MIN_LOG_LEVEL": "3",  # changes no result: silences TensorFlow's notice that oneDNN is on
}


def pin_kernels() -> None:
    """Restart the running program with the variables of KERNELS, unless all of them are set already."""
    if any(os.environ.get(name) != value for name, value in KERNELS.items()):
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | KERNELS)
