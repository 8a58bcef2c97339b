"""Tabulate time and peak memory of the stages: logs/stages.jsonl -> a table in Markdown.

    python benchmarks/pipeline.py [--each]

Every stage appends a line to that log, whether DVC or a user started it. If a stage ran several times under one name,
the last run counts. `minutes` are wall-clock minutes without the start of the interpreter. With `--each`, each name has
a row of its own, such as each run of `train`.
"""

import argparse
from pathlib import Path

import pandas as pd


def table(log: Path, *, each: bool) -> str:
    """Build the table: a row a stage, in the order of their first run, and a row of totals."""
    rows = pd.read_json(log, lines=True).drop_duplicates(["stage", "name"], keep="last")
    by = ["stage", "name"] if each else ["stage"]
    sums = rows.groupby(by, sort=False).agg(
        times=("name", "size"),
        seconds=("seconds", "sum"),
        cpu_seconds=("cpu_seconds", "sum"),
        peak=("peak_bytes", "max"),
    )
    lines = [
        f"| {' '.join(key) if each else key} | {row.times:.0f} | {row.seconds / 60:.1f} | {row.cpu_seconds / 60:.1f} "
        f"| {row.peak / 1e6:,.0f} |"
        for key, row in sums.iterrows()
    ]
    total = f"| **all** | {len(rows)} | {rows.seconds.sum() / 60:.1f} | {rows.cpu_seconds.sum() / 60:.1f} "
    lines.append(f"{total}| {rows.peak_bytes.max() / 1e6:,.0f} |")
    head = "| stage | times | minutes | CPU minutes | peak memory, MB |\n|---|---:|---:|---:|---:|\n"
    return head + "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", nargs="?", type=Path, default=Path("logs/stages.jsonl"))
    parser.add_argument("--each", action="store_true", help="a row for each name that a stage ran under")
    arguments = parser.parse_args()
    print(table(arguments.log, each=arguments.each))
