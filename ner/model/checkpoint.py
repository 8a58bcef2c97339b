"""A trained tagger <-> one directory of plain files: weights, words, tags, parameters. No pickle, no code."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import keras

from ner.model.architectures import build_network
from ner.model.parameters import ModelParams
from ner.params import build
from ner.vocabulary import Vocabulary, read_items, write_items


@dataclass(frozen=True)
class Checkpoint:
    """All that tagging needs."""

    network: keras.Model
    words: Vocabulary
    tags: tuple[str, ...]  # by id
    params: ModelParams


def save_checkpoint(directory: Path, checkpoint: Checkpoint) -> None:
    """Writes the files into `directory`, which exists. The same tagger gives the same bytes."""
    checkpoint.network.save_weights(directory / "model.weights.h5")
    write_items(directory / "words.txt", checkpoint.words.items)
    write_items(directory / "tags.txt", checkpoint.tags)
    text = json.dumps(asdict(checkpoint.params), indent=2) + "\n"
    (directory / "model.json").write_text(text, encoding="utf-8", newline="\n")


def load_checkpoint(directory: Path) -> Checkpoint:
    """Builds the network anew from its parameters and fills in the weights."""
    words, tags = read_items(directory / "words.txt"), read_items(directory / "tags.txt")
    content = json.loads((directory / "model.json").read_text(encoding="utf-8"))
    params = build(ModelParams, content, str(directory / "model.json"))
    network = build_network(params, len(words), len(tags))
    network.load_weights(directory / "model.weights.h5")
    return Checkpoint(network, Vocabulary(words, params.normalisation), tags, params)
