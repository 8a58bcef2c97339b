"""Runs trained with several seeds, told by mean and deviation."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ner.reports.seeds import row, scores_of, seed_keys

ROOT = Path(__file__).parents[2]
CONTENT: dict[str, Any] = {
    "networks": {"small": {}},
    "training": {"short": {"seed": 1}, "long": {"seed": 1}},
    "distill": {"student": {"training": {"seed": 1}}},
    "runs": {"first": {"corpus": "news", "network": "small", "training": "long"}},
    "finetune": {
        "taught": {"corpus": "news", "network": "small", "training": "short", "base": "student", "transfer": {}},
        "tuned": {"corpus": "news", "network": "small", "training": "short", "base": "first", "transfer": {}},
    },
}


def revision(f1: float | None, **seeds: int) -> dict[str, Any]:
    """An experiment with other seeds of the training `short`, or of the student."""
    content = copy.deepcopy(CONTENT)
    content["training"]["short"]["seed"] = seeds.get("short", 1)
    content["distill"]["student"]["training"]["seed"] = seeds.get("student", 1)
    scores = {} if f1 is None else {"entity_f1": f1, "conlleval_f1": f1, "token_accuracy": f1}
    data = {"params": {"params.yaml": {"data": content}}, "metrics": {"metrics/taught.json": {"data": scores}}}
    return {"data": data}


@pytest.mark.parametrize(
    ("run", "keys"),
    [
        ("first", ["training.long.seed"]),
        ("taught", ["training.short.seed", "distill.student.training.seed"]),
        ("tuned", ["training.short.seed", "training.long.seed"]),
    ],
)
def test_seeds_of_a_run_are_its_own_and_those_of_what_it_starts_from(run: str, keys: list[str]) -> None:
    assert seed_keys(CONTENT, run) == keys


def test_scores_are_those_of_experiments_with_one_seed_and_of_the_workspace() -> None:
    experiments = [revision(0.7, short=2, student=2), revision(0.1, short=3), {"data": None}, revision(None, short=4)]
    shown = [{**revision(0.5), "experiments": None}, {"experiments": [{"revs": [one]} for one in experiments]}]
    assert scores_of(shown, "taught") == {1: 0.5, 2: 0.7}  # the student of the second experiment has another seed


def test_row_has_mean_and_sample_deviation() -> None:
    assert row({2: 0.9, 1: 0.8}) == {"seeds": [1, 2], "entity_f1": [0.8, 0.9], "mean": 0.85, "deviation": 0.07071}


@pytest.mark.slow
def test_demo_is_trained_with_another_seed(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    (clone / ".venv").symlink_to(Path(sys.executable).parents[1])
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *identity, "commit", "--quiet", "--allow-empty", "-m", "one"], cwd=clone, check=True)
    command = [sys.executable, "-m", "ner.reports.seeds", "demo-news", "--seeds", "1", "2"]
    for _ in range(2):  # the second time, the experiment is there
        done = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        made = json.loads((clone / "metrics/seeds.json").read_text(encoding="utf-8"))["demo-news"]
        assert made["seeds"] == [1, 2]
        committed = json.loads((ROOT / "metrics/demo-news.json").read_text(encoding="utf-8"))["entity_f1"]
        assert made["entity_f1"][0] == committed != made["entity_f1"][1]
    assert "Queued" not in done.stdout
    status = subprocess.check_output(["git", "status", "--porcelain"], cwd=clone, text=True).split("\n")
    assert [line for line in status if line and "metrics/seeds.json" not in line] == []
