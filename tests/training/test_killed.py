"""The stage `train`, killed by a signal, leaves no half-written tagger, and gives the same bytes when run again."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
NAME = "demo-news"


def stage(at: Path, name: str, **environment: str) -> str:
    """Run a stage to its end, and return what it printed."""
    command = [sys.executable, "-m", f"stages.{name}", NAME]
    done = subprocess.run(command, cwd=at, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def made(at: Path) -> dict[str, bytes]:
    """Read the files of the tagger and of its learning curve."""
    found = [path for top in ("models", "plots") for path in sorted((at / top / NAME).rglob("*")) if path.is_file()]
    return {path.relative_to(at).as_posix(): path.read_bytes() for path in found}


def kill_behind_an_epoch(at: Path) -> None:
    """Start training, and kill it once a state is saved."""
    with subprocess.Popen([sys.executable, "-m", "stages.train", NAME], cwd=at, stdout=subprocess.DEVNULL) as process:
        while not list((at / "resume").glob(f"{NAME}@*/state.json")):
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project without results. It has fewer epochs, since the scores do not matter here."""
    shutil.copyfile(ROOT / "dvc.yaml", tmp_path / "dvc.yaml")
    for folder in ("ner", "stages", "samples"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["training"]["demo"] |= {"epochs": 5, "patience": 5}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    (tmp_path / "data/embeddings/none").mkdir(parents=True)
    for name in ("download", "preprocess"):
        stage(tmp_path, name)
    return tmp_path


@pytest.mark.slow
def test_train_killed_and_run_again_gives_the_same_bytes(project: Path) -> None:
    """The undisturbed training runs with DVCLive, which must not change the bytes either."""
    stage(project, "train", NER_DVCLIVE="1")
    undisturbed = made(project)
    assert f"models/{NAME}/model.weights.h5" in undisturbed
    (live,) = (project / "dvclive" / NAME).rglob("dev_entity_f1.tsv")
    assert len(live.read_text(encoding="utf-8").splitlines()) == 1 + 5
    for top in ("models", "plots"):
        shutil.rmtree(project / top / NAME)

    kill_behind_an_epoch(project)
    assert made(project) == {}
    assert not list((project / "models").iterdir())
    printed = stage(project, "train")
    assert "resuming behind epoch " in printed
    assert made(project) == undisturbed
    assert [path.name for path in (project / "resume").iterdir()] == [f"{NAME}.lock"]
