"""Objects of the storage that are damaged: pull refuses them, and they are stored anew."""

import shutil
from pathlib import Path

import pytest
from drills import WHOLE, Drill, Make, Serve, quick
from loopback import Remote
from project import Clone, damage, nothing_wrong, places, whole


def remove_with_lists(victim: Path, remote: Remote) -> None:
    """Remove an object and the list of each folder that has it: DVC takes a list for the whole folder."""
    lists = [path for path in remote.objects() if path.suffix == ".dir" and victim.name in path.read_text()]
    assert lists
    for path in [*lists, victim]:
        path.unlink(missing_ok=True)


@pytest.mark.parametrize("kind", quick("local"))
@pytest.mark.parametrize("how", ["truncated", "flipped", "missing"])
def test_pull_refuses_a_damaged_object(
    kind: str, how: str, project: Clone, stocked: Serve, clone: Make, drill: Drill
) -> None:
    """DVC names the object with `-v`; to have it stored anew, it and the list that names it are removed by hand."""
    remote = stocked(kind)
    victim = damage(remote.objects(), how)
    puller, owner = clone("b").use(remote), clone("a", with_cache=True).use(remote)
    try:
        pulled = puller.dvc("pull")
        assert pulled.status in (1, 255), pulled.said
        assert "models/tagger/model.weights.h5" not in puller.outputs()
        happened = nothing_wrong(puller, project)
        assert f"{victim.parent.name}{victim.name}" in puller.dvc("pull", "-v").said.replace("/", "")
        assert "Everything is up to date" in owner.well("push")
    finally:
        remove_with_lists(victim, remote)
        owner.well("push")
    puller.well("pull")
    whole(puller, project)
    drill(
        f"{how}-{kind}",
        happened=f"exit {pulled.status}; {happened}; `dvc push` says `Everything is up to date`",
        seen=pulled.last(places(puller, remote)),
        again=f"the object, which `dvc pull -v` names, and its list, `.dir`, removed; `dvc push`: {WHOLE}",
    )


def test_pull_without_verify_takes_a_flipped_object_for_good(
    project: Clone, clone: Make, drill: Drill, tmp_path: Path
) -> None:
    """Why docs/storage.md asks for `verify`: this is DVC's default."""
    remote = Remote("local", str(tmp_path / "store"), tmp_path / "store")
    owner = clone("a", with_cache=True).use(remote)
    owner.well("push")
    victim = damage(remote.objects(), "flipped")
    puller = clone("b").use(remote, verify=False)
    pulled = puller.dvc("pull")
    assert pulled.status == 0
    assert puller.outputs().keys() == project.outputs().keys()
    assert puller.outputs() != project.outputs()
    remove_with_lists(victim, remote)
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
        again=f"`dvc remote modify team verify true`, mended as above, cache and output removed: {WHOLE}",
    )
