"""`dvc exp show --json` -> a table of the DVC experiments with one run, with means and deviations over seeds.

    dvc exp show --json | python -m ner.reports.experiments RUN KEY...

`make grid` calls it. A KEY is a dotted key of the run with its network and training filled in, such as training.seed,
model.lstm_units or embeddings. Experiments with the same values of every KEY are shown once. Experiments that differ
from the workspace in any other value are left out.

With `--overrides`, each KEY is followed by `=` and its values, and the arguments of `dvc exp run` that try these values
are printed instead of the table.
"""

import argparse
import copy
import json
import shlex
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from ner.core.params import PARAMS, own_key, resolve

SEED = "training.seed"
SCORES = ("entity_f1", "conlleval_f1", "token_accuracy")


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment: the values of the varied keys, and SCORES as fractions."""

    values: tuple[Any, ...]
    scores: tuple[float, ...]


def experiments_of(shown: Sequence[Mapping[str, Any]], run: str, keys: Sequence[str]) -> list[Experiment]:
    """Select the experiments that scored `run` and differ from the workspace in `keys` alone, sorted by their values.

    Of experiments with the same values, the last one is kept.

    Args:
        shown: what `dvc exp show --json` prints: commits, each with its experiments.
        run: a key of `runs` or `finetune`.
        keys: dotted keys of the run, with its network and training filled in.
    """
    common = _without(_entry(shown[0]["data"], run), keys)  # the workspace stands first
    found = {}
    for data in _results(shown):
        metrics = data["metrics"].get(f"metrics/{run}.json", {}).get("data", {})
        if not set(SCORES) <= set(metrics):  # an experiment with another run, or older than this run
            continue
        entry = _entry(data, run)
        if _without(entry, keys) == common:
            values = tuple(_frozen(_value(entry, key)) for key in keys)
            found[values] = Experiment(values, tuple(metrics[name] for name in SCORES))
    return sorted(found.values(), key=lambda experiment: experiment.values)


def table(experiments: Sequence[Experiment], keys: Sequence[str]) -> list[list[str]]:
    """Build the table: a header, and a row an experiment, scores in percent, the best entity F1 marked by `*`.

    If `training.seed` is one of the keys, rows with mean and sample standard deviation over the seeds follow, one for
    each choice of the other values that has two seeds or more.
    """
    names = [key.rpartition(".")[2] for key in keys]
    best = max((experiment.scores[0] for experiment in experiments), default=0.0)
    rows = [[*names, *SCORES]]
    for experiment in experiments:
        mark = " *" if experiment.scores[0] == best else ""
        rows.append([*map(str, experiment.values), *(f"{100 * score:.2f}" for score in experiment.scores)])
        rows[-1][-1] += mark
    return rows + (_means(experiments, keys.index(SEED)) if SEED in keys else [])


def _means(experiments: Sequence[Experiment], seed: int) -> list[list[str]]:
    """Build a row of mean ± deviation for each choice of the values other than the seed, which is at index `seed`."""
    groups: dict[tuple[Any, ...], list[Experiment]] = defaultdict(list)
    for experiment in experiments:
        groups[(*experiment.values[:seed], None, *experiment.values[seed + 1 :])].append(experiment)
    rows = []
    for values, group in groups.items():
        if len(group) > 1:
            columns = zip(*(experiment.scores for experiment in group), strict=True)
            scores = (
                f"{100 * statistics.mean(column):.2f} ± {100 * statistics.stdev(column):.2f}" for column in columns
            )
            rows.append([*(f"mean of {len(group)}" if one is None else str(one) for one in values), *scores])
    return rows


def as_text(rows: Sequence[Sequence[str]]) -> str:
    """Format the rows in aligned columns, for a terminal."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def as_markdown(rows: Sequence[Sequence[str]]) -> str:
    """Format the rows as a Markdown table."""
    head, *rest = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *rest])


def as_latex(rows: Sequence[Sequence[str]]) -> str:
    """Format the rows as a LaTeX table that uses booktabs."""
    escaped = [
        " & ".join(cell.replace("_", r"\_").replace("±", r"$\pm$").replace("*", r"$\ast$") for cell in row) + r" \\"
        for row in rows
    ]
    columns = "l" * (len(rows[0]) - len(SCORES)) + "r" * len(SCORES)
    begin, end = rf"\begin{{tabular}}{{{columns}}}", r"\end{tabular}"
    return "\n".join([begin, r"\toprule", escaped[0], r"\midrule", *escaped[1:], r"\bottomrule", end])


FORMATS = {"text": as_text, "markdown": as_markdown, "latex": as_latex}


def _results(shown: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the data of each experiment that ran and did not fail; commits and the workspace are left out.

    DVC shows one that still runs with the committed scores.
    """
    for commit in shown:
        for experiment in commit.get("experiments") or []:
            ended = (experiment.get("executor") or {}).get("state", "success") == "success"
            for revision in experiment["revs"]:
                if ended and revision.get("data"):
                    yield revision["data"]


def _entry(data: Mapping[str, Any], run: str) -> dict[str, Any]:
    entry: dict[str, Any] = resolve(data["params"]["params.yaml"]["data"])["runs"][run]
    return entry


def _value(entry: Any, key: str) -> Any:
    for part in key.split("."):
        entry = entry[part]
    return entry


def _frozen(value: Any) -> Any:
    """Write a list, such as that of embeddings, as text, since a list can't be a key of a dictionary."""
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else value


def _without(entry: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Copy the entry without what is at the dotted `keys`."""
    rest: dict[str, Any] = copy.deepcopy(dict(entry))
    for key in keys:
        *parents, last = key.split(".")
        del (_value(rest, ".".join(parents)) if parents else rest)[last]
    return rest


def overrides(params: Mapping[str, Any], run: str, choices: Sequence[str]) -> list[str]:
    """Build the arguments of `dvc exp run` that try the choices: a `-S` for each key, and the stage to reproduce.

    Each key is written as params.yaml has it, since a run names its network and training.

    >>> params = {"runs": {"one": {"network": "small", "training": "long"}}}
    >>> overrides(params, "one", ["training.seed=1,2"])
    ['-S', 'training.long.seed=1,2', 'evaluate@one']
    """
    pairs = [choice.partition("=") for choice in choices]
    settings = [f"{own_key(params, run, key)}={values}" for key, _, values in pairs]
    stage = "evaluate-finetuned" if run in params.get("finetune", {}) else "evaluate"
    return [*(word for setting in settings for word in ("-S", setting)), f"{stage}@{run}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", help="a key of `runs` or `finetune` in params.yaml")
    parser.add_argument("keys", nargs="+", help="such as training.seed")
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--overrides", action="store_true", help="print what tries KEY=VALUE,VALUE... and stop")
    options = parser.parse_args()
    if options.overrides:
        params = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
        print(shlex.join(overrides(params, options.run, options.keys)))
        return
    found = experiments_of(json.load(sys.stdin), options.run, options.keys)
    print(FORMATS[options.format](table(found, options.keys)))


if __name__ == "__main__":
    main()
