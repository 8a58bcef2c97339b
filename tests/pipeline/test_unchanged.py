"""Committed results are taken over if nothing differs, and only then."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from dvc.repo import Repo

from ner.pipeline.unchanged import ResultsDiffer, differences, outputs, take_over

LOCK = """\
schema: '2.0'
stages:
  one:
    cmd: make
    deps:
    - {path: code, hash: md5, md5: aa, size: 1}
    outs:
    - {path: made, hash: md5, md5: bb, size: 1}
  idle:
    cmd: look
"""
PIPELINE = "stages:\n  one:\n    cmd: cp code/text made\n    deps: [code]\n    outs: [made]\n"


def dvc(at: Path, *arguments: str) -> str:
    return subprocess.check_output([sys.executable, "-m", "dvc", *arguments], cwd=at, text=True)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stage that has run; then its code has changed, so that DVC would run it again."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    dvc(tmp_path, "init", "-q")
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "code").mkdir()
    (tmp_path / "code/text").write_text("result")
    dvc(tmp_path, "repro", "-q")
    (tmp_path / "code/comment").write_text("why")
    assert "one" in json.loads(dvc(tmp_path, "status", "--json"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_outputs_are_checksums_by_stage_and_path(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(LOCK)
    assert outputs(tmp_path / "dvc.lock") == {"one": {"made": "bb"}, "idle": {}}


@pytest.mark.parametrize(
    ("md5", "checksum", "expected"),
    [("bb", "1", []), ("cc", "1", ["one"]), ("bb", "2", ["miniature crf"]), ("cc", "2", ["one", "miniature crf"])],
)
def test_differences_name_stages_and_miniatures(
    md5: str, checksum: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "clone"
    for folder in (clone / "miniatures", tmp_path / "tests/data"):
        folder.mkdir(parents=True)
    (tmp_path / "dvc.lock").write_text(LOCK)
    (clone / "dvc.lock").write_text(LOCK.replace("bb", md5).replace("aa", "ff"))
    (tmp_path / "tests/data/miniatures.json").write_text('{"crf": "1"}')
    (clone / "miniatures/checksums.json").write_text(json.dumps({"crf": checksum}))
    monkeypatch.chdir(tmp_path)
    assert differences(clone) == expected


@pytest.mark.parametrize("present", [True, False])
def test_results_are_taken_over_whether_they_are_here_or_not(present: bool, project: Path) -> None:
    before = outputs(project / "dvc.lock")
    if not present:
        (project / "made").unlink()
    assert take_over(Repo()) == 1
    assert outputs(project / "dvc.lock") == before
    assert "Running stage" not in dvc(project, "repro", "--dry", "--allow-missing")


def test_another_output_in_the_workspace_is_refused_and_nothing_is_written(project: Path) -> None:
    (project / "made").write_text("else")
    lock = (project / "dvc.lock").read_text()
    with pytest.raises(ResultsDiffer, match="Received others: made"):
        take_over(Repo())
    assert (project / "dvc.lock").read_text() == lock
