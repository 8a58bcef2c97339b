"""`dvc exp show --json` -> a table of the experiments with one run, with mean and deviation of its scores.

`dvc exp show --json | python -m ner.experiments RUN KEY...` prints it; a KEY is one below `runs.RUN` in params.yaml.
Experiments that agree in every KEY are shown once, and those that differ from the workspace in other values not at all.
"""

import copy
import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SCORES = ("entity_f1", "conlleval_f1", "token_accuracy")


@dataclass(frozen=True, slots=True)
class Experiment:
    """Values of the keys that were varied, and SCORES as fractions."""

    values: tuple[Any, ...]
    scores: tuple[float, ...]


def experiments_of(shown: Sequence[Mapping[str, Any]], run: str, keys: Sequence[str]) -> list[Experiment]:
    """The experiments that have the scores of `run`, by their values of `keys`; of those that are alike, one.

    Args:
        shown: what `dvc exp show --json` prints: commits, each with its experiments.
        run: a key of `runs`.
        keys: dotted keys below it.
    """
    common = _without(_entry(shown[0]["data"], run), keys)  # the workspace stands first
    found = {}
    for data in _results(shown):
        metrics = data["metrics"].get(f"metrics/{run}.json", {}).get("data", {})
        entry = _entry(data, run)
        if set(SCORES) <= set(metrics) and _without(entry, keys) == common:
            values = tuple(_value(entry, key) for key in keys)
            found[values] = Experiment(values, tuple(metrics[name] for name in SCORES))
    return sorted(found.values(), key=lambda experiment: experiment.values)


def table(experiments: Sequence[Experiment], keys: Sequence[str]) -> str:
    """A line an experiment in percent, the best marked; below several seeds, their mean and sample deviation."""
    names = [key.rpartition(".")[2] for key in keys]
    best = max((experiment.scores[0] for experiment in experiments), default=0.0)
    rows = [[*names, *SCORES]]
    for experiment in experiments:
        mark = " *" if experiment.scores[0] == best else ""
        rows.append([*map(str, experiment.values), *(f"{100 * score:.2f}" for score in experiment.scores)])
        rows[-1][-1] += mark
    if len(experiments) > 1 and names == ["seed"]:
        columns = list(zip(*(experiment.scores for experiment in experiments), strict=True))
        for name, of in (("mean", statistics.mean), ("deviation", statistics.stdev)):
            rows.append([name, *(f"{100 * of(column):.2f}" for column in columns)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _results(shown: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every experiment that has been run and did not fail; commits and the workspace are none."""
    for commit in shown:
        for experiment in commit.get("experiments") or []:
            for revision in experiment["revs"]:
                if revision.get("data"):
                    yield revision["data"]


def _entry(data: Mapping[str, Any], run: str) -> dict[str, Any]:
    entry: dict[str, Any] = data["params"]["params.yaml"]["data"]["runs"][run]
    return entry


def _value(entry: Any, key: str) -> Any:
    for part in key.split("."):
        entry = entry[part]
    return entry


def _without(entry: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """The entry less what is at `keys`."""
    rest: dict[str, Any] = copy.deepcopy(dict(entry))
    for key in keys:
        *parents, last = key.split(".")
        del (_value(rest, ".".join(parents)) if parents else rest)[last]
    return rest


def main(run: str, *keys: str) -> None:
    print(table(experiments_of(json.load(sys.stdin), run, keys), keys))


if __name__ == "__main__":
    main(*sys.argv[1:])
