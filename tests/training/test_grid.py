"""Every architecture with every kind of character network and embedding trains, and loads as it was saved."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import keras
import numpy as np
import pytest

from ner.core.sentence import Sentence
from ner.features.embedding_files import Clusters, Vectors
from ner.features.encoding import batches, encode
from ner.model.architectures import build_network
from ner.model.checkpoint import load_checkpoint, make_encoder, save_checkpoint
from ner.model.parameters import Architecture, CharacterParams, ClusterParams, RunParams, VectorParams
from ner.training.run import train_run

CLUSTERS = ClusterParams(words=5, prefixes=(2, 4), dimensions=3)
FROZEN, TUNED = (VectorParams(words=6, tuned=tuned) for tuned in (False, True))


@pytest.mark.parametrize(
    ("characters", "with_vectors", "with_clusters"),
    [(None, None, CLUSTERS), ("cnn", FROZEN, None), ("lstm", TUNED, CLUSTERS)],
    ids=["clusters", "cnn and frozen vectors", "lstm, tuned vectors and clusters"],
)
@pytest.mark.parametrize("architecture", get_args(Architecture))
def test_every_network_trains_and_comes_back_from_disk(
    run: RunParams,
    character_params: CharacterParams,
    vectors: Vectors,
    clusters: Clusters,
    sentences: Sequence[Sentence],
    tmp_path: Path,
    architecture: str,
    characters: str | None,
    with_vectors: VectorParams | None,
    with_clusters: ClusterParams | None,
) -> None:
    layers = {"lstm_layers": 0, "lstm_units": 0} if architecture == "crf" else {}
    model = run.model.replace(
        architecture=architecture,
        **layers,
        characters=character_params.replace(network=characters) if characters else None,
        vectors=with_vectors,
        clusters=with_clusters,
    )
    training = run.training.replace(epochs=1, ema_momentum=0.0)
    once = run.replace(model=model, training=training)
    keras.utils.set_random_seed(3)
    checkpoint, epochs = train_run(once, sentences, [], embeddings=[vectors, clusters])
    assert [epoch.epoch for epoch in epochs] == [1]
    assert math.isfinite(epochs[0].loss)
    assert epochs[0].loss > 0

    save_checkpoint(tmp_path, checkpoint)
    loaded = load_checkpoint(tmp_path)
    assert (loaded.tags, loaded.params) == (checkpoint.tags, checkpoint.params)
    asked = {"characters": characters, "vectors": with_vectors, "clusters": with_clusters}
    read = ["words", "casings", *(name for name, params in asked.items() if params)]
    for one, other in zip(
        *(batches(encode(sentences, each.encoder), 99) for each in (checkpoint, loaded)), strict=True
    ):
        logits = np.asarray(checkpoint.network(one.features))
        assert logits.shape == (*one.features["words"].shape, len(checkpoint.tags))
        assert logits.dtype == np.float32
        np.testing.assert_array_equal(np.asarray(loaded.network(other.features)), logits)
        assert list(one.features) == read
    if table := checkpoint.encoder.vectors:
        layer = checkpoint.network.get_layer("pretrained_vectors")
        given = np.vstack([np.zeros(table.table.shape[1]), table.table * table.scales[:, None]])  # (N + 1, D)
        assert np.allclose(np.asarray(layer(np.arange(len(given))[None]))[0], given) == (with_vectors == FROZEN)
        assert len(layer.weights) == (with_vectors == TUNED)


def test_deeper_networks_have_as_many_layers_as_asked_for(run: RunParams, sentences: Sequence[Sentence]) -> None:
    for architecture, names in {"bilstm-crf": ["bilstm_1", "bilstm_2"], "lstm": ["lstm"]}.items():
        model = run.model.replace(architecture=architecture, lstm_layers=2)
        network = build_network(model, make_encoder(sentences, model), ("B-LOC", "B-PER", "I-PER", "O"))
        assert [layer.name for layer in network.layers if "lstm" in layer.name] == names


def test_word_vectors_can_be_all_that_is_read(run: RunParams, vectors: Vectors, sentences: Sequence[Sentence]) -> None:
    model = run.model.replace(word_dimensions=0, casing_dimensions=0, vectors=FROZEN)
    only = run.replace(model=model, training=run.training.replace(epochs=1))
    checkpoint, _ = train_run(only, sentences, sentences[:1], embeddings=[vectors])
    assert [each.name for each in checkpoint.network.inputs] == ["vectors"]
    assert encode(sentences, checkpoint.encoder).features[0].keys() == {"vectors"}
