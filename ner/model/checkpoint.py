"""A trained tagger <-> a directory of weights, vocabularies, tags and parameters, without pickle or code."""

import json
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from ner.core.errors import NerError
from ner.core.outputs import write_json
from ner.core.params import build
from ner.core.sentence import Sentence
from ner.encoders.config import EncoderError
from ner.encoders.files import PretrainedEncoder
from ner.encoders.reader import WindowReader
from ner.features.embedding_files import Clusters, Vectors
from ner.features.encoder_files import load_encoder, save_encoder
from ner.features.encoding import Encoder
from ner.features.trimmed import trim_clusters, trim_vectors
from ner.features.vocabulary import Vocabulary, read_items, write_items
from ner.model.architectures import build_network
from ner.model.parameters import ModelParams


class CheckpointError(NerError):
    """The directory holds no tagger, or a damaged one."""


@dataclass(frozen=True)
class Checkpoint:
    """A trained network with its encoder, tag set and parameters: all that tagging needs."""

    network: keras.Model
    encoder: Encoder
    tags: tuple[str, ...]  # by id
    params: ModelParams


def make_encoder(
    train: Sequence[Sentence], params: ModelParams, embeddings: Iterable[Vectors | Clusters | PretrainedEncoder] = ()
) -> Encoder:
    """Build the encoder from the training vocabulary and the trimmed embeddings.

    Args:
        train: the sentences that words and characters are counted on.
        params: says which features the network reads, and how each vocabulary is cut.
        embeddings: untrimmed word vectors and clusters. Kinds that `params` does not use are ignored.

    Raises:
        EncoderError: the pretrained encoder has fewer layers than are to be frozen.
    """
    tokens = [token for sentence in train for token in sentence.tokens]
    characters, vectors, clusters, reader = params.characters, None, None, None
    for embedding in embeddings:
        if isinstance(embedding, Vectors) and params.vectors:
            vectors = trim_vectors(embedding, tokens, params.vectors.words)
        if isinstance(embedding, Clusters) and params.clusters:
            clusters = trim_clusters(embedding, tokens, params.clusters.words, params.clusters.prefixes)
        if isinstance(embedding, PretrainedEncoder) and params.encoder:
            settings, layers = params.encoder, embedding.config.layers
            if settings.frozen_layers > layers:
                raise EncoderError(f"frozen_layers: expected {layers} at most. Received: {settings.frozen_layers}")
            reader = WindowReader(embedding.tokenizer, embedding.config, settings.context_pieces, settings.casings)
    return Encoder(
        Vocabulary.count(tokens, params.min_count, params.normalisation) if params.word_dimensions else None,
        params.casing_dimensions > 0,
        Vocabulary.count("".join(tokens), characters.min_count, ()) if characters else None,
        characters.longest if characters else 0,
        vectors,
        clusters,
        reader,
    )


def save_checkpoint(directory: Path, checkpoint: Checkpoint) -> None:
    """Write the tagger into the existing `directory`. The same tagger always gives the same bytes."""
    keras.Model(checkpoint.network.inputs, checkpoint.network.outputs).save_weights(directory / "model.weights.h5")
    save_encoder(directory, checkpoint.encoder)
    write_items(directory / "tags.txt", checkpoint.tags)
    unused = {"encoder"} if checkpoint.params.encoder is None else None  # as files were before there were encoders
    write_json(directory / "model.json", checkpoint.params.model_dump(exclude=unused))


def load_checkpoint(directory: Path) -> Checkpoint:
    """Load a tagger: rebuild the network from its parameters, then load the weights.

    Raises:
        CheckpointError: a file is missing or damaged, or does not match the others.
    """
    try:
        return _load(directory)
    except (OSError, ValueError, KeyError, EOFError, UserWarning) as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(
            f"{directory}: expected a trained tagger, as `dvc repro` makes it and `dvc pull` fetches it. "
            f"Received: {reason}"
        ) from None


def _load(directory: Path) -> Checkpoint:
    content = json.loads((directory / "model.json").read_text(encoding="utf-8"))
    params = build(ModelParams, content, str(directory / "model.json"))
    encoder = load_encoder(
        directory,
        params.normalisation,
        casings=params.casing_dimensions > 0,
        longest=params.characters.longest if params.characters else 0,
    )
    tags = read_items(directory / "tags.txt")
    network = build_network(params, encoder, tags)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # Keras only warns of weights that it could not load
        network.load_weights(directory / "model.weights.h5")
    return Checkpoint(network, encoder, tags, params)
