"""Tables -> pictures in SVG for README and docs: the same numbers give the same bytes.

The colours are those of Okabe and Ito, which colour-blind readers can tell apart. No colour carries a meaning alone: a
position, dash pattern or number says the same.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.typing import RcKeyType

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", ":", "-.")
_STYLE: dict[RcKeyType, Any] = {
    "svg.hashsalt": "ner",  # else ids are random
    "svg.fonttype": "none",  # text stays text: small, searchable, in the reader's font
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "legend.frameon": False,
}
_NO_FRAME: dict[RcKeyType, Any] = {"axes.spines.left": False, "axes.spines.bottom": False}


def draw_f1(path: Path, comparison: pd.DataFrame) -> None:
    """Draw entity F1 of every run with its 95% interval, grouped by corpus; a cross is the most-frequent-tag baseline.

    Args:
        path: where the SVG goes.
        comparison: the table that `ner.reports.comparison.compare` returns.
    """
    corpora = list(dict.fromkeys(comparison["corpus"]))
    ordered = comparison.sort_values("corpus", key=lambda column: column.map(corpora.index), kind="stable").iloc[::-1]
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 0.9 + 0.27 * len(ordered)), layout="constrained")
        axes = figure.add_subplot()
        for height, (_, row) in enumerate(ordered.iterrows()):
            colour = COLOURS[corpora.index(row["corpus"]) % len(COLOURS)]
            axes.hlines(height, 100 * row["entity_f1_low"], 100 * row["entity_f1_high"], color=colour, linewidth=2)
            axes.plot(100 * row["entity_f1"], height, "o", color=colour, markersize=5)
            axes.plot(100 * row["lookup_f1"], height, "x", color="#777777", markersize=5)
            axes.annotate(
                f"{100 * row['entity_f1']:.1f}", (1.01, height), xycoords=("axes fraction", "data"), va="center"
            )
        axes.set_yticks(range(len(ordered)), list(ordered.index))
        axes.set_ylim(-0.6, len(ordered) - 0.4)
        axes.set_xlabel("entity F1 on the test set, percent, 95% interval;  x: each word's most frequent tag")
        axes.grid(axis="x", color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        _save(figure, path)


def draw_learning_curves(path: Path, curves: Mapping[str, Mapping[str, pd.DataFrame]]) -> None:
    """Draw entity F1 on dev by epoch: a picture a corpus, a line a run.

    Args:
        path: where the SVG goes.
        curves: by corpus and run, the columns `epoch` and `dev_entity_f1`.
    """
    with mpl.rc_context(_STYLE):
        figure, grid = _grid(len(curves), height=2.6)
        for axes, (corpus, runs) in zip(grid, curves.items(), strict=True):
            for number, (run, curve) in enumerate(runs.items()):
                axes.plot(
                    curve["epoch"],
                    100 * curve["dev_entity_f1"],
                    DASHES[number % len(DASHES)],
                    color=COLOURS[number % len(COLOURS)],
                    label=run,
                    linewidth=1.4,
                )
            axes.set_title(corpus)
            axes.set_xlabel("epoch")
            axes.set_ylabel("entity F1 on dev, percent")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.legend(loc="lower right", fontsize=7, handlelength=2.4)
            axes.grid(color="#e4e4e4", linewidth=0.6)
        _save(figure, path)


def draw_confusions(path: Path, confusions: Mapping[str, pd.DataFrame]) -> None:
    """Draw a confusion matrix a run: gold labels by predicted labels, shaded by the share of the row, with counts.

    Args:
        path: where the SVG goes.
        confusions: by run, the rows of `ner.evaluation.breakdown.confusion_table`.
    """
    with mpl.rc_context(_STYLE | _NO_FRAME):
        figure, grid = _grid(len(confusions), height=3.2)
        for axes, (run, table) in zip(grid, confusions.items(), strict=True):
            _draw_confusion(axes, table)
            axes.set_title(run)
        _save(figure, path)


def draw_labels(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Draw entity F1 by label, a picture a run, with the number of gold entities.

    Args:
        path: where the SVG goes.
        tables: by run, the rows of `ner.evaluation.breakdown.label_table`.
    """
    with mpl.rc_context(_STYLE):
        figure, grid = _grid(len(tables), height=2.6)
        for axes, (run, table) in zip(grid, tables.items(), strict=True):
            ordered = table.sort_values("f1", kind="stable")
            axes.barh(range(len(ordered)), 100 * ordered["f1"], color=COLOURS[0], height=0.7)
            for height, (f1, support) in enumerate(
                zip(ordered["f1"].tolist(), ordered["support"].tolist(), strict=True)
            ):
                text = f"{100 * f1:.1f} ({support:,})"
                if f1 > 0.6:
                    axes.text(100 * f1 - 2, height, text, va="center", ha="right", color="white", fontsize=7)
                else:
                    axes.text(100 * f1 + 2, height, text, va="center", ha="left", fontsize=7)
            axes.set_yticks(range(len(ordered)), list(ordered["label"].astype(str)))
            axes.set_xlim(0, 100)
            axes.set_title(run)
            axes.set_xlabel("entity F1, percent (gold entities)")
        _save(figure, path)


