"""Wrong credentials and wrong addresses: an error, nothing stored, and what DVC has to be told instead."""

from pathlib import Path

import pytest
from drills import LONG, WHOLE, Drill, Make, Serve, quick
from loopback import Remote, free_port
from project import Clone, closed, doctor, places, whole, without_rights

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
    assert "dvc remote modify --local team" in told
    puller.use(remote).well("pull")
    whole(puller, project)
    drill(
        f"credentials-{kind}",
        happened=f"exit {pulled.status}; nothing in the workspace",
        seen=pulled.last(places(puller, remote)),
        again=f"`dvc remote modify --local team ...` with the right ones: {WHOLE}",
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
    assert "cannot be written to" in told
    assert "right to write" in told
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
    ("name", "cause", "cure"),
    [
        pytest.param("down-ssh", "Connect call failed", "url ...", marks=LONG),
        pytest.param("no-folder-webdavs", "does not exist", "url ...", marks=LONG),
        pytest.param("no-bucket-s3", "does not exist", "url ...", marks=LONG),
        ("post-http", "cannot be written to", "method PUT"),
    ],
)
def test_push_to_a_wrong_address_is_explained(
    name: str, cause: str, cure: str, own: Serve, clone: Make, drill: Drill
) -> None:
    kind = name.rpartition("-")[2]
    remote = own(kind)
    owner = clone("a", with_cache=True).use(misdirected(kind, remote))
    pushed = owner.dvc("push")
    told = doctor(owner)
    assert pushed.status != 0, pushed.said
    assert remote.objects() == []
    assert not told.startswith("ok")
    assert cause in told
    assert f"dvc remote modify team {cure}" in told
    owner.use(remote).well("push")
    assert len(remote.objects()) == 9
    drill(
        name,
        happened=f"exit {pushed.status}; nothing stored",
        seen=pushed.last(places(owner, remote)),
        again=f"`dvc remote modify team {cure}`: exit 0",
    )


def test_pull_without_a_remote(project: Clone, clone: Make, stocked: Serve, drill: Drill) -> None:
    puller = clone("b")
    pulled = puller.dvc("pull")
    assert pulled.status == 1
    told = doctor(puller)
    assert told.startswith("warn")
    assert "dvc remote add -d team" in told
    puller.use(stocked("local")).well("pull")
    whole(puller, project)
    drill(
        "no-remote",
        happened="exit 1; nothing in the workspace",
        seen=pulled.last(places(puller)),
        again=f"`dvc remote add -d team ...`: {WHOLE}",
    )
