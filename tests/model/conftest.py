"""Fixtures: TensorFlow's threads, which must be set before its first operation; small embeddings; a trained tagger."""

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
    """Word vectors for some words of the corpus, and for some that it lacks."""
    words = ("in", "rome", "saw", "oslo", "alan", "bergen", "grace", "never")
    return Vectors(words, np.random.default_rng(5).normal(size=(len(words), 6)).astype(np.float32), ("lowercase",))


@pytest.fixture(scope="session")
def clusters() -> Clusters:
    """Clusters of cased words, as published ones are."""
    words = ("in", "saw", "Oslo", "Rome", "Bergen", "Alan", "Grace", "slept")
    return Clusters(words, ("00", "010", "1100", "1101", "1101", "1110", "1111", "011"), ())


@pytest.fixture(scope="session")
def character_params() -> CharacterParams:
    return CharacterParams(network="cnn", min_count=1, dimensions=4, features=6, width=3, longest=6)


@pytest.fixture(scope="session")
def tagger(
    run: RunParams, character_params: CharacterParams, sentences: Sequence[Sentence]
) -> tuple[RunParams, Checkpoint]:
    """A run, and its bilstm-crf with characters, trained on the corpus. Shared, since training is slow."""
    model = run.model.replace(architecture="bilstm-crf", characters=character_params)
    trained = run.replace(model=model, training=run.training.replace(epochs=12, patience=12))
    keras.utils.set_random_seed(3)
    checkpoint, _ = train_run(trained, sentences, sentences)
    return trained, checkpoint
