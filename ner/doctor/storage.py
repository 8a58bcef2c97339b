"""The repository's DVC: cache, locks, and the remote -> findings. The remote is written to and read from."""

import contextlib
import json
import os
import stat
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ner.doctor.causes import explain
from ner.doctor.finding import Finding, said
from ner.doctor.objects import check_objects, mend

PATIENCE = 20.0  # seconds for a remote to answer
EXTRAS = {"s3": "s3", "ssh": "ssh", "webdav": "webdav", "webdavs": "webdav", "gs": "gs", "azure": "azure"}
LOCKED_EXTRAS = ("s3", "ssh", "webdav")
SECRETS: tuple[str, ...] = (
    "password",
    "secret_access_key",
    "access_key_id",
    "session_token",
    "token",
    "passphrase",
    "account_key",
)
SECRETS += ("sas_token", "connection_string", "client_secret", "oss_key_secret", "gdrive_client_secret")
PROBE = ".ner-doctor"


def check_storage(root: Path, *, deep: bool = False) -> Iterator[Finding]:
    """All there is to say about cache and remote; what cannot be asked any more after a failure is left out."""
    from dvc.repo import Repo

    try:
        repo = Repo(str(root))
    except Exception as error:  # whatever DVC has against its own set-up, it is to be told and not raised
        cure = "mend .dvc/config or .dvc/config.local; outside a clone: `git clone` the project"
        yield Finding("fail", "DVC", said(error), cure)
        return
    with contextlib.closing(repo):
        yield check_cache(Path(repo.cache.local.path), repo.config["cache"])
        yield check_kept(repo)
        yield check_busy(root / ".dvc/tmp/rwlock")
        yield check_secrets(root)
        yield from check_remote(repo, deep=deep)


def check_cache(place: Path, settings: dict[str, Any]) -> Finding:
    """Can objects be added? Where several users share it, can the others use them as well?"""
    top = place
    while not top.exists():
        top = top.parent
    for_group = "`dvc config --local cache.shared group`, then as their owner `chgrp -R <group>` and `chmod -R g+rwXs`"
    if not os.access(top, os.W_OK | os.X_OK):
        alone = "as its owner `chmod -R u+rwX`, or use another one: `dvc cache dir --local <folder>`"
        text = f"{top} cannot be written to; neither `dvc repro` nor `dvc pull` ends well"
        return Finding("fail", "cache", text, alone if top.stat().st_uid == os.geteuid() else for_group)
    locked = [path for path in _folders(place) if not os.access(path, os.W_OK | os.X_OK)]
    if locked:
        text = f"{place}: {len(locked)} folders of another user cannot be written to"
        return Finding("warn", "cache", text, for_group)
    shared = place.exists() and place.stat().st_mode & stat.S_ISGID and place.stat().st_mode & stat.S_IWGRP
    if shared and settings.get("shared") != "group":
        cure = "`dvc config --local cache.shared group`, or what you add cannot be replaced by the others"
        return Finding("warn", "cache", f"{place} belongs to a group, but DVC is not told", cure)
    return Finding("ok", "cache", f"{place}, writable{', shared by its group' if shared else ''}")


def check_kept(repo: Any) -> Finding:
    """Outputs that are here, but not in the cache: `dvc repro` ends with 0 even if the disk was full."""
    cache = repo.cache.local
    lost = []
    for out in repo.index.outs:
        if out.use_cache and out.hash_info and out.exists:
            objects = [str(out.hash_info.value)]
            if objects[0].endswith(".dir") and cache.exists(objects[0]):
                content = Path(cache.oid_to_path(objects[0])).read_text(encoding="utf-8")
                objects += [str(entry["md5"]) for entry in json.loads(content)]
            if not all(cache.exists(oid) for oid in objects):
                lost.append(str(out))
    if lost:
        text = (
            f"{', '.join(lost[:3])}{' and more' if len(lost) > 3 else ''}: here, but not in the cache, so never pushed"
        )
        return Finding(
            "warn", "kept", text, "make room on the disk, then `dvc commit --force`; nothing needs to be trained anew"
        )
    return Finding("ok", "kept", "every output that is here is in the cache")


