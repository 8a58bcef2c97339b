"""Put runs side by side: data/scores/<run>.csv -> metrics/<table>.json and plots/<table>.csv, printed too.

The table `summary` has every run, the table `demo` the demo's.
"""

from pathlib import Path

import pandas as pd
from rich.console import Console

from ner.artifact import whole_file
from ner.comparison import compare, render
from ner.params import ParamsError, read_params
from ner.stage import run_stage

PREFIXES = {"summary": "", "demo": "demo-"}


def main(table: str) -> None:
    if table not in PREFIXES:
        raise ParamsError(f"table: expected one of {', '.join(PREFIXES)}. Received: {table!r}")
    runs = [run for run in read_params()["runs"] if run.startswith(PREFIXES[table])]
    comparison = compare({run: pd.read_csv(Path("data/scores") / f"{run}.csv") for run in runs})
    with whole_file(Path("metrics") / f"{table}.json") as path:
        path.write_text(comparison.to_json(orient="index", indent=2) + "\n", encoding="utf-8", newline="\n")
    with whole_file(Path("plots") / f"{table}.csv") as path:
        comparison.to_csv(path, lineterminator="\n")
    Console(width=120).print(render(comparison))


if __name__ == "__main__":
    run_stage(main, __doc__, None)
