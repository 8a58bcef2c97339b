"""Prove that changed code still makes the same bytes, and keep the committed results: `make unchanged`.

The demo, and a miniature training of every architecture, are run anew in a clone of the working tree. If their
checksums are those in dvc.lock and tests/data/miniatures.json, dvc.lock gets the checksums of the code and parameters
as they are now, and keeps its outputs, whether these are on this machine or not. Otherwise dvc.lock stays as it is, and
the stages that differ are named.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from dvc.repo import Repo

from ner.core.errors import NerError

DEMO = ("demo", "export@demo-news", "export-finetuned@demo-bio", "export@demo-arabic")
LOCK = Path("dvc.lock")


class ResultsDiffer(NerError):
    """An output in the workspace has another checksum than in dvc.lock."""


def outputs(lock: Path) -> dict[str, dict[str, str]]:
    """Read a dvc.lock: for each stage, the MD5 of each output by path."""
    stages: dict[str, Any] = yaml.safe_load(lock.read_text(encoding="utf-8"))["stages"]
    return {name: {out["path"]: out["md5"] for out in stage.get("outs", [])} for name, stage in stages.items()}


def clone_of_this(to: Path) -> None:
    """Copy the working tree, without the files that git ignores, to a new git repository at `to`."""
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard", "-z"], text=True)
    for name in filter(None, listed.split("\0")):
        if Path(name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(name, to / name)
    subprocess.run(["git", "init", "-q"], cwd=to, check=True)


def made_anew(clone: Path) -> None:
    """Run the demo and the miniatures in the clone, with the Python environment of this program."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    repro = [sys.executable, "-m", "dvc", "repro", "--force", "--no-run-cache", *DEMO]
    miniatures = [sys.executable, "-m", "tests.train_miniatures", str(clone / "miniatures")]
    (clone / "miniatures").mkdir()
    for command in (repro, miniatures):
        subprocess.run(command, cwd=clone, env=environment, check=True)


def differences(clone: Path) -> list[str]:
    """List the stages and miniatures whose bytes in the clone differ from the committed ones."""
    committed = outputs(LOCK)
    stages = [name for name, made in outputs(clone / LOCK).items() if made != committed.get(name)]
    texts = (Path("tests/data/miniatures.json"), clone / "miniatures/checksums.json")
    expected, made = (json.loads(path.read_text(encoding="utf-8")) for path in texts)
    return [*stages, *(f"miniature {name}" for name, checksum in expected.items() if made.get(name) != checksum)]


def take_over(repo: Repo) -> int:
    """Write the current checksums of code and parameters to dvc.lock; return the number of its stages.

    Raises:
        ResultsDiffer: an output in the workspace differs from dvc.lock; nothing is written.
    """
    changed = [str(out) for stage in repo.index.stages for out in stage.outs if out.exists and out.changed_checksum()]
    if changed:
        raise ResultsDiffer(f"expected the outputs of dvc.lock. Received others: {', '.join(changed)}")
    return len(repo.commit(force=True, allow_missing=True))


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        clone = Path(directory)
        clone_of_this(clone)
        made_anew(clone)
        differing = differences(clone)
    if differing:
        sys.exit(f"error: expected the committed bytes. Received others from: {', '.join(differing)}")
    try:
        print(f"unchanged: dvc.lock has the code and parameters as they are now, {take_over(Repo())} stages")
    except ResultsDiffer as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
