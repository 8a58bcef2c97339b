"""Pretrained encoders: read from data/embeddings/, trimmed to the word pieces of a tagger, assigned to its network."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import keras

from ner.core.sentence import Sentence
from ner.encoders.files import PretrainedEncoder, trim
from ner.encoders.four_bits import read_pretrained
from ner.features.embedding_files import Clusters, Vectors, holds_encoder, read_embeddings
from ner.model.architectures import ENCODER

Embedding = Vectors | Clusters | PretrainedEncoder


def read_all(directory: Path, names: Sequence[str]) -> list[Embedding]:
    """Read the vectors, clusters and encoders with these names below `directory`; `none` is skipped.

    Raises:
        EncoderError: an encoder is damaged.
        FileNotFoundError: a directory is missing.
    """
    encoders = [read_pretrained(directory / name) for name in names if holds_encoder(directory / name)]
    return [*read_embeddings(directory, names), *encoders]


def trim_encoders(embeddings: Iterable[Embedding], train: Iterable[Sentence]) -> list[Embedding]:
    """Trim each encoder to the word pieces of train and of the other embeddings' words, and to single characters."""
    embeddings = list(embeddings)
    words = [token for sentence in train for token in sentence.tokens]
    for embedding in embeddings:
        if not isinstance(embedding, PretrainedEncoder):
            words.extend(embedding.words)
    return [trim(one, words) if isinstance(one, PretrainedEncoder) else one for one in embeddings]


def assign_encoder(network: keras.Model, embeddings: Iterable[Embedding]) -> None:
    """Assign the pretrained weights to the encoder layer of a network, if it has one."""
    for embedding in embeddings:
        if isinstance(embedding, PretrainedEncoder) and any(layer.name == ENCODER for layer in network.layers):
            network.get_layer(ENCODER).assign(embedding.weights)
