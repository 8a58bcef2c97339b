"""What `dvc exp show --json` prints, told as a table."""

import io
import json
import sys
from typing import Any

import pytest

from ner.reports.experiments import Experiment, as_latex, as_markdown, as_text, experiments_of, main, table

KEYS = ["training.seed"]


def revision(seed: int, f1: float | None, run: str = "mine", epochs: int = 5) -> dict[str, Any]:
    scores = {} if f1 is None else {"entity_f1": f1, "conlleval_f1": f1 / 2, "token_accuracy": 0.9}
    params = {
        "networks": {"small": {}},
        "training": {"long": {"seed": seed, "epochs": epochs}},
        "runs": {"mine": {"corpus": "news", "network": "small", "training": "long"}},
    }
    return {
        "data": {
            "params": {"params.yaml": {"data": params}},
            "metrics": {f"metrics/{run}.json": {"data": scores}, "metrics/other.json": {"data": {"entity_f1": 1.0}}},
        }
    }


def shown(*revisions: dict[str, Any]) -> list[dict[str, Any]]:
    """A commit with an experiment each, behind the workspace."""
    return [
        {"rev": "workspace", **revision(1, None), "experiments": None},
        {"experiments": [{"revs": [one]} for one in revisions]},
    ]


def test_experiments_are_those_with_scores_of_the_run_in_the_order_of_their_values() -> None:
    revisions = shown(
        revision(10, 0.5), revision(2, 0.75), revision(3, None), revision(4, 0.5, run="else"), {"data": None}
    )
    assert experiments_of(revisions, "mine", KEYS) == [
        Experiment((2,), (0.75, 0.375, 0.9)),
        Experiment((10,), (0.5, 0.25, 0.9)),
    ]


def test_an_experiment_that_still_runs_is_left_out() -> None:
    commits = shown(revision(1, 0.5), revision(2, 0.5))
    commits[1]["experiments"][0]["executor"] = {"state": "success"}
    commits[1]["experiments"][1]["executor"] = {"state": "running"}
    assert [experiment.values for experiment in experiments_of(commits, "mine", KEYS)] == [(1,)]


def test_experiments_that_agree_in_the_keys_are_shown_once() -> None:
    assert len(experiments_of(shown(revision(1, 0.5), revision(1, 0.5)), "mine", KEYS)) == 1


def test_experiments_that_vary_something_else_are_left_out() -> None:
    found = experiments_of(shown(revision(1, 0.5), revision(2, 0.75, epochs=6)), "mine", KEYS)
    assert [experiment.values for experiment in found] == [(1,)]


def test_experiments_from_before_there_was_the_run_are_left_out() -> None:
    before = revision(1, None)
    before["data"]["params"]["params.yaml"]["data"]["runs"] = {}
    assert len(experiments_of(shown(before, revision(2, 0.5)), "mine", KEYS)) == 1


def test_a_list_is_a_value_as_it_is_written() -> None:
    revisions = shown(revision(1, 0.5))
    for one in (revisions[0], revisions[1]["experiments"][0]["revs"][0]):
        one["data"]["params"]["params.yaml"]["data"]["runs"]["mine"]["embeddings"] = ["one", "two"]
    assert experiments_of(revisions, "mine", ["embeddings"])[0].values == ("[one, two]",)


def test_table_of_seeds_has_mean_and_sample_deviation_and_marks_the_best() -> None:
    """Of 80 and 90 the mean is 85, and the deviation the root of (25 + 25) / 1."""
    experiments = [Experiment((1,), (0.8, 0.7, 0.95)), Experiment((2,), (0.9, 0.7, 0.97))]
    assert as_text(table(experiments, KEYS)).split("\n") == [
        "seed       entity_f1     conlleval_f1  token_accuracy",
        "1          80.00         70.00         95.00",
        "2          90.00         70.00         97.00 *",
        "mean of 2  85.00 ± 7.07  70.00 ± 0.00  96.00 ± 1.41",
    ]


def test_table_of_a_grid_has_a_mean_for_each_choice_with_two_seeds_or_more() -> None:
    scores = {("crf", 1): 0.8, ("crf", 2): 0.9, ("softmax", 1): 0.5}
    experiments = [Experiment(values, (score, score, score)) for values, score in scores.items()]
    rows = table(experiments, ["model.architecture", "training.seed"])
    assert [row[:3] for row in rows] == [
        ["architecture", "seed", "entity_f1"],
        ["crf", "1", "80.00"],
        ["crf", "2", "90.00"],
        ["softmax", "1", "50.00"],
        ["crf", "mean of 2", "85.00 ± 7.07"],
    ]


@pytest.mark.parametrize(("experiments", "rows"), [([], 1), ([Experiment((1,), (0.8, 0.7, 0.9))], 2)])
def test_table_of_fewer_than_two_has_no_deviation(experiments: list[Experiment], rows: int) -> None:
    assert len(table(experiments, KEYS)) == rows


def test_tables_for_a_page_and_a_paper() -> None:
    rows = [["batch_size", "a", "b", "c"], ["16", "1.00 ± 0.50", "2.00", "3.00 *"]]
    assert as_markdown(rows) == "| batch_size | a | b | c |\n|---|---|---|---|\n| 16 | 1.00 ± 0.50 | 2.00 | 3.00 * |"
    latex = as_latex(rows).split("\n")
    assert latex[0] == r"\begin{tabular}{lrrr}"
    assert latex[2] == r"batch\_size & a & b & c \\"
    assert latex[4] == r"16 & 1.00 $\pm$ 0.50 & 2.00 & 3.00 $\ast$ \\"


def test_main_reads_what_dvc_prints(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(shown(revision(7, 0.5)))))
    monkeypatch.setattr(sys, "argv", ["ner.reports.experiments", "mine", *KEYS, "--format", "markdown"])
    main()
    assert capsys.readouterr().out.split("\n")[2] == "| 7 | 50.00 | 25.00 | 90.00 * |"
