"""Stages one behind the other, as by `python -m stages.NAME OF` each: `python -m tests.stages_in_turn "NAME OF" ...`.

In one process, so that TensorFlow is loaded once. The first that fails ends it, with its message and status.
"""

import runpy
import sys


def main(stages: list[str]) -> None:
    for stage in stages:
        sys.argv = stage.split()
        runpy.run_module(f"stages.{sys.argv[0]}", run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
