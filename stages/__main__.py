"""Run a stage: `python -m stages train conll2003-crf`. Kernels are pinned before the stage loads TensorFlow."""

import runpy
import sys
from pathlib import Path

from ner.core.kernels import pin_kernels

if __name__ == "__main__":
    pin_kernels()
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        sys.exit(f"usage: python -m stages STAGE NAME, with one of these stages: {', '.join(names)}")
    del sys.argv[0]
    runpy.run_module(f"stages.{sys.argv[0]}", run_name="__main__")
