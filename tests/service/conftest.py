"""A real tagger, apps over it that are closed again, and a tagger that waits until it is told to go on."""

import json
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ner.service.app import create_app
from ner.service.limits import Limits
from ner.tagger.tagger import Tagged, Tagger, TextSentence

MakeApp = Callable[..., Flask]


class Held(Tagger):
    """A tagger that tags nothing before `go` is set, and fails at what begins with `boom`."""

    def __init__(self, tagger: Tagger) -> None:
        self.__dict__.update(tagger.__dict__)
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.batches: list[list[tuple[str, ...]]] = []

    def tag(
        self, sentences: Iterable[Sequence[str] | TextSentence], *, probabilities: bool = False
    ) -> Iterator[Tagged]:
        batch = [one.tokens if isinstance(one, TextSentence) else tuple(one) for one in sentences]
        self.batches.append(batch)
        self.begun.release()
        assert self.go.wait(120)
        if any(tokens[:1] == ("boom",) for tokens in batch):
            raise ArithmeticError(f"can't tag {batch}")
        return super().tag(batch, probabilities=probabilities)


@pytest.fixture(scope="session")
def tagger(tagger_directory: Path) -> Tagger:
    return Tagger.load(tagger_directory)


@pytest.fixture(scope="session")
def arabic_directory(tagger_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same tagger, said to be one for Arabic."""
    directory = tmp_path_factory.mktemp("taggers") / "arabic"
    shutil.copytree(tagger_directory, directory)
    settings = json.loads((directory / "tagger.json").read_text(encoding="utf-8"))
    (directory / "tagger.json").write_text(
        json.dumps(settings | {"name": "arabic", "language": "ar"}), encoding="utf-8"
    )
    return directory


@pytest.fixture
def held(tagger: Tagger) -> Iterator[Held]:
    held = Held(tagger)
    yield held
    held.go.set()


@pytest.fixture
def make_app(held: Held) -> Iterator[MakeApp]:
    """`create_app`, whose apps are closed after the test."""
    apps: list[Flask] = []

    def make(taggers: dict[str, Tagger], limits: Limits | None = None, **options: Any) -> Flask:
        apps.append(create_app(taggers, limits, **options))
        return apps[-1]

    yield make
    held.go.set()
    for app in apps:
        app.extensions["ner"].close()


@pytest.fixture
def app(make_app: MakeApp, tagger: Tagger) -> Flask:
    return make_app({"news": tagger, "other": tagger})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
