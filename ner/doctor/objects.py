"""The objects that the current outputs need, against those on the remote -> a finding; and their removal, if damaged.

A folder is stored as a list (`.dir`) and the files that it names. DVC takes the list for the whole: while that is there
`dvc push` says that everything is up to date, and puts back no file that was lost or damaged. So a damaged file and all
lists that name it have to go, and then who has the files pushes them anew.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ner.doctor.finding import Finding

AT_ONCE = 8
UNDELETABLE = ("http", "https")


@dataclass(slots=True)
class Stored:
    """What an examination of a remote has found.

    Attributes:
        outputs: how many outputs were looked for.
        absent: outputs that were never pushed.
        damaged: by path of an output, objects that are missing or wrong, and how.
        lists: by object, the lists that name it.
    """

    outputs: int = 0
    absent: list[str] = field(default_factory=list)
    damaged: dict[str, dict[str, str]] = field(default_factory=dict)
    lists: dict[str, set[str]] = field(default_factory=dict)


def check_objects(repo: Any, remote: Any, *, deep: bool = False) -> Finding:
    """What `examine` finds: fails if an object is missing or damaged, warns if outputs were never pushed."""
    found = examine(repo, remote, deep=deep)
    if found.damaged:
        output, objects = next(iter(found.damaged.items()))
        which = ", ".join(f"{_place(oid)} is {how}" for oid, how in list(objects.items())[:2])
        more = f" and {len(found.damaged) - 1} more outputs" if len(found.damaged) > 1 else ""
        text = f"{output}{more} cannot be pulled: {which}. `dvc push` does not see it"
        if remote.fs.protocol in UNDELETABLE:
            objects_there = ", ".join(sorted(map(_place, to_remove(found))))
            cure = f"remove on the server {objects_there}; then `dvc push` by who has it"
        else:
            cure = "`python -m ner.doctor --mend` removes it there, then `dvc push` by who has it"
        return Finding("fail", "objects", text, cure)
    if found.absent:
        some = ", ".join(found.absent[:3]) + (f" and {len(found.absent) - 3} more" if len(found.absent) > 3 else "")
        text = f"{len(found.absent)} of {found.outputs} outputs were never pushed: {some}; `dvc pull` fetches the rest"
        cure = "`dvc push` by who has them; until then `dvc pull --allow-missing`, or `dvc repro`"
        return Finding("warn", "objects", text, cure)
    how = "read in full" if deep else "by their sizes; `python -m ner.doctor --deep` reads them in full"
    return Finding("ok", "objects", f"{found.outputs} outputs are there, {how}")


def examine(repo: Any, remote: Any, *, deep: bool = False) -> Stored:
    """Looks for all that the current dvc.lock and .dvc files name.

    Args:
        repo: of DVC.
        remote: of DVC.
        deep: read every object, instead of those alone whose sizes do not add up.
    """
    found = Stored()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for out in repo.index.outs:
            if not (out.use_cache and out.can_push and out.hash_info) or out.remote not in (None, remote.name):
                continue
            found.outputs += 1
            top = str(out.hash_info.value)
            size = _size(remote, top)
            if size is None:
                found.absent.append(str(out))
                continue
            members = _members(remote, top) if top.endswith(".dir") else [top]
            if members is None:
                found.damaged[str(out)] = {top: "damaged"}
                continue
            for oid in members:
                found.lists.setdefault(oid, set()).update({top} - {oid})
            sizes = list(pool.map(lambda oid: _size(remote, oid), dict.fromkeys(members)))
            wrong = {oid: "missing" for oid, known in zip(dict.fromkeys(members), sizes, strict=True) if known is None}
            by_name = dict(zip(dict.fromkeys(members), sizes, strict=True))
            total = sum(by_name[oid] or 0 for oid in members)
            if deep or (not wrong and out.meta.size is not None and total != out.meta.size):
                there = [oid for oid in by_name if oid not in wrong]
                checks = pool.map(lambda oid: _is_whole(remote, oid), there)
                wrong |= {oid: "damaged" for oid, good in zip(there, checks, strict=True) if not good}
            if wrong:
                found.damaged[str(out)] = wrong
    return found


def to_remove(found: Stored) -> set[str]:
    """The damaged objects, and every list that names one."""
    wrong = {oid: how for objects in found.damaged.values() for oid, how in objects.items()}
    lists = {top for oid in wrong for top in found.lists.get(oid, ())}
    return lists | {oid for oid, how in wrong.items() if how != "missing"}


def mend(repo: Any, remote: Any) -> Iterator[Finding]:
    """Reads all objects and removes the damaged ones with their lists, so that the next `dvc push` stores them anew."""
    found = examine(repo, remote, deep=True)
    if remote.fs.protocol in UNDELETABLE:
        yield check_objects(repo, remote, deep=True)
        return
    for oid in sorted(to_remove(found)):
        with contextlib.suppress(FileNotFoundError):
            remote.fs.rm_file(remote.odb.oid_to_path(oid))
        cure = "`dvc push` by who has it"
        yield Finding("warn", "mended", f"{_place(oid)} was removed from {remote.name}", cure)
    if not found.damaged:
        yield Finding("ok", "mended", "nothing there is damaged")


def _place(oid: str) -> str:
    return f"files/md5/{oid[:2]}/{oid[2:]}"


def _size(remote: Any, oid: str) -> int | None:
    try:
        return int(remote.fs.info(remote.odb.oid_to_path(oid))["size"])
    except FileNotFoundError:
        return None


def _content(remote: Any, oid: str) -> bytes:
    return bytes(remote.fs.fs.cat_file(remote.odb.oid_to_path(oid)))


def _members(remote: Any, oid: str) -> list[str] | None:
    """The objects that a list names; None if it is not the list that was stored."""
    content = _content(remote, oid)
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != oid.removesuffix(".dir"):
        return None
    return [str(entry["md5"]) for entry in json.loads(content)]


def _is_whole(remote: Any, oid: str) -> bool:
    return hashlib.md5(_content(remote, oid), usedforsecurity=False).hexdigest() == oid
