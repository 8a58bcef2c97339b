"""The command line that all stages share: check params.yaml, run the stage, report an error in one line.

Time and memory of each run of a stage are appended to logs/stages.jsonl. `python benchmarks/pipeline.py` makes a table
of it.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ner.core.errors import NerError
from ner.core.kernels import pin_kernels
from ner.core.params import lookup, read_yaml, resolve
from ner.pipeline.validation import check_params

LOG = Path("logs/stages.jsonl")


def run_stage(main: Callable[[str], None], document: str | None, section: str | None) -> None:
    """Run a stage: pin the kernels, check params.yaml, and call `main` with the name given on the command line.

    An error that a user can mend ends the program with one line and status 1.

    Args:
        main: the stage.
        document: the stage's docstring, for `--help`.
        section: the section of params.yaml that must have the name as a key; None if the stage checks the name itself.
    """
    begun = time.time()
    pin_kernels()
    parser = argparse.ArgumentParser(description=document)
    parser.add_argument("name", help=f"a key of `{section}` in params.yaml" if section else "what to make")
    name = parser.parse_args().name
    try:
        params = read_yaml()
        check_params(params)
        if section:
            lookup(resolve(params), section, name)
        main(name)
        _log(Path(sys.argv[0]).stem, name, time.time() - begun)
    # A user can mend these, so one line is enough. Anything else is a defect and keeps its traceback.
    except FileNotFoundError as error:
        sys.exit(f"error: {error.filename}: no such file; `dvc repro` makes what stages read")
    except NerError as error:
        sys.exit(f"error: {error}")


def _log(stage: str, name: str, seconds: float) -> None:
    """Append a line of JSON to LOG: wall-clock and CPU seconds, and peak resident memory in bytes.

    `seconds` leaves the start of the interpreter out.
    """
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    row = {
        "stage": stage,
        "name": name,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(sum(used.ru_utime + used.ru_stime for used in (own, children)), 1),
        "peak_bytes": 1024 * max(own.ru_maxrss, children.ru_maxrss),
    }
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"{json.dumps(row)}\n")


@contextmanager
def quiet_import() -> Iterator[None]:
    """Discard what TensorFlow prints to stderr while it is imported, which no setting of its own does; errors raise."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