def _folders(place: Path) -> list[Path]:
    return [path for path in place.iterdir() if path.is_dir()] if place.is_dir() else []


def check_busy(rwlock: Path) -> Finding:
    """Who works here now, by DVC's own account; entries of processes that are gone do no harm, DVC drops them."""
    try:
        entries = json.loads(rwlock.read_text(encoding="utf-8"))
        users = [
            *entries.get("write", {}).values(),
            *(one for some in entries.get("read", {}).values() for one in some),
        ]
        alive = {int(user["pid"]): str(user["cmd"]) for user in users if _alive(int(user["pid"]))}
    except FileNotFoundError:
        alive = {}
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        cure = f"if no dvc runs: `rm {rwlock}`"
        return Finding("fail", "lock", f"{rwlock} cannot be read ({said(error)}), so every `dvc repro` stops", cure)
    if alive:
        who = ", ".join(f"{command} (process {pid})" for pid, command in sorted(alive.items()))
        text = f"{who} works here now; a second one of the same stage says `is busy` or `Unable to acquire lock`"
        return Finding("warn", "lock", text, "wait for it, or use another clone with the same cache")
    return Finding("ok", "lock", "nobody else works here")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def check_secrets(root: Path) -> Finding:
    """Passwords belong in .dvc/config.local, which git ignores and others on this machine should not read."""
    committed = [key for _, key, value in settings_in(root / ".dvc/config") if _is_secret(key, value)]
    if committed:
        cure = (
            "`dvc remote modify --local` for it, take it out of .dvc/config, and change it: git keeps what it once had"
        )
        return Finding("fail", "secrets", f".dvc/config, which git holds, has {', '.join(committed)}", cure)
    local = root / ".dvc/config.local"
    held = sorted({key for _, key, value in settings_in(local) if _is_secret(key, value)})
    if held and stat.S_IMODE(local.stat().st_mode) & 0o077:
        text = f"others on this machine may read {', '.join(held)}"
        return Finding("warn", "secrets", text, "`chmod 600 .dvc/config.local`")
    return Finding("ok", "secrets", f"in .dvc/config.local: {', '.join(held)}" if held else "none in .dvc/config")


def _is_secret(key: str, value: str) -> bool:
    """Of a setting; an address may hold a password."""
    return key in SECRETS or (key == "url" and urlsplit(value).password is not None)


def settings_in(path: Path) -> list[tuple[str, str, str]]:
    """Section, key and value of each line of a file of DVC's settings."""
    found, section = [], ""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        text = line.strip()
        if text.startswith("["):
            section = text.strip("[]'\"")
        elif "=" in text and not text.startswith(("#", ";")):
            key, _, value = text.partition("=")
            found.append((section, key.strip().lower(), value.strip()))
    return found


def check_remote(repo: Any, *, deep: bool = False) -> Iterator[Finding]:
    """Settings, packages and objects of the default remote, and whether it is reached; nothing after a failure."""
    name, remotes = repo.config["core"].get("remote"), repo.config["remote"]
    if not name:
        own = {str(out.remote) for out in repo.index.outs if out.remote}
        others = [other for other in remotes if other not in own]
        known = f" as the default, though there is {', '.join(others)}" if others else ""
        cure = (
            f"`dvc remote default {others[0]}`" if others else "`dvc remote add -d team <address>`, see docs/storage.md"
        )
        text = f"none is set{known}: `dvc pull` asks `Is your cache up to date?`, and `dvc repro` makes what is missing"
        yield Finding("warn", "remote", text, cure)
        return
    if name not in remotes:
        cure = f"`dvc remote add {name} <address>`, or `dvc remote default` with one that is there"
        yield Finding("fail", "remote", f"the default is {name}, which is not there", cure)
        return
    address = _shown(remotes[name]["url"])
    scheme = urlsplit(remotes[name]["url"]).scheme
    try:
        remote = repo.cloud.get_remote(name)
        file_system = remote.fs
    except Exception as error:  # a package that lacks, or settings that do not fit: both are DVC's own classes
        if type(error).__name__ == "RemoteMissingDepsError":
            extra = EXTRAS.get(scheme, scheme)
            cure = "`make .venv/storage.stamp`" if extra in LOCKED_EXTRAS else f"`.venv/bin/pip install 'dvc[{extra}]'`"
            yield Finding("fail", "remote", f"{name}: DVC lacks the package for {scheme}://", cure)
        else:
            yield Finding("fail", "remote", f"{name}: {said(error)}", "docs/storage.md has the settings of each kind")
        return
    yield Finding("ok", "remote", f"{name}, {address}")
    if not remotes[name].get("verify"):
        text = f"{name} is not verified: an object cut short or changed there is pulled without a word"
        yield Finding("warn", "verify", text, f"`dvc remote modify {name} verify true`")
    else:
        yield Finding("ok", "verify", "what is pulled is compared with its checksum")
    if scheme in ("http", "https") and remotes[name].get("method", "").upper() != "PUT":
        cure = f"`dvc remote modify {name} method PUT`"
        yield Finding("warn", "method", "`dvc push` would use POST, which most servers do not store", cure)
    reached = _reach(name, scheme, file_system, remote.path)
    yield reached
    if reached.status != "fail":
        yield check_objects(repo, remote, deep=deep)


