"""What the README claims is what the repository holds."""

import json
import re
from pathlib import Path

import pytest
import yaml

from ner.core.params import build, read_params, resolve
from ner.corpora.catalogue import CorpusParams
from ner.corpora.formats import FORMATS
from ner.embeddings.catalogue import build_embedding
from ner.model.parameters import RunParams
from ner.reports.readme import PAGES as TABLES
from ner.reports.readme import (
    best_table,
    distillation_table,
    embeddings_table,
    encoders_table,
    results_table,
    seeds_table,
    sentences_table,
    transfer_table,
    with_table,
    with_tables,
)

ROOT = Path(__file__).parents[2]
FOLDERS = (".", "benchmarks", "data", "docs", "models", "samples", "texts")
PAGES = sorted(page for folder in FOLDERS for page in (ROOT / folder).glob("*.md"))
SUMMARY = json.loads((ROOT / "metrics" / "summary.json").read_text(encoding="utf-8"))


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def test_results_have_a_row_for_every_run() -> None:
    runs = read_params()["runs"]
    results = text_of("docs/results.md").partition("<!-- results")[2].partition("<!-- end of results")[0]
    assert sorted(re.findall(r"^\| `([a-z0-9-]+)`(?: \(R\d\))? \|", results, re.M)) == sorted(runs)


@pytest.mark.parametrize("page", TABLES)
def test_pages_have_the_tables_that_make_readme_writes(
    page: str, released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("benchmarks", "metrics", "plots", "params.yaml"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "released").symlink_to(released)
    monkeypatch.chdir(tmp_path)
    assert with_tables(text_of(page), TABLES[page]) == text_of(page)


@pytest.mark.parametrize("run", SUMMARY.get("runs", {}))
def test_summary_has_the_figures_of_metrics(run: str) -> None:
    scores = json.loads((ROOT / "metrics" / f"{run}.json").read_text(encoding="utf-8"))
    row = SUMMARY["runs"][run]
    assert {key: row[key] for key in row if key in scores} == {key: scores[key] for key in scores if key in row}


BEGIN, END = "<!-- x: made by `make readme` -->", "<!-- end of x -->"


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END} {BEGIN}", f"{BEGIN} {BEGIN} {END}"])
def test_with_table_needs_both_comments_once(text: str) -> None:
    with pytest.raises(ValueError, match="each once"):
        with_table(text, "x", "")


def test_with_table_replaces_what_is_between_its_comments() -> None:
    assert with_table(f"a\n{BEGIN}\nold\n{END}\nb", "x", "new\n") == f"a\n{BEGIN}\nnew\n{END}\nb"


def test_embeddings_table_has_a_row_for_each_choice() -> None:
    table = embeddings_table([{"corpus": "mine", "entity_f1": {"none": 0.5, "vectors": 0.625}}])
    assert table.splitlines()[2:] == ["| mine | none | 50.00 |", "| mine | vectors | 62.50 |"]


def test_transfer_table_says_what_a_base_brings_and_costs() -> None:
    rows = [(91, 0.6, 0.25), (4560, 0.81, 0.82)]
    study = {
        "dev_entity_f1": [dict(zip(("sentences", "transferred", "scratch"), row, strict=True)) for row in rows],
        "base_dev_entity_f1": {"before": 0.85, "after": 0.125},
    }
    difference = {"run": "one", "other": "two", "entity_f1_difference": 0.0025, "low": -0.0031, "high": 0.008}
    lines = transfer_table(study, difference).splitlines()
    assert lines[2:4] == ["| 91 | 60.00 | 25.00 | +35.00 |", "| 4,560 | 81.00 | 82.00 | -1.00 |"]
    assert "`one` scores 0.25 points more than" in lines[5]
    assert "`two` (95% of a paired bootstrap over sentences: -0.31 to 0.80), so the test set does not tell" in lines[6]
    told_apart = transfer_table(study, difference | {"low": 0.001}).splitlines()[6]
    assert told_apart.endswith("0.10 to 0.80).")
    assert "85.00 before and 12.50 after" in lines[7]


def test_results_table_puts_the_demo_last() -> None:
    row = {
        "corpus": "mine",
        "reference": "R2",
        "entity_f1": 0.5,
        "entity_f1_low": 0.41,
        "entity_f1_high": 0.6,
        "conlleval_f1": 0.25,
        "token_accuracy": 1.0,
        "entities": 1234,
        "model_bytes": 1_250_000,
    }
    table = results_table({"demo-a": {**row, "reference": ""}, "b": row, "c": {**row, "entity_f1": 0.51}}).splitlines()
    assert table[2:] == [
        "| `c` (R2) | mine | 1,234 | 51.00 | 41.0 to 60.0 | 25.00 | 100.00 | 1.2 |",
        "| `b` (R2) | mine | 1,234 | 50.00 | 41.0 to 60.0 | 25.00 | 100.00 | 1.2 |",
        "| `demo-a` | mine | 1,234 | 50.00 | 41.0 to 60.0 | 25.00 | 100.00 | 1.2 |",
    ]


