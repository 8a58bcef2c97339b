"""Counts by sentence of several runs -> one table, a row a run."""

from collections.abc import Mapping

import pandas as pd
from rich.table import Table

from ner.metrics import Counts, score


def compare(counts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Strict entity scores and token accuracy of every run, in the order given.

    Args:
        counts: by run, the rows of `ner.report.sentence_counts`.

    Raises:
        ValueError: there is no run.
    """
    if not counts:
        raise ValueError("expected at least one run to compare. Received: none")
    return pd.DataFrame([{"run": run, **_scores(rows)} for run, rows in counts.items()]).set_index("run")


def render(comparison: pd.DataFrame) -> Table:
    """The table for a terminal, in percent."""
    table = Table(title="test set, strict IOB2", title_justify="left")
    table.add_column("run")
    for name in comparison.columns:
        table.add_column(name.replace("_", " "), justify="right")
    for run, row in comparison.iterrows():
        cells = [
            f"{value:,.0f}" if name in {"entities", "sentences"} else f"{value:.2%}" for name, value in row.items()
        ]
        table.add_row(str(run), *cells)
    return table


def _scores(rows: pd.DataFrame) -> dict[str, float]:
    total = rows.sum()
    strict = score(Counts(int(total["gold"]), int(total["predicted"]), int(total["correct"])))
    return {
        "entity_f1": round(strict.f1, 5),
        "entity_precision": round(strict.precision, 5),
        "entity_recall": round(strict.recall, 5),
        "token_accuracy": round(float(total["correct_tokens"] / total["tokens"]), 5),
        "entities": int(total["gold"]),
        "sentences": len(rows),
    }