def draw_sentences(path: Path, study: Mapping[str, Mapping[str, float]]) -> None:
    """Draw entity F1 on dev over the number of pseudo-labelled sentences, of students before and after the corpus.

    Args:
        path: where the SVG goes.
        study: benchmarks/distillation.json.
    """
    sizes = sorted(map(int, study))
    lines = {"after training on the corpus": "dev_entity_f1", "student": "student_dev_entity_f1"}
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 3.2), layout="constrained")
        axes = figure.add_subplot()
        for number, (name, score) in enumerate(lines.items()):
            found = ((place, study[str(size)].get(score)) for place, size in enumerate(sizes))
            points = [(place, 100 * value) for place, value in found if value is not None]
            axes.plot(*zip(*points, strict=True), "o", ls=DASHES[number], color=COLOURS[number], label=name)
        axes.set_xticks(range(len(sizes)), [f"{size:,}" for size in sizes])
        axes.set_xlabel("pseudo-labelled sentences")
        axes.set_ylabel("entity F1 on dev, percent")
        axes.legend()
        _save(figure, path)


def _draw_confusion(axes: Axes, table: pd.DataFrame) -> None:
    labels = list(dict.fromkeys(table["actual"].astype(str)))
    pivot = table.pivot(index="actual", columns="predicted", values="count").reindex(index=labels, columns=labels)
    counts = pivot.fillna(0).to_numpy(dtype=np.int64)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    axes.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=0.5)
    axes.invert_yaxis()
    size = 7 if len(labels) <= 6 else 5
    for row, column in np.argwhere(counts):
        ink = "white" if shares[row, column] > 0.55 else "#222222"
        text = f"{counts[row, column]:,}"
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=size, color=ink)
    middles = [number + 0.5 for number in range(len(labels))]
    names = [label.strip("-") for label in labels]
    axes.set_xticks(middles, names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(middles, names)
    axes.tick_params(length=0)
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold")


def _grid(pictures: int, *, height: float) -> tuple[Figure, Sequence[Axes]]:
    """Make a figure with that many axes, two or three in a row, each `height` inches high."""
    columns = 2 if pictures in {2, 4} else min(3, pictures)
    rows = math.ceil(pictures / columns)
    figure = Figure(figsize=(3.4 * columns, height * rows), layout="constrained")
    return figure, [figure.add_subplot(rows, columns, number + 1) for number in range(pictures)]


def _save(figure: Figure, path: Path) -> None:
    """Write the figure as SVG, without a date and without trailing spaces, so that its bytes do not change."""
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    text = path.read_text(encoding="utf-8")
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    path.write_text(f"{lines}\n", encoding="utf-8", newline="\n")
