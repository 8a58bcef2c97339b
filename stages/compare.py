"""Compare runs: data/scores/<run>/ -> metrics/<table>.json, plots/<table>.csv, plots/pictures/<table>-*.svg.

The table `summary` has all runs, the table `demo` those of the demo. The table is printed as well.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from ner.core.outputs import whole_file, write_json
from ner.core.params import ParamsError, read_params
from ner.pipeline.stage import run_stage
from ner.reports.comparison import Result, ablation, best_runs, compare, differences, label_scores, published, render
from ner.reports.pictures import draw_confusions, draw_f1, draw_labels, draw_learning_curves

PREFIXES = {"summary": "", "demo": "demo-"}
SCORES = Path("data/scores")


def main(table: str) -> None:
    if table not in PREFIXES:
        raise ParamsError(f"table: expected one of {', '.join(PREFIXES)}. Received: {table!r}")
    results = {
        run: Result(
            entry,
            json.loads((SCORES / run / "metrics.json").read_text(encoding="utf-8")),
            pd.read_csv(SCORES / run / "sentences.csv"),
        )
        for run, entry in read_params()["runs"].items()
        if run.startswith(PREFIXES[table])
    }
    comparison = compare(results)
    summary = {
        "runs": comparison.to_dict(orient="index"),
        "labels": label_scores(results),
        "published": published(results),
        "ablation": ablation(results),
        "differences": differences(results),
    }
    with whole_file(Path("metrics") / f"{table}.json") as path:
        write_json(path, summary)
    with whole_file(Path("plots") / f"{table}.csv") as path:
        comparison.to_csv(path, lineterminator="\n")

    published_corpora = comparison[~comparison["corpus"].str.startswith("demo-")]
    best = best_runs(published_corpora if len(published_corpora) else comparison)  # `demo` has no published corpus
    curves: dict[str, dict[str, pd.DataFrame]] = {}
    for run, result in results.items():
        curves.setdefault(result.corpus, {})[run] = pd.read_csv(SCORES / run / "learning_curve.csv")
    draw(f"{table}-f1", draw_f1, comparison)
    draw(f"{table}-learning-curves", draw_learning_curves, curves)
    draw(f"{table}-confusions", draw_confusions, {run: read_table(run, "confusion") for run in best})
    draw(f"{table}-labels", draw_labels, {run: read_table(run, "labels") for run in best})
    Console(width=120).print(render(comparison))


def read_table(run: str, name: str) -> pd.DataFrame:
    """Read a CSV of a run; a label that pandas would read as a missing value, such as NA, stays text."""
    return pd.read_csv(SCORES / run / f"{name}.csv", keep_default_na=False)


def draw(name: str, picture: Callable[[Path, Any], None], content: object) -> None:
    with whole_file(Path("plots/pictures") / f"{name}.svg") as path:
        picture(path, content)


if __name__ == "__main__":
    run_stage(main, __doc__, None)