def test_best_table_sets_the_best_released_of_a_corpus_beside_a_notebook() -> None:
    row = {
        "corpus": "mine",
        "reference": "",
        "entity_f1": 0.5,
        "entity_f1_low": 0.4,
        "entity_f1_high": 0.6,
    }
    runs = {
        "a": row,
        "b": {**row, "entity_f1": 0.75},
        "better": {**row, "entity_f1": 0.9},  # and not released
        "r": {**row, "reference": "R2", "entity_f1": 0.25},
        "demo-x": {**row, "corpus": "x"},
    }
    rows = best_table(runs, ["b"]).splitlines()[2:]
    assert rows == ["| mine | `b` | **75.00** (40.0 to 60.0) | 90.00 (`better`) | 25.00 (R2) |"]
    assert best_table(runs, []).splitlines()[2:] == ["| mine | `better` | **90.00** (40.0 to 60.0) |  | 25.00 (R2) |"]


def test_encoders_table_has_a_row_for_every_way() -> None:
    way = {"dev_entity_f1": 0.5, "best_epoch": 3, "training_cpu_minutes": 9.6, "words_per_cpu_second": 12345}
    (row,) = encoders_table({"frozen": {**way, "megabytes": 80.4}}).splitlines()[2:]
    assert row == "| frozen | 50.00 | 3 | 10 | 12,345 | 80 |"


def test_sentences_table_has_an_empty_cell_where_there_is_no_student() -> None:
    student = {"student_dev_entity_f1": 0.8, "dev_entity_f1": 0.9, "training_cpu_minutes": 12.3}
    table = sentences_table({"0": {"dev_entity_f1": 0.85, "training_cpu_minutes": 2.0}, "7500": student})
    assert table.split("\n")[2:4] == ["| 0 |  | 85.00 | 2 |", "| 7,500 | 80.00 | 90.00 | 12 |"]


def test_seeds_table_has_each_score_mean_and_deviation() -> None:
    study = {"mine": {"seeds": [1, 2], "entity_f1": [0.8, 0.9], "mean": 0.85, "deviation": 0.07071}}
    table = seeds_table(study, {"mine": {"corpus": "conll2003"}})
    assert table.split("\n")[2] == "| CoNLL-2003 | `mine` | 80.00, 90.00 | 85.00 | 7.07 |"


@pytest.mark.parametrize(
    ("better", "worse", "sign", "said"),
    [("after", "before", 1, "+1.00 (-0.50 to 2.50)"), ("before", "after", -1, "-1.00 (-2.50 to 0.50)")],
)
def test_distillation_table_says_what_was_gained_or_lost(better: str, worse: str, sign: int, said: str) -> None:
    runs = {"before": {"corpus": "mine", "entity_f1": 0.5}, "after": {"corpus": "mine", "entity_f1": 0.5 + sign / 100}}
    found = {"run": better, "other": worse, "entity_f1_difference": 0.01, "low": -0.005, "high": 0.025}
    head, _, row = distillation_table([("after", "before")], runs, [found]).splitlines()
    assert head == "| corpus | teacher | entity F1 | student, fine-tuned | entity F1 | difference (95%) |"
    assert row == f"| mine | `before` | 50.00 | `after` | {50 + sign:.2f} | {said} |"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_links_to_what_exists(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_data_page_names_every_format() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| .+ \| (`.+`) \|$", text_of("docs/data.md"), re.M))
    assert {name: tuple(re.findall(r"`(\w+)`", keys)) for name, keys in rows.items() if name in FORMATS} == {
        name: format.settings for name, format in FORMATS.items()
    }


def test_examples_are_valid_params() -> None:
    corpus, run, _, encoder, added, published, tuned = (
        yaml.safe_load(block)
        for page in ("docs/data.md", "docs/training.md")
        for block in re.findall(r"```yaml\n(.+?)```", text_of(page), re.S)
    )
    corpus["mine"]["files"]["train"]["sha256"] = "0" * 64
    assert build(CorpusParams, corpus["mine"], "corpora.mine").format == "conll"
    params = yaml.safe_load(text_of("params.yaml"))
    for section, entries in encoder.items():
        assert entries.items() <= params[section].items()
    added["embeddings"]["my-bert"]["file"]["sha256"] = "0" * 64
    for name, entry in (added["embeddings"] | published["embeddings"]).items():
        assert build_embedding(entry, f"embeddings.{name}").kind == "encoder"
    for name, entry in resolve(params | run | tuned)["runs"].items():
        assert build(RunParams, entry, f"runs.{name}").corpus in {"mine", "bc5cdr"}
