"""What goes wrong on this machine: disks that are full, rights, clocks, two at once, processes that are killed.

As in test_faults.py: an error, nothing half-written, a second try that succeeds; rows for docs/faults.md.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import yaml
from loopback import Proxy, Remote, wait_for
from project import (
    ROOT,
    Clone,
    Done,
    closed,
    diagnosis,
    doctor,
    make_clone,
    nothing_wrong,
    places,
    whole,
    without_rights,
)

from tests.file_server import serving

LONG = pytest.mark.skipif("NER_DRILLS" not in os.environ, reason="a long drill, for `make drills`")
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk or be two users")
FAKETIME = shutil.which("faketime")
CLOCK = pytest.mark.skipif(FAKETIME is None, reason="Debian's faketime is not installed")
Make = Callable[..., Clone]
Serve = Callable[[str], Remote]
Drill = Callable[..., None]
WHOLE = "exit 0, same bytes"

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
        told = doctor(held, "lock")
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
    assert "works here now" in told
    assert "up to date" in held.well("repro", "-s", stage)
    if second is None:
        drill("two-other", happened="both run side by side, exit 0 each", seen="", again="up to date", doctor=told)
        return
    assert second.status != 0
    drill(
        "two-same",
        happened=f"the second: exit {second.status}; the first is not disturbed",
        seen=second.last(places(held)),
        again="exit 0, up to date",
        doctor=told,
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


def test_read_only_cache(project: Clone, clone: Make, drill: Drill) -> None:
    one = clone("a", with_cache=True)
    one.prefix = without_rights()
    one.well("checkout")
    (one.path / "make.py").write_text((one.path / "make.py").read_text().replace("Random(1)", "Random(2)"))
    with closed(one.path / ".dvc/cache"):
        made = one.dvc("repro")
        told = doctor(one, "cache")
    assert made.status != 0
    assert "Permission denied" in made.said
    assert told.startswith("fail")
    assert one.broken() == []
    one.well("repro", "-f")
    assert one.broken() == []
    assert one.outputs().keys() == project.outputs().keys()
    drill(
        "read-only-cache",
        happened=f"exit {made.status}; nothing wrong stored",
        seen=made.last(places(one)),
        again="rights given: exit 0",
        doctor=told,
    )


# Disks


@contextmanager
def disk(at: Path, size: int) -> Iterator[Callable[[int], None]]:
    """A disk of so many bytes; gives a function that changes how many."""
    at.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at)], check=True)
    try:
        yield lambda more: subprocess.run(["mount", "-o", f"remount,size={more}", str(at)], check=True) and None
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


@AS_ROOT
@pytest.mark.parametrize("action", ["pull", pytest.param("repro", marks=LONG)])
def test_disk_full_in_the_clone(action: str, project: Clone, stocked: Serve, tmp_path: Path, drill: Drill) -> None:
    """It holds the tagger once, and not in workspace and cache."""
    with disk(tmp_path / "disk", 40_000_000) as resize:
        one = make_clone(project, tmp_path / "disk/a").use(stocked("local"))
        one.state = tmp_path
        one.environment["DVC_SITE_CACHE_DIR"] = str(tmp_path / "site")
        ended = one.dvc(action)
        # DVC's pull does not name the cause, and its repro ends with 0: doctor has to
        assert (ended.status != 0) == (action == "pull"), ended.said
        assert ("No space left" in ended.said) == (action == "repro"), ended.said
        happened = nothing_wrong(one, project)
        told = diagnosis(one)
        assert told["disk"].startswith("fail")
        resize(120_000_000)
        if action == "repro":
            assert told["kept"].startswith("warn")
            assert "models/tagger" in told["kept"]
            one.well("commit", "--force")
            assert diagnosis(one)["kept"].startswith("ok")
            shutil.rmtree(one.path / "models")
            one.well("checkout")
        else:
            one.well(action)
        whole(one, project)
    drill(
        f"full-{action}",
        happened=f"exit {ended.status}; {happened}" + ("; not in the cache" if action == "repro" else ""),
        seen=ended.last(places(one)),
        again=f"room made, {'`dvc commit --force`' if action == 'repro' else 'again'}: {WHOLE}",
        doctor=told["kept" if action == "repro" else "disk"],
    )


@AS_ROOT
def test_disk_full_in_the_storage(project: Clone, clone: Make, tmp_path: Path, drill: Drill) -> None:
    with disk(tmp_path / "disk", 10_000_000) as resize:
        remote = Remote("local", str(tmp_path / "disk/store"), tmp_path / "disk/store")
        owner = clone("a", with_cache=True).use(remote)
        pushed = owner.dvc("push")
        assert pushed.status != 0
        assert "No space left" in pushed.said
        assert all(path.stat().st_size < 1000 for path in remote.objects() if not path.name.startswith("."))
        resize(60_000_000)
        owner.well("push")
        puller = clone("b").use(remote)
        puller.well("pull")
        whole(puller, project)
    drill(
        "full-push",
        happened=f"exit {pushed.status}; the small objects stored, not the large one",
        seen=pushed.last(places(owner, remote)),
        again=f"room made: {WHOLE}",
    )


# Two users

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
    told = doctor(second, "cache")
    assert added.status != 0
    assert told.startswith("fail")
    assert "cache.shared group" in told
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
        again="`cache.shared group`, rights given: exit 0",
        doctor=told,
    )


# Clocks


def at_time(offset: str) -> tuple[str, ...]:
    return ("env", "FAKETIME_DONT_FAKE_MONOTONIC=1", str(FAKETIME), "-f", offset)


@CLOCK
def test_clock_set_back_before_an_edit(clone: Make, drill: Drill) -> None:
    """The edit leaves the size as it is, and the file's time goes back: what was made of the old one is not kept."""
    one = clone("a", with_cache=True)
    one.well("checkout")
    one.prefix = at_time("-365d")
    script = one.path / "make.py"
    script.write_text(script.read_text().replace("Random(1)", "Random(2)"))
    os.utime(script, (time.time() - 365 * 86400,) * 2)
    said = one.well("repro")
    assert "Running stage 'preprocess'" in said
    told = doctor(one, "clock")
    assert told.startswith("warn")
    one.prefix = ()
    assert "up to date" in one.well("status")
    drill(
        "clock-back",
        happened="the edit is seen, the stage runs",
        seen="",
        again="clock right again: up to date",
        doctor=told,
    )


