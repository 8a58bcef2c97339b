"""metrics/ -> the tables of README.md and docs/results.md: `python -m ner.reports.readme`.

Each table stands between two comments.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ner.core.outputs import whole_file
from ner.core.params import read_params
from ner.reports.references import R4_SENTENCES
from ner.tagger.tagger import Tagger

PAGES = {
    "README.md": ("best", "arabic"),
    "docs/results.md": ("results", "seeds", "embeddings", "encoders", "transfer", "distillation", "sentences"),
}
NAMES = {  # corpora as the tables call them; others are called as in params.yaml
    "gmb": "GMB, without repeats",
    "conll2003": "CoNLL-2003",
    "bc5cdr": "BC5CDR",
    "anercorp": "ANERCorp, CAMeL split",
    "demo-news": "`samples/`, invented",
    "demo-bio": "`samples/`, invented",
    "demo-arabic": "`samples/`, invented",
}
BEST = """\
| corpus | released tagger | entity F1 (95%) | best that is not released | a notebook's network, scored alike |
|---|---|---:|---:|---:|
"""
HEAD = """\
| run | corpus | test entities | entity F1 | 95% interval | conlleval F1 | token accuracy | model, MB |
|---|---|---:|---:|---:|---:|---:|---:|
"""


def best_table(runs: Mapping[str, Mapping[str, Any]], released: Collection[str]) -> str:
    """Build the table of each published corpus's best released tagger, a better one, and the best of a notebook.

    If no tagger of a corpus is released, the best run stands in its row. Scores are in percent.

    Args:
        runs: the section `runs` of metrics/summary.json.
        released: the runs whose taggers are released.
    """
    rows = []
    for corpus in dict.fromkeys(row["corpus"] for name, row in runs.items() if not name.startswith("demo-")):
        alike = {name: row for name, row in runs.items() if row["corpus"] == corpus}
        best = max(set(released) & alike.keys() or alike, key=lambda name: alike[name]["entity_f1"])
        references = [row for row in alike.values() if row["reference"]]
        notebook = max(references, key=lambda row: row["entity_f1"], default=None)
        better = max(alike, key=lambda name: alike[name]["entity_f1"])
        cells = (
            NAMES.get(corpus, corpus),
            f"`{best}`",
            f"**{100 * alike[best]['entity_f1']:.2f}** ({_interval(alike[best])})",
            f"{100 * alike[better]['entity_f1']:.2f} (`{better}`)" if better != best else "",
            f"{100 * notebook['entity_f1']:.2f} ({notebook['reference']})" if notebook else "",
        )
        rows.append(f"| {' | '.join(cells)} |\n")
    return BEST + "".join(rows)


def arabic_table(tagger: Tagger) -> str:
    """Build the table of the three sentences that the notebook R4 shows: our entities beside the tags that R4 shows."""
    rows = []
    for sentence, theirs in R4_SENTENCES.items():
        (tagged,) = tagger.tag([sentence.split()])
        ours = ", ".join(f"{one.text} {one.label} {one.confidence:.0%}" for one in tagged.entities) or "none"
        rows.append(f"| {sentence} | {ours} | {theirs} |\n")
    return "| sentence | ours | R4 |\n|---|---|---|\n" + "".join(rows)


def results_table(runs: Mapping[str, Mapping[str, Any]]) -> str:
    """Build the table of all runs, scores in percent: by corpus, the best first, the demo's runs last.

    Args:
        runs: the section `runs` of metrics/summary.json.
    """
    corpora = list(dict.fromkeys(row["corpus"] for row in runs.values()))
    ordered = sorted(
        runs, key=lambda run: (run.startswith("demo-"), corpora.index(runs[run]["corpus"]), -runs[run]["entity_f1"])
    )
    return HEAD + "".join(_row(run, runs[run]) for run in ordered)


def embeddings_table(ablation: Sequence[Mapping[str, Any]]) -> str:
    """Build the table of entity F1 by embeddings, of runs that differ in nothing else.

    Args:
        ablation: the section `ablation` of metrics/summary.json.
    """
    rows = [
        f"| {NAMES.get(group['corpus'], group['corpus'])} | {embeddings} | {100 * f1:.2f} |\n"
        for group in ablation
        for embeddings, f1 in group["entity_f1"].items()
    ]
    return "| corpus | embeddings | entity F1 on test |\n|---|---|---:|\n" + "".join(rows)


def encoders_table(study: Mapping[str, Mapping[str, float]]) -> str:
    """Build the table of ways to use a pretrained encoder.

    Args:
        study: benchmarks/encoders.json.
    """
    rows = [
        f"| {way} | {100 * row['dev_entity_f1']:.2f} | {row['best_epoch']} | {row['training_cpu_minutes']:.0f} "
        f"| {row['words_per_cpu_second']:,.0f} | {row['megabytes']:.0f} |\n"
        for way, row in study.items()
    ]
    head = "| encoder | entity F1 on dev | in epoch | training, CPU minutes | words/s of CPU | tagger, MB |\n"
    return head + "|---|---:|---:|---:|---:|---:|\n" + "".join(rows)


def distillation_table(
    pairs: Iterable[tuple[str, str]], runs: Mapping[str, Mapping[str, Any]], differences: Sequence[Mapping[str, Any]]
) -> str:
    """Build the table of runs that start from a distilled student, each beside a teacher.

    Args:
        pairs: a run that starts from a student, and a teacher of that student.
        runs: the section `runs` of metrics/summary.json.
        differences: the section `differences` of metrics/summary.json.
    """
    rows = []
    for run, teacher in pairs:
        found = next(row for row in differences if {row["run"], row["other"]} == {run, teacher})
        sign = 1 if found["run"] == run else -1
        low, high = sorted(100 * sign * found[end] for end in ("low", "high"))
        cells = (
            NAMES.get(runs[run]["corpus"], runs[run]["corpus"]),
            f"`{teacher}`",
            f"{100 * runs[teacher]['entity_f1']:.2f}",
            f"`{run}`",
            f"{100 * runs[run]['entity_f1']:.2f}",
            f"{100 * sign * found['entity_f1_difference']:+.2f} ({low:.2f} to {high:.2f})",
        )
        rows.append(f"| {' | '.join(cells)} |\n")
    head = "| corpus | teacher | entity F1 | student, fine-tuned | entity F1 | difference (95%) |\n"
    return head + "|---|---|---:|---|---:|---:|\n" + "".join(rows)


def sentences_table(study: Mapping[str, Mapping[str, float]]) -> str:
    """Build the table of what more pseudo-labelled sentences bring.

    Args:
        study: benchmarks/distillation.json.
    """
    rows = [
        f"| {int(sentences):,} | {_percent(row.get('student_dev_entity_f1'))} | {_percent(row['dev_entity_f1'])} "
        f"| {row['training_cpu_minutes']:.0f} |\n"
        for sentences, row in study.items()
    ]
    head = "| pseudo-labelled sentences | student, dev | after training on the corpus, dev | training, CPU minutes |\n"
    return head + "|---:|---:|---:|---:|\n" + "".join(rows)


def seeds_table(study: Mapping[str, Mapping[str, Any]], runs: Mapping[str, Mapping[str, Any]]) -> str:
    """Build the table of the runs that were trained with several seeds, in the order of their names.

    Args:
        study: metrics/seeds.json.
        runs: the section `runs` of metrics/summary.json.
    """
    rows = [
        f"| {NAMES.get(runs[run]['corpus'], runs[run]['corpus'])} | `{run}` "
        f"| {', '.join(f'{100 * value:.2f}' for value in study[run]['entity_f1'])} "
        f"| {100 * study[run]['mean']:.2f} | {100 * study[run]['deviation']:.2f} |\n"
        for run in sorted(study)
    ]
    return "| corpus | run | entity F1 of each seed | mean | deviation |\n|---|---|---|---:|---:|\n" + "".join(rows)


def teachers(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pair each run that starts from a distilled student with each teacher of that student.

    A teacher is left out if only one of the two is trained on dev, since their scores would differ by that as well.

    >>> alone = {"base": "none", "training": {"dev": "choose"}}
    >>> runs = {"one": alone, "two": alone, "three": alone | {"base": "student"}}
    >>> runs["four"] = runs["three"] | {"training": {"dev": "train"}}
    >>> teachers({"distill": {"student": {"teachers": ["one", "two"]}}, "runs": runs})
    [('three', 'one'), ('three', 'two')]
    """
    taught = {name: entry["teachers"] for name, entry in params["distill"].items()}
    runs = params["runs"]
    pairs = [(run, teacher) for run, entry in runs.items() for teacher in taught.get(entry["base"], ())]
    return [
        (run, teacher) for run, teacher in pairs if runs[run]["training"]["dev"] == runs[teacher]["training"]["dev"]
    ]


