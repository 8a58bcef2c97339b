"""All checks of the set-up, a line each, with the cure; exit status 1 if something will not work."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from ner.doctor import machine, sources, storage
from ner.doctor.finding import Finding, said


def findings(root: Path, *, deep: bool = False) -> Iterator[Finding]:
    """In the order in which they are best mended. A check that cannot be made is a finding too."""
    yield machine.check_python()
    yield from _guarded("environment", lambda: [machine.check_environment(root)])
    yield machine.check_disk(root)
    yield machine.check_memory()
    yield machine.check_clock(root)
    yield from _guarded("params.yaml", lambda: [sources.check_params_file(root)])
    yield from _guarded("mirror", lambda: _of_sources(root))
    yield from _guarded("DVC", lambda: storage.check_storage(root, deep=deep))


def _of_sources(root: Path) -> Iterator[Finding]:
    from ner.core.params import read_params

    params = read_params(root / "params.yaml")
    yield sources.check_mirror(params)
    yield sources.check_terms(params, (root / "docs/data.md").read_text(encoding="utf-8"))


def _guarded(subject: str, check: Callable[[], "list[Finding] | Iterator[Finding]"]) -> Iterator[Finding]:
    try:
        yield from check()
    except ModuleNotFoundError as error:
        yield Finding("fail", subject, f"not checked, {error.name} is not installed", "`make .venv/pipeline.stamp`")
    except Exception as error:  # a check that fails in its own way must not keep the others from being made
        yield Finding("fail", subject, f"not checked: {type(error).__name__}: {said(error)}", "mend what it names")


def tell(found: Iterator[Finding]) -> int:
    """Prints the findings as they come; 1 if one of them is a failure, else 0."""
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    counts = {"ok": 0, "warn": 0, "fail": 0}
    for finding in found:
        counts[finding.status] += 1
        print(finding.line(width, colours=terminal and "NO_COLOR" not in os.environ), flush=True)
    print(f"{counts['fail']} to mend, {counts['warn']} to know, {counts['ok']} in order", flush=True)
    return 1 if counts["fail"] else 0


def main(root: Path, arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m ner.doctor", description=__doc__)
    parser.add_argument("--deep", action="store_true", help="read every object of the remote, not only its size")
    parser.add_argument(
        "--mend",
        action="store_true",
        help="remove damaged objects from the remote, so that `dvc push` stores them anew; checks nothing else",
    )
    options = parser.parse_args(arguments)
    if options.mend:
        return tell(_guarded("mended", lambda: storage.mend_remote(root)))
    return tell(findings(root, deep=options.deep))


if __name__ == "__main__":
    try:
        status = main(Path())
        sys.stdout.flush()
    except BrokenPipeError:  # of `| head`
        status = 141
    os._exit(status)  # a remote that never answered has left a thread behind, which must not keep us
