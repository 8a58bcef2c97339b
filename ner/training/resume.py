"""Saved state of a killed training -> the same training, resumed, with the same final bytes.

Before each epoch the state is saved as plain arrays: weights, optimizer, random state of dropout, and early stopping.
The name of the directory holds a hash of everything that decides the result, so that only the same training resumes.
"""

import fcntl
import hashlib
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ner.core.errors import NerError
from ner.core.outputs import remove, whole_directory

FOLDER = Path("resume")  # ignored by Git, and not an output of any stage


class AlreadyTraining(NerError):
    """Another process is training the same network."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One row of the learning curve: mean training loss in nats per token, and strict entity F1 on dev."""

    epoch: int
    loss: float
    dev_entity_f1: float


def fingerprint(settings: object, files: Iterable[Path]) -> str:
    """Hash the settings, the content of `files`, and the versions of Keras and TensorFlow, to 16 hex digits.

    `settings` must be serialisable as JSON.
    """
    everything = [settings, keras.__version__, tf.__version__]
    digest = hashlib.sha256(json.dumps(everything, sort_keys=True).encode())
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


@contextmanager
def resumable(name: str, key: str) -> Iterator[Path]:
    """Lock the training `name`, and yield the directory for its saved state.

    States of the same name with another `key` are removed on entry, since their settings, data or code differ. The
    state of this key is removed when the block ends without an error.

    Raises:
        AlreadyTraining: another process holds the lock.
    """
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as lock:  # the lock lasts until the file is closed or the process dies
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyTraining(
                f"{name}: another process trains it; wait for it, or stop it (pgrep -f 'train {name}$')"
            ) from None
        for other in (*FOLDER.glob(f"{name}@*"), *FOLDER.glob(f".{name}@*")):  # half-written ones have a dot in front
            if other.name != f"{name}@{key}":
                remove(other)
        yield FOLDER / f"{name}@{key}"
        remove(FOLDER / f"{name}@{key}")


class Resume(keras.callbacks.Callback):  # type: ignore[misc]
    """Callback that saves the state before each epoch but the first, and restores it when training begins.

    It must come after the callbacks whose state it saves, and after those that change weights when an epoch begins.
    """

    def __init__(self, directory: Path, stopping: keras.callbacks.EarlyStopping, epochs: list[Epoch]) -> None:
        """Read the saved state, if there is one.

        Args:
            directory: of the saved state; it need not exist.
            stopping: its state is saved and restored.
            epochs: the learning curve so far. `_ScoreDev` appends to it, and restoring fills it.
        """
        super().__init__()
        self._directory, self._stopping, self._epochs = directory, stopping, epochs
        self._state, self._arrays = _read(directory)

    @property
    def first_epoch(self) -> int:
        """The epoch to begin with, counted from 0."""
        return len(self._state.get("epochs", ()))

    def on_train_begin(self, _logs: Any = None) -> None:
        if not self._state:
            return
        for number, variable in enumerate(self._variables()):
            variable.assign(self._arrays[f"variable_{number}"])
        best = [array for name, array in self._arrays.items() if name.startswith("best_")]
        self._arrays = {}
        self._stopping.best_weights = best or None
        self._stopping.best, self._stopping.best_epoch = self._state["best"], self._state["best_epoch"]
        self._stopping.wait = self._state["wait"]
        self._epochs.extend(Epoch(**row) for row in self._state["epochs"])
        print(f"resuming behind epoch {self.first_epoch}")

    def on_epoch_begin(self, epoch: int, _logs: Any = None) -> None:
        if epoch in (0, self.first_epoch):  # nothing to save yet, or nothing new
            return
        stopping = self._stopping
        state = {"best": float(stopping.best), "best_epoch": stopping.best_epoch, "wait": stopping.wait}
        state["epochs"] = [asdict(row) for row in self._epochs]
        arrays = {f"variable_{number}": np.asarray(variable) for number, variable in enumerate(self._variables())}
        arrays |= {f"best_{number}": weight for number, weight in enumerate(stopping.best_weights or [])}
        with whole_directory(self._directory) as directory:
            np.savez(directory / "arrays.npz", allow_pickle=False, **arrays)
            (directory / "state.json").write_text(json.dumps(state), encoding="utf-8")

    def _variables(self) -> list[Any]:
        return [*self.model.variables, *self.model.optimizer.variables]


def _read(directory: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read the saved state and arrays: empty if there are none, or, with a message on stderr, if they are damaged."""
    try:
        state = json.loads((directory / "state.json").read_bytes())
        with (directory / "arrays.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return state, {name: arrays[name] for name in arrays.files}
    except FileNotFoundError:
        return {}, {}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:  # such as those of a truncated file
        print(f"{directory}: the saved state is damaged ({error}); training begins anew", file=sys.stderr)
        return {}, {}
