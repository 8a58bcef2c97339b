"""What goes wrong with storage, done to real servers: an error, nothing half-written, a second try that succeeds.

The rows of docs/faults.md come from here. The long ones wait for NER_DRILLS (`make drills`).
"""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from loopback import KINDS, Proxy, Remote, free_port, wait_for
from project import Clone, Done, closed, damage, doctor, md5, nothing_wrong, places, whole, without_rights

LONG = pytest.mark.skipif("NER_DRILLS" not in os.environ, reason="a long drill, for `make drills`")
Make = Callable[..., Clone]
Serve = Callable[[str], Remote]
Drill = Callable[..., None]
WHOLE = "exit 0, same bytes"


def quick(*kinds: str) -> list[object]:
    """All kinds, a folder the first, of which `make test` runs these."""
    return [kind if kind in kinds else pytest.param(kind, marks=LONG) for kind in KINDS]


# Damaged objects


@pytest.mark.parametrize("kind", quick("local"))
@pytest.mark.parametrize("how", ["truncated", "flipped", "missing"])
def test_pull_refuses_a_damaged_object(
    kind: str, how: str, project: Clone, stocked: Serve, clone: Make, drill: Drill
) -> None:
    """Doctor tells what DVC does not, and takes away what keeps `dvc push` from mending it."""
    remote = stocked(kind)
    victim = damage(remote.objects(), how)
    puller, owner = clone("b").use(remote), clone("a", with_cache=True).use(remote)
    try:
        pulled = puller.dvc("pull")
        assert pulled.status in (1, 255), pulled.said
        assert "models/tagger/model.weights.h5" not in puller.outputs()
        happened = nothing_wrong(puller, project)
        told = doctor(puller, "objects", *(["--deep"] if how == "flipped" else []))
        assert told.startswith("fail")
        assert f"{victim.parent.name}/{victim.name} is {'missing' if how == 'missing' else 'damaged'}" in told
        assert "Everything is up to date" in owner.well("push")
    finally:
        lists = [path for path in remote.objects() if path.suffix == ".dir" and victim.name in path.read_text()]
        if kind == "http":
            assert all(f"{path.parent.name}/{path.name}" in told for path in lists)
            for path in [*lists, victim]:
                path.unlink(missing_ok=True)
        else:
            doctor(puller, "mended", "--mend")
        assert not any(path.exists() for path in [*lists, victim])
        owner.well("push")
    puller.well("pull")
    whole(puller, project)
    drill(
        f"{how}-{kind}",
        happened=f"exit {pulled.status}; {happened}; `dvc push` says `Everything is up to date`",
        seen=pulled.last(places(puller, remote)),
        again=f"{'removed by hand' if kind == 'http' else '`python -m ner.doctor --mend`'}, `dvc push`: {WHOLE}",
        doctor=told,
    )


def test_pull_without_verify_takes_a_flipped_object_for_good(
    project: Clone, clone: Make, drill: Drill, tmp_path: Path
) -> None:
    """Why `make doctor` asks for `verify`: this is DVC's default."""
    remote = Remote("local", str(tmp_path / "store"), tmp_path / "store")
    owner = clone("a", with_cache=True).use(remote)
    owner.well("push")
    damage(remote.objects(), "flipped")
    puller = clone("b").use(remote, verify=False)
    pulled = puller.dvc("pull")
    assert pulled.status == 0
    assert puller.outputs().keys() == project.outputs().keys()
    assert puller.outputs() != project.outputs()
    told = doctor(puller, "verify")
    assert told.startswith("warn")
    doctor(owner, "mended", "--mend")
    owner.well("push")
    # the cache holds it under the right name, and DVC remembers the workspace's file by that name
    shutil.rmtree(puller.path / ".dvc/cache")
    shutil.rmtree(puller.path / "models/tagger")
    puller.use(remote).well("pull")
    whole(puller, project)
    drill(
        "unverified",
        happened="exit 0, and a wrong tagger in the workspace",
        seen=pulled.last(places(puller, remote)),
        again=f"`verify` set, mended as above, cache and output removed: {WHOLE}",
        doctor=told,
    )


# Wrong credentials, wrong addresses

WRONG = {
    "ssh": lambda remote: {"keyfile": remote.secret["keyfile"].replace("user_key", "other_key")},
    "webdavs": lambda _: {"password": "wrong"},
    "http": lambda _: {"password": "wrong"},
    "s3": lambda _: {"secret_access_key": "wrong"},
}


