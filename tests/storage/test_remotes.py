"""Every kind of storage that docs/storage.md names, at real servers: pushed from one clone, pulled in a fresh one."""

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback import KINDS, Remote
from project import ROOT, Clone, doctor, whole

Make = Callable[..., Clone]
Serve = Callable[[str], Remote]
PAGE = (ROOT / "docs/storage.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_pull_gives_what_was_pushed(kind: str, project: Clone, server: Serve, clone: Make) -> None:
    """All objects, a model of 27 MB among them; and doctor has nothing against it, and leaves nothing but by HTTP."""
    remote = server(kind)
    owner = clone("a", with_cache=True).use(remote)
    before = {path for path in remote.folder.rglob("*") if path.is_file()}
    owner.well("push")
    puller = clone("b").use(remote)
    puller.well("pull")
    whole(puller, project)
    assert len(puller.cached()) == len(remote.objects()) == 9
    assert doctor(puller).startswith("ok")
    left = {path for path in remote.folder.rglob("*") if path.is_file()} - set(remote.objects()) - before
    assert {path.name for path in left} <= ({".ner-doctor"} if kind == "http" else set())


def test_pull_of_one_output_leaves_the_others(project: Clone, stocked: Serve, clone: Make) -> None:
    puller = clone("b").use(stocked("local"))
    puller.well("pull", "models/tagger")
    assert puller.outputs().keys() == {path for path in project.outputs() if path.startswith("models/")}


def test_pull_allow_missing_takes_what_was_pushed(project: Clone, clone: Make, tmp_path: Path) -> None:
    remote = Remote("local", str(tmp_path / "store"), tmp_path / "store")
    clone("a", with_cache=True).use(remote).well("push", "preprocess")
    puller = clone("b").use(remote)
    assert puller.dvc("pull").status == 1
    puller.well("pull", "--allow-missing")
    assert puller.outputs().keys() == {path for path in project.outputs() if path.startswith("data/")}


def test_commands_of_the_page_set_a_remote_up(clone: Make) -> None:
    """As they stand there, with values in the place of dots; secrets end where git does not look."""
    one = clone("a")
    block = next(text for text in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "remote add" in text)
    commands = [shlex.split(line, comments=True) for line in block.splitlines() if line.startswith("dvc ")]
    assert len(commands) == 4
    for _, *arguments in commands:
        one.well(*[argument.replace("...", "hush") for argument in arguments])
    config = (one.path / ".dvc/config").read_text(encoding="utf-8")
    assert "url = s3://bucket/ner" in config
    assert "verify = true" in config
    assert "hush" not in config
    assert (one.path / ".dvc/config.local").read_text(encoding="utf-8").count("hush") == 2
    assert one.git("status", "--short").split() == ["M", ".dvc/config"]


def test_page_names_the_settings_that_the_servers_here_need(server: Serve) -> None:
    """Were a setting not on the page, the round trips above would still pass."""
    rows = {row.split("|")[2].strip(): row for row in PAGE.splitlines() if row.startswith("| ") and "://" in row}
    for kind in KINDS:
        if kind == "local":
            continue
        remote = server(kind)
        row = next(text for address, text in rows.items() if kind.removesuffix("s") in address.partition(":")[0])
        for setting in {**remote.public, **remote.secret}:
            assert f"`{setting} " in row, (kind, setting)


@pytest.mark.parametrize("extra", ["s3", "ssh", "webdav"])
def test_extras_of_the_page_are_locked(extra: str) -> None:
    assert f"`dvc[{extra}]`" in PAGE
    assert f"dvc-{extra}==" in (ROOT / "requirements/storage.txt").read_text(encoding="utf-8")


def test_no_server_listens_to_the_outside(server: Serve) -> None:
    """Their sockets, as Linux lists them."""
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("only Linux has /proc/net/tcp")
    ports = {server(kind).port for kind in KINDS if kind != "local"}
    listening = [line.split()[1] for line in table.read_text().splitlines()[1:] if line.split()[3] == "0A"]
    own = [address for address in listening if int(address.partition(":")[2], 16) in ports]
    assert len(own) == len(ports) == 4
    assert {address.partition(":")[0] for address in own} == {"0100007F"}
    six = Path("/proc/net/tcp6")
    rows = six.read_text().splitlines()[1:] if six.exists() else []
    assert not [row for row in rows if row.split()[3] == "0A" and int(row.split()[1].rpartition(":")[2], 16) in ports]


def test_environment_of_the_machine_is_not_seen(clone: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or these tests would depend on who runs them."""
    monkeypatch.setitem(os.environ, "AWS_PROFILE", "mine")
    assert not {"AWS_PROFILE", "NER_MIRROR"} & clone("a").variables().keys()
