"""Runs side by side: the table, figures of the references, what embeddings bring, and differences with intervals."""

import json
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

from ner.reports.comparison import (
    COLUMNS,
    WHOLE,
    Result,
    ablation,
    best_runs,
    compare,
    differences,
    label_scores,
    published,
    render,
)


def result(
    corpus: str = "mine", f1: float = 0.5, counts: list[tuple[int, int, int]] | None = None, **entry: Any
) -> Result:
    """A run whose other figures all are a quarter, and whose counts are 1200."""
    metrics = dict.fromkeys(COLUMNS, 0.25) | dict.fromkeys(WHOLE, 1200) | {"entity_f1": f1, "labels.U.S.f1": 0.75}
    plain = {"base": "none", "embeddings": ["none"], "model": {"architecture": "lstm"}, "training": {"seed": 1}}
    rows = pd.DataFrame(counts or [(1, 1, 1)], columns=["gold", "predicted", "correct"])
    return Result({"corpus": corpus, **plain, **entry}, metrics | {"labels.U.S.support": 3, "errors.missed": 2}, rows)


def test_compare_has_a_row_a_run_in_the_order_given() -> None:
    both = {"embeddings": ["vectors", "clusters"]}
    table = compare({"zebra": result(f1=0.4), "conll2003-bilstm": result("conll2003", base="zebra", **both)})
    assert list(table.index) == ["zebra", "conll2003-bilstm"]
    assert list(table.columns) == ["corpus", "base", "embeddings", "reference", *COLUMNS]
    assert table.loc["zebra"].to_dict() == {
        **dict.fromkeys(COLUMNS, 0.25),
        **dict.fromkeys(WHOLE, 1200),
        "corpus": "mine",
        "base": "none",
        "embeddings": "none",
        "reference": "",
        "entity_f1": 0.4,
    }
    assert table.loc["conll2003-bilstm", ["base", "embeddings", "reference"]].tolist() == [
        "zebra",
        "vectors + clusters",
        "R2",
    ]


def test_compare_keeps_counts_whole_in_json() -> None:
    rows = compare({"one": result(), "other": result()}).to_dict(orient="index")
    row = json.loads(json.dumps(rows))["one"]
    assert {name for name in COLUMNS if type(row[name]) is int} == WHOLE


def test_compare_needs_a_run() -> None:
    with pytest.raises(ValueError, match="at least one run"):
        compare({})


def test_label_scores_are_f1_by_label() -> None:
    assert label_scores({"one": result()}) == {"one": {"U.S": 0.75}}


def test_published_figures_stand_beside_all_runs_on_their_corpus() -> None:
    rows = published({"one": result("bc5cdr"), "other": result("mine"), "third": result("bc5cdr")})
    assert [(row["reference"], row["published"], row["key"]) for row in rows] == [
        ("R1", 0.5481, "token_f1_without_o"),
        ("R1", 0.7074, "token_f1_weighted_without_o"),
    ]
    assert [row["ours"] for row in rows] == [{"one": 0.25, "third": 0.25}] * 2


def test_ablation_is_of_runs_that_differ_in_embeddings_alone() -> None:
    def crf(f1: float, *embeddings: str, **entry: Any) -> Result:
        model = {
            "architecture": "crf",
            "vectors": {"words": 10 * len(embeddings)},
            "clusters": {"words": len(embeddings)},
        }
        return result(f1=f1, embeddings=list(embeddings), **{"model": model, **entry})

    rows = ablation(
        {
            "both": crf(0.9, "vectors", "clusters"),
            "none": crf(0.7, "none"),
            "vectors": crf(0.8, "vectors"),
            "seed": crf(0.6, "vectors", training={"seed": 2}),
            "based": crf(0.5, "none", base="none-of-these"),
            "smaller": crf(0.4, "none", model={"architecture": "lstm"}),
            "elsewhere": crf(0.3, "none", corpus="other"),
        }
    )
    assert rows == [
        {
            "corpus": "mine",
            "architecture": "crf",
            "runs": ["both", "none", "vectors"],
            "entity_f1": {"vectors + clusters": 0.9, "none": 0.7, "vectors": 0.8},
        }
    ]


def test_differences_are_between_runs_on_a_corpus_the_better_first() -> None:
    """One finds 10 of 10 in each sentence, the other 9 of 10: 1 and 0.9, whatever is drawn."""
    worse, better = (result(f1=f1, counts=[(10, 10, right)] * 5) for f1, right in ((0.9, 9), (1.0, 10)))
    rows = differences({"worse": worse, "else": result("other", 0.99), "better": better})
    assert rows == [
        {"corpus": "mine", "run": "better", "other": "worse", "entity_f1_difference": 0.1, "low": 0.1, "high": 0.1}
    ]


def test_differences_that_may_be_chance_hold_zero() -> None:
    one, other = (result(f1=0.5, counts=[(2, 2, right), (2, 2, 2 - right)]) for right in (2, 0))
    [row] = differences({"one": one, "other": other})
    assert (row["low"], row["high"]) == (-1.0, 1.0)


def test_best_runs_are_one_a_corpus() -> None:
    table = compare({"a": result(f1=0.2), "b": result("other", 0.1), "c": result(f1=0.3)})
    assert best_runs(table) == ["c", "b"]


def test_render_shows_percents_and_counts() -> None:
    console = Console(width=140)
    with console.capture() as capture:
        console.print(render(compare({"zebra": result(f1=0.4), "ant": result(f1=0.0)})))
    rows = [
        [cell.strip() for cell in line.strip("│┃").split("│")] for line in capture.get().splitlines() if "│" in line
    ]
    quarters = ["25.00%"] * 5
    assert rows == [
        ["zebra", "40.00%", "25.0 to 25.0", *quarters, "1,200"],
        ["ant", "0.00%", "25.0 to 25.0", *quarters, "1,200"],
    ]


def test_render_names_its_columns_in_words() -> None:
    headers = [str(column.header) for column in render(compare({"one": result()})).columns]
    assert headers[:4] == ["run", "entity f1", "95% interval", "conlleval f1"]
    assert not any("_" in header for header in headers)
