"""TensorFlow takes thread counts only before its first operation: once, before any test here. And small embeddings."""

from collections.abc import Sequence

import keras
import numpy as np
import pytest

from ner.core.sentence import Sentence
from ner.features.embedding_files import Clusters, Vectors
from ner.model.checkpoint import Checkpoint
from ner.model.determinism import make_reproducible
from ner.model.parameters import CharacterParams, RunParams
from ner.training.run import train_run


@pytest.fixture(scope="session", autouse=True)
def _reproducible() -> None:
    make_reproducible(3)


@pytest.fixture(scope="session")
def vectors() -> Vectors:
    """Of words of the corpus, and of some that it lacks."""
    words = ("in", "rome", "saw", "oslo", "alan", "bergen", "grace", "never")
    return Vectors(words, np.random.default_rng(5).normal(size=(len(words), 6)).astype(np.float32), ("lowercase",))


@pytest.fixture(scope="session")
def clusters() -> Clusters:
    """Cased, as published ones are."""
    words = ("in", "saw", "Oslo", "Rome", "Bergen", "Alan", "Grace", "slept")
    return Clusters(words, ("00", "010", "1100", "1101", "1101", "1110", "1111", "011"), ())


@pytest.fixture(scope="session")
def spelling() -> CharacterParams:
    return CharacterParams(network="cnn", min_count=1, dimensions=4, features=6, width=3, longest=6)


@pytest.fixture(scope="session")
def tagger(run: RunParams, spelling: CharacterParams, sentences: Sequence[Sentence]) -> tuple[RunParams, Checkpoint]:
    """A bilstm-crf with characters that has learnt the corpus, shared since training is slow; and its run."""
    model = run.model.replace(architecture="bilstm-crf", characters=spelling)
    trained = run.replace(model=model, training=run.training.replace(epochs=12, patience=12))
    keras.utils.set_random_seed(3)
    checkpoint, _ = train_run(trained, sentences, sentences)
    return trained, checkpoint