def transfer_table(study: Mapping[str, Any], difference: Mapping[str, Any]) -> str:
    """Build the table of transfer: dev entity F1 by size of train, with two sentences below it.

    They say the difference of the two runs on the test set, and what the base's corpus scores before and after.

    Args:
        study: benchmarks/transfer.json.
        difference: the entry of its two runs in `differences` of metrics/summary.json.
    """
    rows = [
        f"| {row['sentences']:,} | {100 * row['transferred']:.2f} | {100 * row['scratch']:.2f} "
        f"| {100 * (row['transferred'] - row['scratch']):+.2f} |\n"
        for row in study["dev_entity_f1"]
    ]
    more, less, points = difference["run"], difference["other"], 100 * difference["entity_f1_difference"]
    interval = f"{100 * difference['low']:.2f} to {100 * difference['high']:.2f}"
    told_apart = "" if difference["low"] > 0 else ", so the test set does not tell them apart"
    before, after = (100 * study["base_dev_entity_f1"][when] for when in ("before", "after"))
    head = "| sentences of train | transferred | from scratch | difference |\n|---:|---:|---:|---:|\n"
    test = f"""
That is entity F1 on dev. On the test set, trained on all of train, `{more}` scores {points:.2f} points more than
`{less}` (95% of a paired bootstrap over sentences: {interval}){told_apart}.
What is forgotten: with the base's output, dev of the base's corpus scores {before:.2f} before and {after:.2f} after.
"""
    return head + "".join(rows) + test


