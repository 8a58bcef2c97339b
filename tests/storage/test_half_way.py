"""A server that goes down, or a dvc that is killed, in the middle of a file: nothing half-written, and a second try."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from drills import LONG, WHOLE, Drill, Make, Serve, quick
from loopback import Proxy, Remote, wait_for
from project import Clone, Done, md5, nothing_wrong, places, whole


@contextmanager
def proxied(remote: Remote) -> Iterator[tuple[Remote, Proxy]]:
    proxy = Proxy(remote.port)
    try:
        yield remote.through(proxy.port), proxy
    finally:
        proxy.close()


HALF = 10_000_000  # bytes of 27 million


def told_half_way(action: str, clone_: Clone, remote: Remote, project: Clone) -> str:
    """That nothing wrong is there: in the storage behind a push, in clone and cache behind a pull."""
    if action == "push":
        wrong = [path for path in remote.objects() if path.parent.name + path.stem != md5(path)]
        named = [path for path in wrong if len(path.parent.name + path.stem) == 32 and not path.name.startswith(".")]
        assert named == []
        return "nothing wrong stored" + (", a temporary file left" if wrong else "")
    return nothing_wrong(clone_, project)


@pytest.mark.parametrize("kind", quick("ssh")[1:])
@pytest.mark.parametrize("action", ["push", pytest.param("pull", marks=LONG)])
def test_server_that_goes_down_half_way(
    action: str, kind: str, project: Clone, own: Serve, clone: Make, drill: Drill
) -> None:
    remote = own(kind)
    owner = clone("a", with_cache=True)
    if action == "pull":
        owner.use(remote).well("push")
    with proxied(remote) as (by_proxy, proxy):
        one = (owner if action == "push" else clone("b")).use(by_proxy)
        proxy.hold_behind(HALF)
        with one.started(action) as process:
            assert proxy.reached.wait(120), one.logged()
            proxy.hang_up()
            status = process.wait(180)
        assert status != 0
        happened = told_half_way(action, one, remote, project)
        proxy.restore()
        one.well(action)
    puller = one
    if action == "push":
        puller = clone("c").use(remote)
        puller.well("pull")
    whole(puller, project)
    drill(
        f"cut-{action}-{kind}",
        happened=f"exit {status}; {happened}",
        seen=Done(status, one.logged()).last(places(one, remote)),
        again=f"server up: {WHOLE}",
    )


@pytest.mark.parametrize("kind", quick("s3")[1:])
@pytest.mark.parametrize("action", [pytest.param("push", marks=LONG), "pull"])
def test_dvc_killed_half_way(action: str, kind: str, project: Clone, own: Serve, clone: Make, drill: Drill) -> None:
    remote = own(kind)
    owner = clone("a", with_cache=True)
    if action == "pull":
        owner.use(remote).well("push")
    with proxied(remote) as (by_proxy, proxy):
        one = (owner if action == "push" else clone("b")).use(by_proxy)
        proxy.hold_behind(HALF)
        with one.started(action) as process:
            assert proxy.reached.wait(120), one.logged()
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        happened = told_half_way(action, one, remote, project)
        proxy.restore()
        one.well(action)
    puller = one
    if action == "push":
        puller = clone("c").use(remote)
        puller.well("pull")
    whole(puller, project)
    drill(f"killed-{action}-{kind}", happened=happened, seen="Killed", again=WHOLE)


@pytest.mark.parametrize("action", ["push", "pull"])
def test_dvc_killed_half_way_with_a_folder(
    action: str, project: Clone, clone: Make, drill: Drill, tmp_path: Path
) -> None:
    """A copy is too fast to be caught; so it is stopped as soon as its first file is seen."""
    remote = Remote("local", str(tmp_path / "store"), tmp_path / "store")
    remote.folder.mkdir()
    owner = clone("a", with_cache=True).use(remote)
    if action == "pull":
        owner.well("push")
    one = owner if action == "push" else clone("b").use(remote)
    target = remote.folder if action == "push" else one.path / ".dvc/cache"
    with one.started(action) as process:
        wait_for(lambda: any(path.is_file() for path in target.rglob("files/md5/*/*")), "a file")
        process.send_signal(signal.SIGKILL)
        process.wait()
    happened = told_half_way(action, one, remote, project)
    one.well(action)
    puller = one
    if action == "push":
        puller = clone("c").use(remote)
        puller.well("pull")
    whole(puller, project)
    drill(f"killed-{action}-local", happened=happened, seen="Killed", again=WHOLE)


@LONG
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("action", ["push", "pull"])
def test_interrupted_half_way(action: str, project: Clone, own: Serve, clone: Make, drill: Drill) -> None:
    remote = own("s3")
    owner = clone("a", with_cache=True)
    if action == "pull":
        owner.use(remote).well("push")
    with proxied(remote) as (by_proxy, proxy):
        one = (owner if action == "push" else clone("b")).use(by_proxy)
        proxy.hold_behind(HALF)
        with one.started(action) as process:
            assert proxy.reached.wait(120), one.logged()
            os.killpg(process.pid, signal.SIGINT)
            proxy.restore()
            status = process.wait(120)
        assert status != 0
        happened = told_half_way(action, one, remote, project)
        one.well(action)
    puller = one
    if action == "push":
        puller = clone("c").use(remote)
        puller.well("pull")
    whole(puller, project)
    seen = Done(status, one.logged()).last(places(one, remote))
    drill(f"interrupted-{action}", happened=f"exit {status}; {happened}", seen=seen, again=WHOLE)
