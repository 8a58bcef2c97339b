"""Versions of taggers: `artifacts:` of dvc.yaml, tags by gto, `dvc artifacts get` from another place."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from loopback import Remote
from project import ROOT, Clone, make_clone, md5

from ner.core.params import read_params

Make = Callable[..., Clone]
PAGE = (ROOT / "docs/storage.md").read_text(encoding="utf-8")
PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
ARTIFACTS = """
artifacts:
  tagger:
    path: models/tagger
    type: model
"""
IDENTITY = {"GIT_AUTHOR_NAME": "test", "GIT_AUTHOR_EMAIL": "test@example.org"}
IDENTITY |= {"GIT_COMMITTER_NAME": "test", "GIT_COMMITTER_EMAIL": "test@example.org"}


def gto(clone: Clone, *arguments: str) -> str:
    done = clone.run([str(Path(sys.executable).with_name("gto")), *arguments])
    assert done.status == 0, done.said
    return done.said


@pytest.fixture
def registered(project: Clone, tmp_path: Path) -> tuple[Clone, list[str]]:
    """A clone that has registered two versions of a tagger as the page says, and their checksums."""
    origin = tmp_path / "origin.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(project.path), str(origin)], check=True)
    bare = Clone(origin, tmp_path)
    owner = make_clone(bare, tmp_path / "owner")
    owner.environment |= IDENTITY
    remote = Remote("local", str(tmp_path / "store"), tmp_path / "store")
    owner.use(remote)
    (owner.path / "dvc.yaml").write_text((owner.path / "dvc.yaml").read_text() + ARTIFACTS, encoding="utf-8")
    versions = []
    for seed in (1, 2):
        script = (owner.path / "make.py").read_text().replace("Random(1)", f"Random({seed})")
        (owner.path / "make.py").write_text(script.replace("27000000", "27000"), encoding="utf-8")
        owner.well("repro", "-q", "--force")
        owner.well("push", "-q")
        owner.git("commit", "-qam", f"tagger {seed}")
        gto(owner, "register", "tagger")
        owner.git("push", "-q", "origin", "main", f"tagger@v0.0.{seed}")
        versions.append(md5(owner.path / "models/tagger/model.weights.h5"))
    return owner, versions


def test_artifacts_get_gives_the_version_that_was_asked_for(registered: tuple[Clone, list[str]]) -> None:
    owner, (first, second) = registered
    assert first != second
    shown = gto(owner, "show", "tagger")
    assert "v0.0.1" in shown
    assert "v0.0.2" in shown
    gto(owner, "assign", "tagger", "--version", "v0.0.1", "--stage", "prod")
    owner.git("push", "-q", "origin", "--tags")
    address = str(owner.path.parent / "origin.git")
    user = Clone(owner.path.parent / "user", owner.state)
    user.path.mkdir()
    for name, options, expected in (
        ("newest", (), second),
        ("first", ("--rev", "v0.0.1"), first),
        ("production", ("--stage", "prod"), first),
    ):
        user.well("artifacts", "get", address, "tagger", *options, "-o", name)
        assert md5(user.path / name / "model.weights.h5") == expected
    unknown = user.dvc("artifacts", "get", address, "tagger", "--rev", "v9.9.9", "-o", "none")
    assert unknown.status != 0
    assert "Unable to find artifact" in unknown.said
    assert not (user.path / "none").exists()


def test_page_has_the_commands_that_were_tried() -> None:
    block = next(text for text in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "gto register" in text)
    commands = [shlex.split(line, comments=True) for line in block.splitlines()]
    assert {(Path(command[0]).name, command[1]) for command in commands} == {
        ("gto", "register"),
        ("gto", "show"),
        ("gto", "assign"),
        ("git", "push"),
        ("dvc", "artifacts"),
    }
    named = {word.partition("@")[0] for command in commands for word in command if "-crf" in word}
    assert named <= PIPELINE["artifacts"].keys()


@pytest.mark.parametrize("name", PIPELINE["artifacts"])
def test_artifact_is_the_exported_tagger_of_a_run(name: str) -> None:
    runs = read_params(ROOT / "params.yaml")["runs"]
    entry = PIPELINE["artifacts"][name]
    folder, _, run = entry["path"].partition("/")
    assert folder == "taggers"
    assert run in runs
    assert entry["type"] == "model"
    assert entry["desc"]
