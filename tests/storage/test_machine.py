"""What goes wrong on this machine: disks that are full, rights, clocks."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from drills import AS_ROOT, LONG, WHOLE, Drill, Make, Serve
from loopback import Remote
from project import Clone, closed, make_clone, nothing_wrong, places, whole, without_rights

FAKETIME = shutil.which("faketime")
CLOCK = pytest.mark.skipif(FAKETIME is None, reason="Debian's faketime is not installed")


def test_read_only_cache(project: Clone, clone: Make, drill: Drill) -> None:
    one = clone("a", with_cache=True)
    one.prefix = without_rights()
    one.well("checkout")
    (one.path / "make.py").write_text((one.path / "make.py").read_text().replace("Random(1)", "Random(2)"))
    with closed(one.path / ".dvc/cache"):
        made = one.dvc("repro")
    assert made.status != 0
    assert "Permission denied" in made.said
    assert one.broken() == []
    one.well("repro", "-f")
    assert one.broken() == []
    assert one.outputs().keys() == project.outputs().keys()
    drill(
        "read-only-cache",
        happened=f"exit {made.status}; nothing wrong stored",
        seen=made.last(places(one)),
        again="rights given: exit 0",
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
        # DVC's pull does not name the cause, and its repro ends with 0
        assert (ended.status != 0) == (action == "pull"), ended.said
        assert ("No space left" in ended.said) == (action == "repro"), ended.said
        happened = nothing_wrong(one, project)
        resize(120_000_000)
        if action == "repro":
            assert len(one.cached()) < len(project.cached())
            one.well("commit", "--force")
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
    one.prefix = ()
    assert "up to date" in one.well("status")
    drill(
        "clock-back",
        happened="the edit is seen, the stage runs",
        seen="",
        again="clock right again: up to date",
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
    if kind == "webdavs":
        assert pulled.status != 0
        assert "certificate" in pulled.said
    happened = nothing_wrong(one, project) if pulled.status else WHOLE
    one.prefix = ()
    one.well("pull")
    whole(one, project)
    drill(
        f"clock-{kind}",
        happened=f"exit {pulled.status}; {happened}" if pulled.status else happened,
        seen=pulled.last(places(one)) if pulled.status else "",
        again=f"clock right: {WHOLE}",
    )
