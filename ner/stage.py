"""The command line that all stages share: check params.yaml, do the work, say in one line what is wrong."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ner.params import lookup, read_params
from ner.validation import check_params


def run_stage(main: Callable[[str], None], document: str | None, section: str | None) -> None:
    """Calls `main(name)` with the name given on the command line.

    Args:
        main: the stage.
        document: its docstring, for `--help`.
        section: the section of params.yaml that has the name as a key; None if the stage judges the name itself.
    """
    parser = argparse.ArgumentParser(description=document)
    parser.add_argument("name", help=f"a key of `{section}` in params.yaml" if section else "what to make")
    name = parser.parse_args().name
    try:
        params = read_params()
        check_params(params)
        if section:
            lookup(params, section, name)
        main(name)
    # What a user can mend is told in one line; anything else is a defect of ours and keeps its traceback.
    except FileNotFoundError as error:
        sys.exit(f"error: {error.filename}: no such file; `dvc repro` makes what stages read")
    except (ValueError, RuntimeError) as error:
        if not type(error).__module__.startswith("ner."):
            raise
        sys.exit(f"error: {error}")


@contextmanager
def quiet_import() -> Iterator[None]:
    """Hides what TensorFlow prints when it is first imported, which no setting of its own does; errors still raise."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
