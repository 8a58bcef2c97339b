"""Stages of this project that are killed: nothing half-written, and a second run that succeeds."""

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from drills import LONG, WHOLE, Drill
from loopback import Proxy, wait_for
from project import ROOT, Clone


@pytest.fixture
def ours(tmp_path: Path) -> Clone:
    """The project's own files, as a fresh clone without results."""
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    path = tmp_path / "ours"
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists() and not name.startswith(("metrics/", "plots/", "tests/")):
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, path / name)
    (path / "dvc.lock").unlink(missing_ok=True)
    clone = Clone(path, tmp_path)
    clone.git("init", "-q")
    return clone


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@LONG
def test_download_killed_half_way(ours: Clone, tmp_path: Path, drill: Drill) -> None:
    served = tmp_path / "served"
    served.mkdir()
    content = b"Oslo B-LOC\n\n" * 2_000_000
    (served / "train.conll").write_bytes(content)
    web = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(served)))
    Thread(target=web.serve_forever, daemon=True).start()
    proxy = Proxy(web.server_port)
    params = yaml.safe_load((ours.path / "params.yaml").read_text(encoding="utf-8"))
    file = params["corpora"]["conll2003"]["files"]["train"]
    file |= {"sha256": hashlib.sha256(content).hexdigest(), "urls": [f"http://127.0.0.1:{proxy.port}/train.conll"]}
    params["corpora"]["conll2003"]["files"] = {"train": file}
    params["corpora"]["conll2003"]["split"] = {"seed": 1, "dev": 0.1, "test": 0.1}
    (ours.path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    raw = ours.path / "data/raw/conll2003"
    try:
        proxy.hold_behind(10_000_000)
        with ours.started("repro", "download@conll2003") as process:
            assert proxy.reached.wait(120), ours.logged()
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert not raw.exists()
        proxy.restore()
        ours.well("repro", "download@conll2003")
    finally:
        proxy.close()
        web.shutdown()
        web.server_close()
    (stored,) = raw.iterdir()
    assert stored.read_bytes() == content
    assert [path.name for path in raw.parent.iterdir() if "conll2003" in path.name] == ["conll2003"]
    drill("killed-download", happened="nothing in data/raw, what came is dropped", seen="Killed", again=WHOLE)


def cleared(path: Path) -> Iterator[Path]:
    return (one for one in path.rglob("*") if ".part" in one.name or ".old" in one.name)


def killed_behind_an_epoch(process: "subprocess.Popen[bytes]", ours: Clone, how: signal.Signals) -> None:
    """Does that to dvc and all that it has started, when there is something to go on from."""
    wait_for(lambda: list((ours.path / "resume").glob("demo-news@*/state.json")), "an epoch", 600)
    os.killpg(process.pid, how)
    assert not (ours.path / "models/demo-news").exists()


def kept(ours: Clone) -> None:
    """The tagger is whole, nothing lies beside it, and the cache has it."""
    assert not list(cleared(ours.path / "models"))
    made = {path.name: path.read_bytes() for path in (ours.path / "models/demo-news").rglob("*") if path.is_file()}
    assert "model.weights.h5" in made
    shutil.rmtree(ours.path / "models/demo-news")
    ours.well("checkout", "train@demo-news")
    assert made == {path.name: path.read_bytes() for path in (ours.path / "models/demo-news").rglob("*")}


@LONG
def test_dvc_and_training_killed(ours: Clone, drill: Drill) -> None:
    with ours.started("repro", "train@demo-news") as process:
        killed_behind_an_epoch(process, ours, signal.SIGKILL)
        process.wait()
    assert "resuming behind epoch" in ours.well("repro", "train@demo-news")
    kept(ours)
    drill(
        "killed-train",
        happened="no tagger; the epochs so far wait in resume/",
        seen="Killed",
        again="exit 0: `resuming behind epoch ...`, to the same bytes (tests/training/test_killed.py)",
    )


@LONG
def test_dvc_killed_while_its_training_goes_on(ours: Clone, drill: Drill) -> None:
    """That training is held for a while, so that the second one meets it."""
    with ours.started("repro", "train@demo-news") as process:
        killed_behind_an_epoch(process, ours, signal.SIGSTOP)
        process.kill()
        process.wait()
        try:
            second = ours.dvc("repro", "train@demo-news", seconds=400)
            os.killpg(process.pid, signal.SIGCONT)
            wait_for((ours.path / "models/demo-news").exists, "the training that was left alone", 600)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert second.status != 0, second.said
    wait_for(lambda: not list((ours.path / "resume").glob("demo-news@*")), "its end")
    ours.well("repro", "train@demo-news")
    kept(ours)
    error = next(line for line in second.said.splitlines() if line.startswith("error: "))
    drill(
        "killed-dvc",
        happened="the training goes on and writes its tagger, unknown to dvc.lock; the second does not start",
        seen=error,
        again="after its end: exit 0, trained anew",
    )