@pytest.mark.parametrize("kind", quick("webdavs", "s3")[1:])
def test_wrong_credentials_are_told_and_leave_nothing(
    kind: str, project: Clone, stocked: Serve, clone: Make, drill: Drill
) -> None:
    remote = stocked(kind)
    puller = clone("b").use(remote, **WRONG[kind](remote))
    pulled = puller.dvc("pull")
    assert pulled.status != 0, pulled.said
    assert puller.outputs() == {}
    told = doctor(puller)
    assert told.startswith("fail")
    assert "refuses the login" in told
    puller.use(remote).well("pull")
    whole(puller, project)
    drill(
        f"credentials-{kind}",
        happened=f"exit {pulled.status}; nothing in the workspace",
        seen=pulled.last(places(puller, remote)),
        again=f"right ones: {WHOLE}",
        doctor=told,
    )


def test_push_to_a_folder_without_rights(project: Clone, clone: Make, drill: Drill, tmp_path: Path) -> None:
    remote = Remote("local", str(tmp_path / "store"), tmp_path / "store")
    remote.folder.mkdir()
    owner = clone("a", with_cache=True).use(remote)
    owner.prefix = without_rights()
    with closed(remote.folder):
        pushed = owner.dvc("push")
        told = doctor(owner)
    assert pushed.status != 0
    assert "Permission denied" in pushed.said
    assert told.startswith("warn")
    assert "may not be used by this user" in told
    assert remote.objects() == []
    owner.well("push")
    puller = clone("b").use(remote)
    puller.well("pull")
    whole(puller, project)
    drill(
        "rights-local",
        happened=f"exit {pushed.status}; nothing stored",
        seen=pushed.last(places(owner, remote)),
        again=f"rights given: {WHOLE}",
        doctor=told,
    )


def misdirected(kind: str, remote: Remote) -> Remote:
    """A remote of which one thing is not as it must be."""
    if kind == "ssh":
        return remote.through(free_port())
    if kind == "webdavs":
        return Remote(kind, f"{remote.url}/deep/er", remote.folder, remote.port, remote.public, remote.secret)
    if kind == "s3":
        return Remote(kind, "s3://nobody/ner", remote.folder, remote.port, remote.public, remote.secret)
    return Remote(kind, remote.url, remote.folder, remote.port, {"auth": "basic"}, remote.secret)


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        pytest.param("down-ssh", "is not reached", marks=LONG),
        pytest.param("no-folder-webdavs", "no such folder", marks=LONG),
        pytest.param("no-bucket-s3", "no such bucket", marks=LONG),
        ("post-http", "would use POST"),
    ],
)
def test_push_to_a_wrong_address_is_explained(name: str, cause: str, own: Serve, clone: Make, drill: Drill) -> None:
    kind = name.rpartition("-")[2]
    remote = own(kind)
    owner = clone("a", with_cache=True).use(misdirected(kind, remote))
    pushed = owner.dvc("push")
    told = doctor(owner, "method" if kind == "http" else "reach")
    assert pushed.status != 0, pushed.said
    assert remote.objects() == []
    assert not told.startswith("ok")
    assert cause in told
    owner.use(remote).well("push")
    assert len(remote.objects()) == 9
    drill(
        name,
        happened=f"exit {pushed.status}; nothing stored",
        seen=pushed.last(places(owner, remote)),
        again="mended as `make doctor` says: exit 0",
        doctor=told,
    )


def test_pull_without_a_remote(project: Clone, clone: Make, stocked: Serve, drill: Drill) -> None:
    puller = clone("b")
    pulled = puller.dvc("pull")
    assert pulled.status == 1
    told = doctor(puller, "remote")
    assert told.startswith("warn")
    assert "dvc remote add -d team" in told
    puller.use(stocked("local")).well("pull")
    whole(puller, project)
    drill(
        "no-remote",
        happened="exit 1; nothing in the workspace",
        seen=pulled.last(places(puller)),
        again=f"remote set: {WHOLE}",
        doctor=told,
    )


# Half-way through a file


@contextmanager
def proxied(remote: Remote) -> Iterator[tuple[Remote, Proxy]]:
    proxy = Proxy(remote.port)
    try:
        yield remote.through(proxy.port), proxy
    finally:
        proxy.close()


def emptied(remote: Remote) -> None:
    for path in remote.folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


HALF = 10_000_000  # bytes of 27 million


@pytest.fixture
def own(server: Serve, tmp_path: Path) -> Serve:
    """A server's folder for this test alone: what others have stored there is put back in the end."""

    def take(kind: str) -> Remote:
        remote = server(kind)
        aside = tmp_path / "aside"
        aside.mkdir()
        remote.folder.mkdir(parents=True, exist_ok=True)  # which the first push makes, and this may be the first
        for path in remote.folder.iterdir():
            path.rename(aside / path.name)
        taken.append((remote, aside))
        return remote

    taken: list[tuple[Remote, Path]] = []
    yield take
    for remote, aside in taken:
        emptied(remote)
        for path in aside.iterdir():
            path.rename(remote.folder / path.name)


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
        told = doctor(one)
        assert told.startswith("fail")
        assert "is not reached" in told or "does not answer" in told
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
        doctor=told,
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
