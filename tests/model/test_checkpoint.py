"""Checkpoints: plain files, which load as they were saved; damaged ones are refused in one line."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np
import pytest

from ner.core.sentence import Sentence
from ner.features.embedding_files import Clusters, Vectors
from ner.model.architectures import build_network
from ner.model.checkpoint import Checkpoint, CheckpointError, load_checkpoint, make_encoder, save_checkpoint
from ner.model.parameters import CharacterParams, ClusterParams, RunParams, VectorParams
from tests.file_contents import contents

FILES = [
    "characters.txt",
    "clusters/path_of_word.npy",
    "clusters/paths.txt",
    "clusters/settings.json",
    "clusters/words.txt",
    "model.json",
    "model.weights.h5",
    "tags.txt",
    "vectors/scales.npy",
    "vectors/settings.json",
    "vectors/table.npy",
    "vectors/words.txt",
    "words.txt",
]


@pytest.fixture(scope="module")
def saved(
    run: RunParams,
    character_params: CharacterParams,
    vectors: Vectors,
    clusters: Clusters,
    sentences: Sequence[Sentence],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A tagger with every kind of feature, compiled as a trained one is."""
    reads = {
        "characters": character_params,
        "vectors": VectorParams(words=8, tuned=True),
        "clusters": ClusterParams(words=8, prefixes=(2, 4), dimensions=3),
    }
    model = run.model.replace(architecture="bilstm-crf", **reads)
    encoder, tags = make_encoder(sentences, model, [vectors, clusters]), ("B-LOC", "B-PER", "I-PER", "O")
    network = build_network(model, encoder, tags)
    network.compile("adam")
    network.optimizer.build(network.trainable_variables)
    directory = tmp_path_factory.mktemp("saved")
    save_checkpoint(directory, Checkpoint(network, encoder, tags, model))
    return directory


def test_checkpoint_is_plain_files(saved: Path) -> None:
    files = contents(saved)
    assert sorted(files) == FILES
    for name, data in files.items():
        if name.endswith(".h5"):
            assert data.startswith(b"\x89HDF")
        elif name.endswith(".npy"):
            np.load(saved / name, allow_pickle=False)
        else:
            assert data.decode().isprintable() or "\n" in data.decode()


def test_weights_hold_no_optimizer(saved: Path) -> None:
    names: list[str] = []
    with h5py.File(saved / "model.weights.h5") as file:
        file.visit(names.append)
    assert names
    assert not [name for name in names if "optim" in name or "adam" in name]


def test_a_loaded_checkpoint_is_saved_alike(saved: Path, tmp_path: Path) -> None:
    """This holds for the weights too, although Keras numbers the models of a process in their names."""
    loaded = load_checkpoint(saved)
    save_checkpoint(tmp_path, loaded)
    one, other = contents(saved), contents(tmp_path)
    assert len(one.pop("model.weights.h5")) == len(other.pop("model.weights.h5"))
    assert one == other
    for before, after in zip(loaded.network.weights, load_checkpoint(tmp_path).network.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(before), np.asarray(after))


@pytest.mark.filterwarnings("ignore:Skipping nested container:UserWarning")  # Keras, before its error
@pytest.mark.parametrize("damage", ["missing", "empty", "half", "noise"])
@pytest.mark.parametrize("name", FILES)
def test_load_says_in_one_line_that_a_file_is_damaged(saved: Path, tmp_path: Path, name: str, damage: str) -> None:
    directory = tmp_path / "some-run"
    shutil.copytree(saved, directory)
    path = directory / name
    data = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes({"empty": b"", "half": data[: len(data) // 2], "noise": b"\xff\x00\xfe" * 50}[damage])
    with pytest.raises(CheckpointError, match=re.escape(str(directory))) as error:
        load_checkpoint(directory)
    assert "\n" not in str(error.value)
    assert "as `dvc repro` makes it and `dvc pull` fetches it" in str(error.value)


def test_load_says_that_there_is_no_tagger(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=re.escape(f"{tmp_path / 'none'}: expected a trained tagger")):
        load_checkpoint(tmp_path / "none")


@pytest.mark.filterwarnings("ignore:Skipping nested container:UserWarning")
@pytest.mark.parametrize(("key", "value"), [('"lstm_units": 8', '"lstm_units": 9'), ('"architecture"', '"kind"')])
def test_load_refuses_parameters_of_another_tagger(saved: Path, tmp_path: Path, key: str, value: str) -> None:
    shutil.copytree(saved, tmp_path / "other")
    text = (saved / "model.json").read_text(encoding="utf-8")
    assert key in text
    (tmp_path / "other" / "model.json").write_text(text.replace(key, value, 1), encoding="utf-8")
    with pytest.raises(CheckpointError, match="other: expected a trained tagger"):
        load_checkpoint(tmp_path / "other")