def mend_remote(root: Path) -> Iterator[Finding]:
    """Removes damaged objects from the default remote."""
    from dvc.repo import Repo

    with contextlib.closing(Repo(str(root))) as repo:
        yield from mend(repo, repo.cloud.get_remote())


def _shown(url: str) -> str:
    """An address without a password that someone wrote into it."""
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":...@") if parts.password else url


def _reach(name: str, scheme: str, file_system: Any, path: str) -> Finding:
    """Reads and writes: who may not write may still pull."""
    failure = _within(PATIENCE, lambda: _look(file_system, path, scheme))
    if failure is not None:
        return Finding("fail", "reach", *_told(scheme, name, failure))
    failure = _within(PATIENCE, lambda: _write(file_system, path, scheme))
    if failure is not None:
        cause, cure = _told(scheme, name, failure)
        return Finding("warn", "reach", f"{cause}, when written to: `dvc pull` may work, `dvc push` will not", cure)
    return Finding("ok", "reach", f"{name} was written to and read from")


def _told(scheme: str, name: str, failure: BaseException) -> tuple[str, str]:
    cause, cure = explain(scheme, name, failure)
    return f"{name} {cause}", cure


def _within(seconds: float, work: Callable[[], None]) -> BaseException | None:
    """What `work` raised, or a TimeoutError; libraries have patience of their own, for minutes or half an hour."""
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # handed to the caller, in whose thread it is told
            failures.append(error)

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        return TimeoutError(f"no answer in {seconds:.0f} seconds")
    return failures[0] if failures else None


def _look(file_system: Any, path: str, scheme: str) -> None:
    if scheme in ("http", "https"):  # which cannot list; a file that is not there is asked for, and 404 is an answer
        with contextlib.suppress(FileNotFoundError):
            file_system.fs.cat_file(f"{path.rstrip('/')}/{PROBE}-nothing")
    elif scheme in ("webdav", "webdavs"):
        file_system.fs.client.ls(path or "/")
    elif scheme == "s3":
        file_system.fs.call_s3("list_objects_v2", Bucket=path.partition("/")[0], MaxKeys=1)
    else:  # a folder that is not there yet is made by the first push
        with contextlib.suppress(FileNotFoundError):
            file_system.fs.ls(path)


def _write(file_system: Any, path: str, scheme: str) -> None:
    if scheme in ("http", "https"):  # which cannot delete: there is one probe, and it stays
        place = f"{path.rstrip('/')}/{PROBE}"
    else:
        place = file_system.join(path, f"{PROBE}-{uuid.uuid4().hex[:12]}")
        file_system.makedirs(path, exist_ok=True)
    content = b"written by `make doctor`, may be removed\n"
    _put(file_system, place, content)
    try:
        if file_system.fs.cat_file(place) != content:
            raise OSError("what was written is not what is read")
    finally:
        if scheme not in ("http", "https"):
            file_system.rm_file(place)


def _put(file_system: Any, place: str, content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder) / "probe"
        local.write_bytes(content)
        file_system.put_file(str(local), place)