@CLOCK
@LONG
@pytest.mark.parametrize(("kind", "offset"), [("s3", "+1d"), ("webdavs", "+365d")])
def test_clock_ahead_of_the_storage(
    kind: str, offset: str, project: Clone, stocked: Serve, clone: Make, drill: Drill
) -> None:
    one = clone("a").use(stocked(kind))
    one.prefix = at_time(offset)
    pulled = one.dvc("pull")
    told = doctor(one)
    if kind == "webdavs":
        assert pulled.status != 0
        assert "certificate" in told
    happened = nothing_wrong(one, project) if pulled.status else WHOLE
    one.prefix = ()
    one.well("pull")
    whole(one, project)
    drill(
        f"clock-{kind}",
        happened=f"exit {pulled.status}; {happened}" if pulled.status else happened,
        seen=pulled.last(places(one)) if pulled.status else "",
        again=f"clock right: {WHOLE}",
        doctor=told if pulled.status else "",
    )


# The stages of this project


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


@LONG
def test_download_killed_half_way(ours: Clone, tmp_path: Path, drill: Drill) -> None:
    content = b"Oslo B-LOC\n\n" * 2_000_000
    with serving(tmp_path / "served") as port, closing(Proxy(port)) as proxy:
        (tmp_path / "served/train.conll").write_bytes(content)
        params = yaml.safe_load((ours.path / "params.yaml").read_text(encoding="utf-8"))
        file = params["corpora"]["conll2003"]["files"]["train"]
        file |= {"sha256": hashlib.sha256(content).hexdigest(), "urls": [f"http://127.0.0.1:{proxy.port}/train.conll"]}
        params["corpora"]["conll2003"]["files"] = {"train": file}
        params["corpora"]["conll2003"]["split"] = {"seed": 1, "dev": 0.1, "test": 0.1}
        (ours.path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
        raw = ours.path / "data/raw/conll2003"
        proxy.hold_behind(10_000_000)
        with ours.started("repro", "download@conll2003") as process:
            assert proxy.reached.wait(120), ours.logged()
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert not raw.exists()
        proxy.restore()
        ours.well("repro", "download@conll2003")
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
