"""Several dvc at once, of one user or of two, and one that is interrupted."""

import hashlib
import os
import signal
import subprocess
from pathlib import Path

import pytest
import yaml
from drills import AS_ROOT, LONG, Drill, Make
from loopback import wait_for
from project import Clone, Done, places

HELD = """\
stages:
  one:
    cmd: python hold.py one
    outs: [held/one]
  two:
    cmd: python hold.py two
    outs: [held/two]
"""
HOLD = """\
import sys, time
from pathlib import Path

Path(f"{sys.argv[1]}.started").touch()
while not Path("go").exists():
    time.sleep(0.02)
Path("held").mkdir(exist_ok=True)
Path("held", sys.argv[1]).write_text("made")
"""


@pytest.fixture
def held(clone: Make) -> Clone:
    """A clone with two stages that wait for a file `go`."""
    made = clone("a")
    (made.path / "dvc.yaml").write_text(HELD, encoding="utf-8")
    (made.path / "hold.py").write_text(HOLD, encoding="utf-8")
    (made.path / "dvc.lock").unlink()
    return made


@pytest.mark.parametrize("stage", ["one", pytest.param("two", marks=LONG)])
def test_two_repro_at_once(stage: str, held: Clone, drill: Drill) -> None:
    """The second is told to wait, and made to: of the same stage it finds all done, another one it makes then."""
    with held.started("repro", "-s", "one") as process:
        wait_for((held.path / "one.started").exists, "the first stage to start")
        second = held.dvc("repro", "-s", stage) if stage == "one" else None
        if second is None:
            with subprocess.Popen(
                held.command("repro", "-s", stage), cwd=held.path, env=held.variables(), stdout=subprocess.PIPE
            ) as other:
                wait_for((held.path / "two.started").exists, "the second stage to start")
                (held.path / "go").touch()
                assert other.wait(120) == 0
        (held.path / "go").touch()
        assert process.wait(120) == 0, held.logged()
    assert (held.path / "held" / stage).read_text(encoding="utf-8") == "made"
    lock = yaml.safe_load((held.path / "dvc.lock").read_text(encoding="utf-8"))
    assert set(lock["stages"]) == {"one", stage}
    assert "up to date" in held.well("repro", "-s", stage)
    if second is None:
        drill("two-other", happened="both run side by side, exit 0 each", seen="", again="up to date")
        return
    assert second.status != 0
    drill(
        "two-same",
        happened=f"the second: exit {second.status}; the first is not disturbed",
        seen=second.last(places(held)),
        again="exit 0, up to date",
    )


@pytest.mark.usefixtures("interruptible")
def test_repro_interrupted(held: Clone, drill: Drill) -> None:
    with held.started("repro", "-s", "one") as process:
        wait_for((held.path / "one.started").exists, "the stage to start")
        os.killpg(process.pid, signal.SIGINT)
        status = process.wait(120)
    assert status != 0
    assert not (held.path / "held").exists()
    assert not (held.path / "dvc.lock").exists()
    (held.path / "go").touch()
    held.well("repro", "-s", "one")
    assert (held.path / "held/one").read_text(encoding="utf-8") == "made"
    drill(
        "interrupted-repro",
        happened=f"exit {status}; no output, dvc.lock as before",
        seen=Done(status, held.logged()).last(places(held)),
        again="exit 0",
    )


# Two users of one cache

GROUP = 20_000


def as_user(number: int) -> tuple[str, ...]:
    """A user who may read all, since the environment may lie in root's home, and write what rights allow."""
    rights = ("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search")
    return ("setpriv", "--reuid", str(number), "--regid", str(GROUP), "--clear-groups", *rights)


def owned(clone: Clone, number: int, cache: Path) -> Clone:
    """The clone as that user's, with the common cache."""
    config = f"[cache]\n    dir = {cache}\n"
    (clone.path / ".dvc/config.local").write_text(config, encoding="utf-8")
    clone.prefix = as_user(number)
    clone.state = clone.path / ".dvc/tmp"  # the user's own place
    clone.state.mkdir(exist_ok=True)
    clone.environment = {"HOME": str(clone.path), "LOGNAME": f"user-{number}"}
    for key, value in (("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "safe.directory"), ("GIT_CONFIG_VALUE_0", "*")):
        clone.environment[key] = value
    for path in [clone.path, *clone.path.rglob("*")]:
        os.chown(path, number, GROUP, follow_symlinks=False)
    return clone


def beside(digest: str) -> str:
    """Some text whose checksum begins as that one does, so that its object goes into the same folder."""
    return next(text for text in map(str, range(10**6)) if hashlib.md5(text.encode()).hexdigest()[:2] == digest[:2])


@AS_ROOT
@pytest.mark.parametrize("shared", [True, pytest.param(False, marks=LONG)])
def test_cache_of_two_users(shared: bool, project: Clone, clone: Make, tmp_path: Path, drill: Drill) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    os.chown(cache, 0, GROUP)
    cache.chmod(0o2775)
    first, second = (owned(clone(name), number, cache) for name, number in (("a", 20_001), ("b", 20_002)))
    if shared:
        for one in (first, second):
            one.well("config", "--local", "cache.shared", "group")
    first.well("repro")
    second.well("checkout")
    assert second.outputs() == project.outputs()
    digest = project.outputs()["models/tagger/model.weights.h5"]
    (second.path / "mine.txt").write_text(beside(digest), encoding="utf-8")
    os.chown(second.path / "mine.txt", 20_002, GROUP)
    added = second.dvc("add", "mine.txt")
    if shared:
        assert added.status == 0, added.said
        (first.path / "mine.txt.dvc").write_bytes((second.path / "mine.txt.dvc").read_bytes())
        first.well("checkout", "mine.txt.dvc")
        assert (first.path / "mine.txt").read_text() == beside(digest)
        drill("shared-cache", happened="each uses what the other has made and adds to it", seen="", again="exit 0")
        return
    assert added.status != 0
    for one in (first, second):
        one.well("config", "--local", "cache.shared", "group")
    for path in cache.rglob("*"):
        if path.is_dir():
            path.chmod(0o2775)
    second.well("add", "mine.txt")
    drill(
        "unshared-cache",
        happened=f"the second user: exit {added.status}; nothing stored",
        seen=added.last({**places(second), str(cache): "<cache>"}),
        again="`dvc config --local cache.shared group` by both, `chmod -R g+rwXs`: exit 0",
    )
