"""A trained tagger <-> one directory of plain files: weights, vocabularies, tags, parameters. No pickle, no code."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras

from ner.encoding import Encoder
from ner.model.architectures import build_network
from ner.model.parameters import ModelParams
from ner.params import build
from ner.sentence import Sentence
from ner.vocabulary import Vocabulary, read_items, write_items


@dataclass(frozen=True)
class Checkpoint:
    """All that tagging needs."""

    network: keras.Model
    encoder: Encoder
    tags: tuple[str, ...]  # by id
    params: ModelParams


def make_encoder(train: Sequence[Sentence], params: ModelParams) -> Encoder:
    """The words and, if the network reads them, the characters of train."""
    tokens = [token for sentence in train for token in sentence.tokens]
    words = Vocabulary.count(tokens, params.minimum_count, params.normalisation)
    if params.characters is None:
        return Encoder(words, None, 0)
    characters = Vocabulary.count("".join(tokens), params.characters.minimum_count, ())
    return Encoder(words, characters, params.characters.longest)


def save_checkpoint(directory: Path, checkpoint: Checkpoint) -> None:
    """Writes the files into `directory`, which exists. The same tagger gives the same bytes."""
    checkpoint.network.save_weights(directory / "model.weights.h5")
    write_items(directory / "words.txt", checkpoint.encoder.words.items)
    if checkpoint.encoder.characters:
        write_items(directory / "characters.txt", checkpoint.encoder.characters.items)
    write_items(directory / "tags.txt", checkpoint.tags)
    text = json.dumps(asdict(checkpoint.params), indent=2) + "\n"
    (directory / "model.json").write_text(text, encoding="utf-8", newline="\n")


def load_checkpoint(directory: Path) -> Checkpoint:
    """Builds the network anew from its parameters and fills in the weights."""
    content = json.loads((directory / "model.json").read_text(encoding="utf-8"))
    params = build(ModelParams, content, str(directory / "model.json"))
    words = Vocabulary(read_items(directory / "words.txt"), params.normalisation)
    characters = Vocabulary(read_items(directory / "characters.txt"), ()) if params.characters else None
    encoder = Encoder(words, characters, params.characters.longest if params.characters else 0)
    tags = read_items(directory / "tags.txt")
    network = build_network(params, encoder, tags)
    network.load_weights(directory / "model.weights.h5")
    return Checkpoint(network, encoder, tags, params)
