"""Check machine, params.yaml, sources and remotes: print a line a check, with a cure; exit with 1 if one fails."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ner.doctor import machine
from ner.doctor.finding import Finding


def findings(root: Path) -> Iterator[Finding]:
    """Make all checks, in the order in which faults should be mended."""
    yield from (machine.check_python(), machine.check_processor(), machine.check_memory(), machine.check_disk(root))
    yield machine.check_environment(root)
    try:
        from ner.doctor import remotes, sources

        yield from sources.check_params_and_sources(root)
        yield from remotes.check_remotes(root)
    except ModuleNotFoundError as error:
        yield Finding("fail", "environment", f"{error.name} is not installed", "`make .venv/pipeline.stamp`")


def report(found: Iterable[Finding]) -> int:
    """Print each finding as soon as it is there; return the exit status: 1 if one failed, else 0."""
    failed = 0
    for finding in found:
        failed |= finding.status == "fail"
        print(finding.line(), flush=True)
    return failed


if __name__ == "__main__":
    os._exit(report(findings(Path())))  # the thread of a remote that never answers would keep the process alive
