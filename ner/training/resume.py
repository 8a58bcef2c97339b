"""Where a training stood when it was killed -> the same training, going on to the same final bytes.

What an epoch starts from is written before it starts, as plain arrays: weights, optimizer, seeds of the dropout, and
what early stopping remembers. The directory is the network's own and is named after all that decides its result.
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

FOLDER = Path("resume")  # ignored by Git, no output of any stage


class AlreadyTraining(NerError):
    """Another process trains the same network."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One row of the learning curve: mean loss of a token of train, in nats, and strict entity F1 on dev."""

    epoch: int
    loss: float
    dev_entity_f1: float


def fingerprint(settings: object, files: Iterable[Path]) -> str:
    """Of `settings`, which JSON can hold, the content of `files`, and Keras and TensorFlow: other ones, another one."""
    everything = [settings, keras.__version__, tf.__version__]
    digest = hashlib.sha256(json.dumps(everything, sort_keys=True).encode())
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


@contextmanager
def resumable(name: str, key: str) -> Iterator[Path]:
    """Removes the directories of other keys, gives that of this key to save into, and without an error removes it too.

    Raises:
        AlreadyTraining: another process is inside with the same name.
    """
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as lock:  # held until it is closed, or the process dies
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
    """Saves what each epoch but the first starts from, and brings it back at the start of a training.

    It stands behind the callbacks whose state it saves, and behind those that change weights as an epoch begins.
    """

    def __init__(self, directory: Path, stopping: keras.callbacks.EarlyStopping, epochs: list[Epoch]) -> None:
        """`epochs` is the learning curve, to which others append."""
        super().__init__()
        self._directory, self._stopping, self._epochs = directory, stopping, epochs
        self._state, self._arrays = _read(directory)

    @property
    def first_epoch(self) -> int:
        """The epoch to begin with, from 0."""
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
    """What was saved; nothing if there is nothing, or if it is damaged, which is said."""
    try:
        state = json.loads((directory / "state.json").read_bytes())
        with (directory / "arrays.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return state, {name: arrays[name] for name in arrays.files}
    except FileNotFoundError:
        return {}, {}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:  # such as of a file that was cut off
        print(f"{directory}: the saved state is damaged ({error}); training begins anew", file=sys.stderr)
        return {}, {}
