"""A trained tagger <-> one directory of plain files: weights, vocabularies, tags, parameters. No pickle, no code."""

import json
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras

from ner.embedding.store import Clusters, Vectors
from ner.embedding.trimmed import (
    load_clusters,
    load_vectors,
    save_clusters,
    save_vectors,
    trim_clusters,
    trim_vectors,
)
from ner.encoding import Encoder
from ner.model.architectures import build_network
from ner.model.parameters import ModelParams
from ner.params import build
from ner.sentence import Sentence
from ner.vocabulary import Vocabulary, read_items, write_items


class CheckpointError(ValueError):
    """A directory that holds no tagger, or a damaged one."""


@dataclass(frozen=True)
class Checkpoint:
    """All that tagging needs."""

    network: keras.Model
    encoder: Encoder
    tags: tuple[str, ...]  # by id
    params: ModelParams


def make_encoder(
    train: Sequence[Sentence], params: ModelParams, embeddings: Iterable[Vectors | Clusters] = ()
) -> Encoder:
    """Of the words and characters of train, and of what it keeps of each embedding, what the network reads."""
    tokens = [token for sentence in train for token in sentence.tokens]
    characters, vectors, clusters = params.characters, None, None
    for embedding in embeddings:
        if isinstance(embedding, Vectors) and params.vectors:
            vectors = trim_vectors(embedding, tokens, params.vectors.words)
        if isinstance(embedding, Clusters) and params.clusters:
            clusters = trim_clusters(embedding, tokens, params.clusters.words, params.clusters.prefixes)
    return Encoder(
        Vocabulary.count(tokens, params.minimum_count, params.normalisation) if params.word_dimensions else None,
        params.casing_dimensions > 0,
        Vocabulary.count("".join(tokens), characters.minimum_count, ()) if characters else None,
        characters.longest if characters else 0,
        vectors,
        clusters,
    )


def save_checkpoint(directory: Path, checkpoint: Checkpoint) -> None:
    """Writes the files into `directory`, which exists. The same tagger gives the same bytes."""
    encoder = checkpoint.encoder
    keras.Model(checkpoint.network.inputs, checkpoint.network.outputs).save_weights(directory / "model.weights.h5")
    if encoder.words:
        write_items(directory / "words.txt", encoder.words.items)
    if encoder.characters:
        write_items(directory / "characters.txt", encoder.characters.items)
    if encoder.vectors:
        save_vectors(directory / "vectors", encoder.vectors)
    if encoder.clusters:
        save_clusters(directory / "clusters", encoder.clusters)
    write_items(directory / "tags.txt", checkpoint.tags)
    text = json.dumps(asdict(checkpoint.params), indent=2) + "\n"
    (directory / "model.json").write_text(text, encoding="utf-8", newline="\n")


def load_checkpoint(directory: Path) -> Checkpoint:
    """Builds the network anew from its parameters and fills in the weights.

    Raises:
        CheckpointError: a file is missing or damaged, or does not fit the others.
    """
    try:
        return _load(directory)
    except (OSError, ValueError, KeyError, EOFError, UserWarning) as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(
            f"{directory}: expected a trained tagger, as `dvc repro train@{directory.name}` or `dvc pull` makes it. "
            f"Received: {reason}"
        ) from None


def _load(directory: Path) -> Checkpoint:
    content = json.loads((directory / "model.json").read_text(encoding="utf-8"))
    params = build(ModelParams, content, str(directory / "model.json"))
    characters = params.characters
    encoder = Encoder(
        Vocabulary(read_items(directory / "words.txt"), params.normalisation) if params.word_dimensions else None,
        params.casing_dimensions > 0,
        Vocabulary(read_items(directory / "characters.txt"), ()) if characters else None,
        characters.longest if characters else 0,
        load_vectors(directory / "vectors") if (directory / "vectors").is_dir() else None,
        load_clusters(directory / "clusters") if (directory / "clusters").is_dir() else None,
    )
    tags = read_items(directory / "tags.txt")
    network = build_network(params, encoder, tags)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # weights that are left as they were
        network.load_weights(directory / "model.weights.h5")
    return Checkpoint(network, encoder, tags, params)
