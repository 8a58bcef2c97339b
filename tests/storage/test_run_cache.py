"""What need not be made again: parameters back and forth, older commits, and what git alone knows."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from project import ROOT, Clone, make_clone, md5

LONG = pytest.mark.skipif("NER_DRILLS" not in os.environ, reason="trains, for `make drills`")
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
SAMPLES = tuple(PARAMS["corpora"][name]["files"]["train"] for name in ("demo-bio", "demo-news"))
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


@pytest.fixture
def ours(tmp_path: Path) -> Clone:
    """The project's own files, committed without results."""
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    path = tmp_path / "ours"
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists() and not name.startswith(("metrics/", "plots/", "tests/", "dvc.lock")):
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, path / name)
    clone = Clone(path, tmp_path)
    clone.git("init", "-q", "-b", "main")
    clone.git("add", "-A")
    clone.git("commit", "-qm", "project")
    return clone


def set_param(clone: Clone, keys: list[str], value: Any) -> None:
    path = clone.path / "params.yaml"
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    section = params
    for key in keys[:-1]:
        section = section[key]
    section[keys[-1]] = value
    path.write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def checksums(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): md5(path) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("stage", "keys", "values", "made"),
    [
        ("download@demo-news", "corpora.demo-news.files.train", SAMPLES, "data/raw/demo-news"),
        pytest.param("evaluate@demo-news", "training.demo.epochs", (2, 3), "models/demo-news", marks=LONG, id="model"),
    ],
)
def test_back_to_an_old_value_runs_nothing(
    stage: str, keys: str, values: tuple[Any, Any], made: str, ours: Clone
) -> None:
    """Nor does an older commit; and a clone of it all, without cache and storage, still tells what has changed."""
    if stage.startswith("download@"):  # which depends on no other; DVC takes seconds a command to look through all
        pipeline = yaml.safe_load((ours.path / "dvc.yaml").read_text(encoding="utf-8"))
        alone = {"stages": {"download": pipeline["stages"]["download"]}}
        (ours.path / "dvc.yaml").write_text(yaml.safe_dump(alone, sort_keys=False), encoding="utf-8")
    outputs = []
    set_param(ours, ["training", "demo", "patience"], 2)
    for value in values:
        set_param(ours, keys.split("."), value)
        assert f"Running stage '{stage}'" in ours.well("repro", stage)
        ours.git("add", "-A")
        ours.git("commit", "-qm", f"{value}")
        outputs.append(checksums(ours.path / made))
    assert outputs[0] != outputs[1]

    set_param(ours, keys.split("."), values[0])
    said = ours.well("repro", stage)
    # `preprocess` runs its few seconds anew (see below), to the same bytes
    assert set(re.findall(r"Running stage '([^']*)'", said)) <= {"preprocess@demo-news"}
    assert f"Stage '{stage}' is cached - skipping run" in said
    assert checksums(ours.path / made) == outputs[0]
    ours.git("checkout", "-qf", "main")
    ours.well("checkout", "--force", made)
    assert checksums(ours.path / made) == outputs[1]
    ours.git("checkout", "-q", "main~1")
    ours.well("checkout", made)
    assert checksums(ours.path / made) == outputs[0]
    ours.git("checkout", "-q", "main")

    fresh = make_clone(ours, ours.path.parent / "fresh")
    assert not (fresh.path / ".dvc/cache").exists()
    params = json.loads(fresh.well("params", "diff", "HEAD~1", "--json"))["params.yaml"]
    if stage.startswith("download@"):
        assert [key for key in params if key.startswith(keys)]
        return
    assert params[keys] == {"old": 2, "new": 3}
    changed = json.loads(fresh.well("metrics", "diff", "HEAD~1", "--json"))
    assert (
        changed["metrics/demo-news.json"]["entity_f1"]["old"] != changed["metrics/demo-news.json"]["entity_f1"]["new"]
    )


def test_committed_history_is_told_without_a_remote(ours: Clone) -> None:
    """Of the scores that this repository holds, one changed: all the others are left out."""
    shutil.copytree(ROOT / "metrics", ours.path / "metrics")
    shutil.copyfile(ROOT / "dvc.lock", ours.path / "dvc.lock")
    ours.git("add", "-A")
    ours.git("commit", "-qm", "scores")
    path = ours.path / "metrics/demo-news.json"
    scores = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(scores | {"entity_f1": 0.5}), encoding="utf-8")
    changed = json.loads(ours.well("metrics", "diff", "--json"))
    assert changed == {"metrics/demo-news.json": {"entity_f1": changed["metrics/demo-news.json"]["entity_f1"]}}
    entry = changed["metrics/demo-news.json"]["entity_f1"]
    assert entry["old"] == pytest.approx(scores["entity_f1"])
    assert entry["new"] == 0.5


@pytest.mark.parametrize("stage", ["download", "download-embeddings", "train", "predict", "evaluate"])
def test_stage_lets_the_run_cache_work(stage: str) -> None:
    """DVC keeps no runs of a stage with an entry of `outs` that is not cached or persists, or that always runs.

    The others have such an entry: a JSON file that is in git and no metrics, which would fill `dvc metrics show`.
    """
    entry = STAGES[stage].get("do", STAGES[stage])
    assert not entry.get("always_changed", False)
    assert not [out for out in entry["outs"] if isinstance(out, dict)]
