"""Print the committed scores as a table: `python -m ner.reports.summary`, or `python -m ner.reports.summary demo`."""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd
from rich.console import Console

from ner.reports.comparison import render


def main(table: str) -> None:
    """Print metrics/<table>.json: `summary` has all runs, `demo` those of the demo."""
    path = Path("metrics") / f"{table}.json"
    if not path.is_file():
        sys.exit(f"error: {path}: no such file; `dvc repro` makes it, and the project's top is where to call this")
    runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
    Console(width=120).print(render(pd.DataFrame.from_dict(runs, orient="index")))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", nargs="?", default="summary", choices=("summary", "demo"))
    main(parser.parse_args().table)
