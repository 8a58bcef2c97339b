"""A killed and resumed training ends in the same bytes as an undisturbed one, and its saved state is removed."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from ner.core.sentence import Sentence
from ner.model.parameters import RunParams, TrainingParams
from ner.training.resume import AlreadyTraining, Epoch, Resume, fingerprint, resumable
from ner.training.run import train_run

Result = tuple[list[NDArray[np.float32]], list[Epoch]]


class Killed(Exception):
    """A test ended the training."""


class KillAt(keras.callbacks.Callback):
    """Callback that raises `Killed` in an epoch (from 1), before a batch (from 0); batch 99 means the epoch's end."""

    def __init__(self, epoch: int, batch: int) -> None:
        super().__init__()
        self._where, self._epoch = (epoch, batch), 0

    def on_epoch_begin(self, epoch: int, _logs: object = None) -> None:
        self._epoch = epoch + 1

    def on_train_batch_begin(self, batch: int, logs: object = None) -> None:  # noqa: ARG002, the name is Keras'
        if (self._epoch, batch) == self._where:
            raise Killed

    def on_epoch_end(self, epoch: int, _logs: object = None) -> None:
        if (epoch + 1, 99) == self._where:
            raise Killed


def trained(run: RunParams, sentences: Sequence[Sentence], resume: Path | None, *watchers: KillAt) -> Result:
    keras.utils.set_random_seed(run.training.seed)
    checkpoint, epochs = train_run(run, sentences, sentences[:3], resume=resume, watchers=watchers)
    return checkpoint.network.get_weights(), epochs


def assert_same(one: Result, other: Result) -> None:
    """Assert that weights and learning curves are equal bit for bit."""
    assert one[1] == other[1]
    for first, second in zip(one[0], other[0], strict=True):
        np.testing.assert_array_equal(first, second)


def changed(run: RunParams, **training: object) -> RunParams:
    return run.replace(training=run.training.replace(**training))


@pytest.fixture(scope="module")
def averaged(run: RunParams) -> RunParams:
    """The learning rate is so small that training stops early, with the first epoch as the best."""
    return changed(run, epochs=9, patience=2, learning_rate=1e-6, schedule="cosine")


@pytest.fixture(scope="module")
def undisturbed(averaged: RunParams, sentences: Sequence[Sentence]) -> Result:
    return trained(averaged, sentences, None)


