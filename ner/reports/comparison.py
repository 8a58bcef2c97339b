"""Results of several runs -> a comparison table, published figures beside ours, an ablation and paired differences."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd
from rich.table import Table

from ner.evaluation.bootstrap import f1_difference
from ner.reports.references import PUBLISHED, REPETITIONS

COLUMNS = (  # keys of metrics/<run>.json that become columns of the table
    "entity_f1",
    "entity_f1_low",
    "entity_f1_high",
    "entity_precision",
    "entity_recall",
    "conlleval_f1",
    "seen_f1",
    "unseen_f1",
    "lookup_f1",
    "token_accuracy",
    "token_accuracy_padded",
    "token_f1_without_o",
    "token_f1_weighted_without_o",
    "token_f1_weighted_with_o",
    "calibration_error",
    "entities",
    "sentences",
    "model_bytes",
)
IN_TERMINAL = ("conlleval_f1", "seen_f1", "unseen_f1", "lookup_f1", "token_accuracy", "entities")
WHOLE = {"entities", "sentences", "model_bytes"}
COUNTS = ["gold", "predicted", "correct"]


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one run: its resolved entry in params.yaml, its metrics, and its entity counts by sentence.

    `counts` has the columns of `ner.evaluation.report.sentence_counts`.
    """

    entry: Mapping[str, Any]
    metrics: Mapping[str, float]
    counts: pd.DataFrame

    @property
    def corpus(self) -> str:
        return str(self.entry["corpus"])

    @property
    def embeddings(self) -> str:
        return " + ".join(self.entry["embeddings"])


def compare(results: Mapping[str, Result]) -> pd.DataFrame:
    """Build the comparison table: a row a run, with its corpus, base, embeddings, reference and COLUMNS.

    `reference` is the notebook whose architecture the run repeats, R0 to R4, or empty.

    Raises:
        ValueError: `results` is empty.
    """
    if not results:
        raise ValueError("expected at least one run to compare. Received: none")
    rows = [
        {
            "run": run,
            "corpus": result.corpus,
            "base": result.entry["base"],
            "embeddings": result.embeddings,
            "reference": REPETITIONS.get(run, ""),
            **{name: result.metrics[name] for name in COLUMNS},
        }
        for run, result in results.items()
    ]
    return pd.DataFrame(rows).set_index("run")


def label_scores(results: Mapping[str, Result]) -> dict[str, dict[str, float]]:
    """Collect strict entity F1 (a fraction) by run and label."""
    return {
        run: {
            key.removeprefix("labels.").removesuffix(".f1"): value
            for key, value in result.metrics.items()
            if key.startswith("labels.") and key.endswith(".f1")
        }
        for run, result in results.items()
    }


def published(results: Mapping[str, Result]) -> list[dict[str, Any]]:
    """List the figures that the references published, each beside our runs on that corpus, computed the same way.

    `published` is None where a reference states no figure.
    """
    return [
        {
            "reference": one.reference,
            "corpus": one.corpus,
            "computed": one.computed,
            "published": one.figure,
            "key": one.key,
            "ours": ours,
        }
        for one in PUBLISHED
        if (ours := {run: result.metrics[one.key] for run, result in results.items() if result.corpus == one.corpus})
    ]


def ablation(results: Mapping[str, Result]) -> list[dict[str, Any]]:
    """Group runs that differ in their embeddings alone, and list entity F1 by embeddings in each group."""
    alike: dict[str, dict[str, Result]] = {}
    for run, result in results.items():
        alike.setdefault(_without_embeddings(result.entry), {})[run] = result
    return [
        {
            "corpus": one.corpus,
            "architecture": one.entry["model"]["architecture"],
            "runs": list(group),
            "entity_f1": {result.embeddings: result.metrics["entity_f1"] for result in group.values()},
        }
        for group in alike.values()
        if len(group) > 1
        for one in list(group.values())[:1]
    ]


def _without_embeddings(entry: Mapping[str, Any]) -> str:
    """Serialise a run's entry without its embeddings and the settings that only embeddings use, to compare runs by."""
    model = {name: value for name, value in entry["model"].items() if name not in {"vectors", "clusters"}}
    return json.dumps({**entry, "model": model, "embeddings": None}, sort_keys=True)


def differences(results: Mapping[str, Result]) -> list[dict[str, Any]]:
    """Compute the difference in entity F1 of every two runs on a corpus, with its 95% interval.

    `run` is the better of the two. The interval is a paired bootstrap over sentences. If it contains 0, the test set
    does not tell the two runs apart.
    """
    rows = []
    best_first = sorted(results, key=lambda run: -results[run].metrics["entity_f1"])
    for corpus in dict.fromkeys(result.corpus for result in results.values()):
        for run, other in combinations([run for run in best_first if results[run].corpus == corpus], 2):
            interval = f1_difference(*(results[one].counts[COUNTS].to_numpy() for one in (run, other)))
            difference = results[run].metrics["entity_f1"] - results[other].metrics["entity_f1"]
            rows.append(
                {
                    "corpus": corpus,
                    "run": run,
                    "other": other,
                    "entity_f1_difference": round(difference, 5),
                    "low": round(interval.low, 5),
                    "high": round(interval.high, 5),
                }
            )
    return rows


def best_runs(comparison: pd.DataFrame) -> list[str]:
    """Select the run of the highest entity F1 for each corpus, in the order in which the corpora first occur."""
    corpora = comparison["corpus"].drop_duplicates()
    return [str(comparison.loc[comparison["corpus"] == corpus, "entity_f1"].idxmax()) for corpus in corpora]


def render(comparison: pd.DataFrame) -> Table:
    """Format the comparison for a terminal, scores in percent; the interval is that of entity F1."""
    table = Table(title="test set, strict IOB2", title_justify="left")
    table.add_column("run", no_wrap=True)
    table.add_column("entity f1", justify="right", no_wrap=True)
    table.add_column("95% interval", justify="right", no_wrap=True)
    for name in IN_TERMINAL:
        table.add_column(name.replace("_", " "), justify="right")
    for run, row in comparison.iterrows():
        interval = f"{100 * row['entity_f1_low']:.1f} to {100 * row['entity_f1_high']:.1f}"
        cells = [f"{row[name]:,.0f}" if name in WHOLE else f"{row[name]:.2%}" for name in IN_TERMINAL]
        table.add_row(str(run), f"{row['entity_f1']:.2%}", interval, *cells)
    return table
