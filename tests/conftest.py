"""A corpus small enough to read, parameters that fit it, and a tagger trained on the demo's news."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import yaml
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from ner.core.sentence import Sentence
from ner.model.parameters import CharacterParams, ComputeParams, ModelParams, RunParams, TrainingParams

# The same examples each time, whatever the machine and its speed; a test that keeps a file writes it anew for each.
hypothesis.settings.register_profile(
    "tests",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("tests")


@pytest.fixture(scope="session")
def sentences() -> list[Sentence]:
    """Twelve sentences of five lengths, in which capitals and neighbours tell the entities."""
    people, places = ("Ada Byron", "Alan", "Grace"), ("Oslo", "Rome")
    made = []
    for person in people:
        for place in places:
            names = tuple(person.split())
            person_tags = ("B-PER", "I-PER")[: len(names)]
            made.append(Sentence((*names, "saw", place), (*person_tags, "O", "B-LOC")))
            made.append(Sentence(("in", place, ",", *names, "slept", "."), ("O", "B-LOC", "O", *person_tags, "O", "O")))
    return made


@pytest.fixture(scope="session")
def documented_embedding() -> dict[str, Any]:
    """The entry of `embeddings` that docs/training.md has readers add to params.yaml: published vectors."""
    page = (Path(__file__).parents[1] / "docs/training.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(embeddings:\n.*?)^```$", page, re.MULTILINE | re.DOTALL)
    entries = [entry for block in blocks for entry in yaml.safe_load(block)["embeddings"].values()]
    [entry] = [entry for entry in entries if entry["kind"] == "published"]
    return dict(entry)


TINY = ModelParams(
    architecture="bilstm",
    normalisation=("lowercase",),
    min_count=1,
    word_dimensions=8,
    casing_dimensions=4,
    lstm_layers=1,
    lstm_units=8,
    input_dropout=0.1,
    output_dropout=0.1,
)


@pytest.fixture(params=["bilstm", "bilstm-crf"])
def model_params(request: pytest.FixtureRequest) -> ModelParams:
    """Without a CRF and characters, then with both; test_grid.py has the other architectures."""
    if request.param == "bilstm":
        return TINY
    characters = CharacterParams(network="cnn", min_count=1, dimensions=4, features=6, width=3, longest=6)
    return TINY.replace(architecture=request.param, characters=characters)


@pytest.fixture(scope="session")
def training_params() -> TrainingParams:
    return TrainingParams(
        seed=3,
        dev="choose",
        epochs=4,
        patience=4,
        batch_size=4,
        learning_rate=0.05,
        schedule="constant",
        clip_norm=5.0,
        ema_momentum=0.5,
        missed_entity_cost=0,
        word_dropout_alpha=0.2,
    )


@pytest.fixture(scope="session")
def run(training_params: TrainingParams) -> RunParams:
    """The smallest network, of which a test replaces what it is about."""
    return RunParams(
        corpus="toy",
        base="none",
        embeddings=("none",),
        model=TINY,
        training=training_params,
        compute=ComputeParams(deterministic=True, precision="float32"),
    )


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that all processes of `pytest --numprocesses` share: the first to ask makes it, the others wait."""
    base = factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with place.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "made").exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            make(place)
            (place / "made").touch()
    return place


@pytest.fixture(scope="session")
def tagger_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real tagger of the demo's news, exported; `../keras` beside it is what it was exported from."""
    return made_once(tmp_path_factory, "taggers", train_tagger) / "news"


def train_tagger(place: Path) -> None:
    command = [sys.executable, "-m", "tests.train_tagger", place / "news"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The released taggers, as a clone without network, cache or settings gets them by one command."""
    return made_once(tmp_path_factory, "released", pull_released) / "clone/released"


def pull_released(home: Path) -> None:
    clone = home / "clone"
    subprocess.run(["git", "clone", "--quiet", Path(__file__).parents[1], clone], check=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "http_proxy": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", "dvc", "pull", "-r", "released", "release"]
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What a test starts can be ended by SIGINT, though the tests may be started where it is ignored: `make test &`."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A real browser, which reaches nothing but this machine."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and chromedriver):
        pytest.skip("needs chromium and chromedriver in PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1000,1250"):
        options.add_argument(argument)
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    yield driver
    driver.quit()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, so that no worker is left with one of them when the others have nothing to do any more."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
