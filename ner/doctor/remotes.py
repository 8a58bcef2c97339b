"""The configured DVC remotes -> findings: can each be reached, and can it be written to?"""

import contextlib
import tempfile
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dvc.repo import Repo

from ner.doctor.finding import Finding, first_line

PATIENCE = 20.0  # seconds for a remote to answer; the libraries themselves wait for minutes
# Parts of messages, in lower case: the libraries share neither classes of errors nor codes.
DENIED = ("401", "403", "unauthorized", "forbidden", "permission denied", "signature", "credentials", "access key")


def check_remotes(root: Path) -> Iterator[Finding]:
    """Check each remote of the repository at `root`."""
    try:
        repo = Repo(str(root))
    except Exception as error:  # DVC's errors about its configuration share no class
        yield Finding("fail", "remote", first_line(error), "mend .dvc/config or .dvc/config.local, or run from a clone")
        return
    with contextlib.closing(repo):
        for name in repo.config["remote"]:
            yield check_remote(repo, name)
        if not repo.config["remote"]:
            cure = "`dvc remote add -d team <address>`, see docs/storage.md"
            yield Finding("warn", "remote", "none is configured: nothing can be pushed or pulled", cure)


def check_remote(repo: Any, name: str) -> Finding:
    """List the remote, then write a small file to it and remove it.

    A remote that can be read but not written to is a warning, since pulls work.
    """
    try:
        remote = repo.cloud.get_remote(name)
        file_system = remote.fs
    except Exception as error:  # a package that is not installed, or a setting that does not fit
        cure = "`make .venv/storage.stamp` installs S3, SSH and WebDAV; docs/storage.md has the settings"
        return Finding("fail", "remote", f"{name}: {first_line(error)}", cure)
    if failure := _within(PATIENCE, lambda: _list(file_system, remote.path)):
        return Finding("fail", "remote", f"{name}: {first_line(failure)}", cure_of(failure, name, file_system.protocol))
    if failure := _within(PATIENCE, lambda: _write(file_system, remote.path)):
        cure = cure_of(failure, name, file_system.protocol)
        return Finding("warn", "remote", f"{name} cannot be written to: {first_line(failure)}", cure)
    return Finding("ok", "remote", f"{name} can be read and written to")


def cure_of(error: BaseException, name: str, protocol: str) -> str:
    """Choose the cure for an error of a remote's file system."""
    text = f"{error} | {error.__cause__}".lower()
    if "certificate" in text:
        return f"`dvc remote modify --local {name} ssl_verify <certificate file>`, and check this machine's clock"
    if protocol in ("http", "https") and (isinstance(error, FileNotFoundError) or "405" in text):  # from a POST
        return f"`dvc remote modify {name} method PUT`, and a server that stores what is PUT"
    if isinstance(error, FileNotFoundError):
        return f"make or mount it, or mend the address: `dvc remote modify {name} url ...`"
    if protocol == "local":
        return "let its owner give this user the right to write, or make room there"
    if any(part in text for part in DENIED):
        return f"`dvc remote modify --local {name} ...` with the user and secret of that storage, see docs/storage.md"
    return f"is the server up, is a VPN needed? If the address is wrong: `dvc remote modify {name} url ...`"


def _list(file_system: Any, path: str) -> None:
    """List the remote. HTTP has no listing, so a file that does not exist is asked for: 404 says that it is reached."""
    try:
        file_system.ls(path, detail=False)
    except NotImplementedError:
        with contextlib.suppress(FileNotFoundError):
            file_system.fs.cat_file(f"{path.rstrip('/')}/.ner-doctor-none")
    except FileNotFoundError as error:
        if file_system.protocol != "s3" or "bucket" in str(error):  # S3 has no folders before the first push
            raise FileNotFoundError("its folder or bucket does not exist") from error


def _write(file_system: Any, path: str) -> None:
    """Write a small file and remove it. HTTP has no removal: the file has always the same name there, and stays."""
    is_http = file_system.protocol in ("http", "https")
    place = f"{path.rstrip('/')}/.ner-doctor" + ("" if is_http else f"-{uuid.uuid4().hex[:12]}")
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder, "probe")
        probe.write_bytes(b"written by `make doctor`, may be removed\n")
        file_system.put_file(str(probe), place)
    if not is_http:
        file_system.rm_file(place)


def _within(seconds: float, work: Callable[[], None]) -> BaseException | None:
    """Call `work` in a thread; return the error it raised, a TimeoutError after `seconds`, or None if it succeeded."""
    try:
        return ThreadPoolExecutor(1).submit(work).exception(seconds)
    except TimeoutError:
        return TimeoutError(f"no answer in {seconds:.0f} seconds")