def with_table(page: str, name: str, table: str) -> str:
    """Put `table` between the two comments that are called `name`, and return the page.

    Raises:
        ValueError: the page lacks one of the comments, has it twice, or has them in the other order.
    """
    begin, end = f"<!-- {name}: made by `make readme` -->", f"<!-- end of {name} -->"
    if page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
        raise ValueError(f"expected {begin} and then {end}, each once")
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n{table}{end}{rest.partition(end)[2]}"


def with_tables(page: str, names: Sequence[str]) -> str:
    """Make the tables called `names` from metrics/ and released/ of the working directory, and return the page."""
    summary = _study("metrics/summary.json")
    params = read_params()
    transfer = _study("benchmarks/transfer.json")
    pair = set(transfer["runs"])
    difference = next(row for row in summary["differences"] if {row["run"], row["other"]} == pair)
    released = [path.stem for path in Path("metrics/released").glob("*.json")]
    tables = {
        "best": lambda: best_table(summary["runs"], released),
        "arabic": lambda: arabic_table(Tagger.load("released/anercorp-crf-distilled")),
        "results": lambda: results_table(summary["runs"]),
        "embeddings": lambda: embeddings_table(summary["ablation"]),
        "distillation": lambda: distillation_table(teachers(params), summary["runs"], summary["differences"]),
        "encoders": lambda: encoders_table(_study("benchmarks/encoders.json")),
        "transfer": lambda: transfer_table(transfer, difference),
        "sentences": lambda: sentences_table(_study("benchmarks/distillation.json")),
        "seeds": lambda: seeds_table(_study("metrics/seeds.json"), summary["runs"]),
    }
    for name in names:
        page = with_table(page, name, tables[name]())
    return page


def _study(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _percent(fraction: float | None) -> str:
    return "" if fraction is None else f"{100 * fraction:.2f}"


def _interval(row: Mapping[str, Any]) -> str:
    return f"{100 * row['entity_f1_low']:.1f} to {100 * row['entity_f1_high']:.1f}"


def _row(run: str, row: Mapping[str, Any]) -> str:
    name = f"`{run}`" + (f" ({row['reference']})" if row["reference"] else "")
    cells = (
        name,
        NAMES.get(row["corpus"], row["corpus"]),
        f"{row['entities']:,}",
        f"{100 * row['entity_f1']:.2f}",
        _interval(row),
        f"{100 * row['conlleval_f1']:.2f}",
        f"{100 * row['token_accuracy']:.2f}",
        f"{row['model_bytes'] / 1e6:.1f}",
    )
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    for name, tables in PAGES.items():
        text = with_tables(Path(name).read_text(encoding="utf-8"), tables)
        with whole_file(Path(name)) as path:
            path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