def test_training_killed_again_and_again_is_the_undisturbed_one(
    averaged: RunParams,
    undisturbed: Result,
    sentences: Sequence[Sentence],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Training has averaged weights, a schedule and early stopping. It is killed between epochs, and within one."""
    assert len(undisturbed[1]) == 3  # of nine epochs
    for epoch, batch in ((1, 99), (2, 0), (2, 2), (2, 99), (3, 1)):
        with pytest.raises(Killed):
            trained(averaged, sentences, tmp_path / "toy", KillAt(epoch, batch))
        assert (tmp_path / "toy").exists() == (epoch > 1)
    capsys.readouterr()
    assert_same(trained(averaged, sentences, tmp_path / "toy"), undisturbed)
    assert "resuming behind epoch 2\n" in capsys.readouterr().out


def test_a_crf_without_average_resumes_amid_an_epoch(
    run: RunParams, sentences: Sequence[Sentence], tmp_path: Path
) -> None:
    crf = run.replace(model=run.model.replace(architecture="bilstm-crf"))
    last = changed(crf, dev="train", epochs=3, schedule="linear", ema_momentum=0.0)
    with pytest.raises(Killed):
        trained(last, sentences, tmp_path / "toy", KillAt(3, 1))
    assert_same(trained(last, sentences, tmp_path / "toy"), trained(last, sentences, None))


def untrained(directory: Path) -> Resume:
    return Resume(directory, keras.callbacks.EarlyStopping("dev_entity_f1"), [])


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state as `Resume` saves it."""
    directory = tmp_path / "toy@key"
    directory.mkdir()
    epochs = [asdict(Epoch(1, 0.5, 0.25))]
    content = {"best": 0.25, "best_epoch": 0, "wait": 0, "epochs": epochs}
    (directory / "state.json").write_text(json.dumps(content), encoding="utf-8")
    np.savez(directory / "arrays.npz", variable_0=np.ones(500, np.float32), best_0=np.zeros(500, np.float32))
    return directory


def test_a_whole_state_is_gone_on_from(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert untrained(state).first_epoch == 1
    assert capsys.readouterr().err == ""


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # numpy.load, of a file that is cut off
@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("name", ["state.json", "arrays.npz"])
def test_a_cut_state_is_told_in_one_line(
    state: Path, capsys: pytest.CaptureFixture[str], name: str, share: float
) -> None:
    data = (state / name).read_bytes()
    (state / name).write_bytes(data[: int(share * len(data))])
    assert untrained(state).first_epoch == 0
    message = capsys.readouterr().err
    assert message.startswith(f"{state}: the saved state is damaged (")
    assert message.endswith("); training begins anew\n")
    assert message.count("\n") == 1


def test_an_overwritten_state_is_told_too(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray((state / "arrays.npz").read_bytes())
    data[len(data) // 3] ^= 1  # one bit, in the middle of an array
    (state / "arrays.npz").write_bytes(data)
    assert untrained(state).first_epoch == 0
    assert "the saved state is damaged" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # numpy.load, of a file that is cut off
def test_training_with_a_damaged_state_is_the_undisturbed_one(
    averaged: RunParams,
    undisturbed: Result,
    sentences: Sequence[Sentence],
    state: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (state / "arrays.npz").write_bytes((state / "arrays.npz").read_bytes()[:300])
    assert_same(trained(averaged, sentences, state), undisturbed)
    assert "resuming" not in capsys.readouterr().out


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def left(here: Path) -> list[str]:
    return sorted(path.name for path in (here / "resume").iterdir())


def test_resumable_removes_the_state_in_the_end(here: Path) -> None:
    with resumable("toy", "key") as directory:
        assert directory == Path("resume/toy@key")
        directory.mkdir()
        (directory / "state.json").touch()
    assert left(here) == ["toy.lock"]


def test_resumable_keeps_the_state_of_a_training_that_failed(here: Path) -> None:
    with pytest.raises(Killed), resumable("toy", "key") as directory:  # noqa: PT012, it is raised inside
        directory.mkdir()
        raise Killed
    assert left(here) == ["toy.lock", "toy@key"]
    with resumable("toy", "key") as directory:
        assert directory.exists()
    assert left(here) == ["toy.lock"]


def test_resumable_removes_states_of_other_keys_alone(here: Path) -> None:
    for name in ("toy@old", ".toy@old.part", ".toy@older.old.part", "toy-two@old", "toys@old"):
        (here / "resume" / name).mkdir(parents=True)
    with resumable("toy", "new"):
        assert left(here) == ["toy-two@old", "toy.lock", "toys@old"]


@pytest.fixture
def other_process(here: Path) -> Iterator[None]:
    """Another process, which holds the lock of `toy`."""
    (here / "resume").mkdir()
    code = "import fcntl, sys\nlock = open('resume/toy.lock', 'w')\nfcntl.flock(lock, fcntl.LOCK_EX)\n"
    code += "print('held', flush=True)\nsys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield


@pytest.mark.usefixtures("other_process")
def test_resumable_refuses_a_run_that_another_process_trains(here: Path) -> None:
    (here / "resume" / "toy@theirs").mkdir()
    with pytest.raises(AlreadyTraining, match="toy: another process trains it"), resumable("toy", "mine"):
        pass
    assert left(here) == ["toy.lock", "toy@theirs"]
    with resumable("other", "mine"):
        pass


def test_fingerprint_is_that_of_settings_and_contents(training_params: TrainingParams, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"a")
    two.write_bytes(b"b")
    settings = training_params.model_dump()
    key = fingerprint(settings, [one, two])
    assert key == fingerprint(dict(reversed(settings.items())), [one, two])
    others = {
        fingerprint({**settings, "seed": 4}, [one, two]),
        fingerprint(settings, [one]),
        fingerprint(settings, [two, one]),
    }
    one.write_bytes(b"c")
    others.add(fingerprint(settings, [one, two]))
    assert len(others - {key}) == 4
    assert key.isalnum()
