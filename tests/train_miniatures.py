"""Train a miniature of every architecture: `python -m tests.train_miniatures DIRECTORY`.

Write the SHA-256 of everything that stages make (weights, predictions, exported and released taggers) to
DIRECTORY/checksums.json. The committed file tests/data/miniatures.json has the checksums of the current code, and
`tests/test_processors.py` compares them on several kinds of processor. There are few sentences, but layers are as wide
as those of real runs, since matrix products are split into blocks that depend on their sizes.
"""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ner.core.kernels import pin_kernels
from ner.core.outputs import write_json
from ner.core.predictions import TaggedSentence, write_predictions
from ner.core.sentence import Sentence
from ner.embeddings.catalogue import build_embedding
from ner.embeddings.word2vec import train_vectors
from ner.encoders.files import read_encoder
from ner.features.embedding_files import Clusters, Vectors
from ner.features.encoding import encode
from ner.model.checkpoint import Checkpoint, save_checkpoint
from ner.model.determinism import make_reproducible
from ner.model.parameters import (
    CharacterParams,
    ClusterParams,
    ComputeParams,
    EncoderParams,
    ModelParams,
    RunParams,
    TrainingParams,
    TransferParams,
    VectorParams,
)
from ner.model.tagging import tag_corpus
from ner.tagger.compression import ReleaseParams, shrink
from ner.tagger.onnx_export import export_tagger
from ner.tagger.tagger import Tagger
from ner.training.run import train_run
from tests.tiny_encoders import write_bert

WORDS = tuple(f"{first}{second}{third}" for first in "KLMaeiou" for second in "aeiou" for third in "bdgrst")
CNN = CharacterParams(network="cnn", min_count=1, dimensions=25, features=50, width=3, longest=20)
LSTM = CharacterParams(network="lstm", min_count=1, dimensions=25, features=50, width=3, longest=20)
ENCODER = EncoderParams(context_pieces=28, casings=True, dropout=0.1, rate=0.1)
CLUSTERS = ClusterParams(words=1000, prefixes=(4, 6, 10, 20), dimensions=10)


def sentences_of(seed: int, number: int) -> list[Sentence]:
    """Draw random sentences, in which each capitalised word is an entity."""
    draw = np.random.default_rng(seed)
    drawn = [tuple(str(word) for word in draw.choice(WORDS, size=length)) for length in draw.integers(1, 13, number)]
    return [Sentence(tokens, tuple("B-PER" if token.istitle() else "O" for token in tokens)) for tokens in drawn]


checksums: dict[str, str] = {}
TRAIN, DEV = sentences_of(1, 40), sentences_of(2, 10)


def embeddings() -> tuple[Vectors, Clusters]:
    draw = np.random.default_rng(3)
    table = draw.normal(size=(len(WORDS), 100)).astype(np.float32)
    paths = tuple("".join(draw.choice(["0", "1"], size=12)) for _ in WORDS)
    return Vectors(WORDS, table, ()), Clusters(WORDS, paths, ())


def model(architecture: str, **others: Any) -> ModelParams:
    sizes = {"word_dimensions": 100, "casing_dimensions": 8, "lstm_layers": 1, "lstm_units": 150}
    given = {"architecture": architecture, "normalisation": ("lowercase",), "min_count": 1, **sizes, **others}
    return ModelParams(**given, input_dropout=0.3, output_dropout=0.5)


def run(shape: ModelParams, *, base: str = "none", **others: Any) -> RunParams:
    given = {"seed": 1, "dev": "choose", "epochs": 2, "patience": 2, "batch_size": 8, "learning_rate": 0.01}
    given |= {"schedule": "constant", "clip_norm": 0, "ema_momentum": 0, "missed_entity_cost": 0}
    training = TrainingParams(**(given | {"word_dropout_alpha": 1} | others))
    transfer = TransferParams(frozen=("lstm",), frozen_epochs=1, rates={"words": 0.5}) if base != "none" else None
    return RunParams(
        corpus="toy",
        base=base,
        embeddings=("none",),
        model=shape,
        training=training,
        compute=ComputeParams(deterministic=True, precision="float32"),
        transfer=transfer,
    )


def train(name: str, one: RunParams, to: Path, reads: Iterable[Any] = (), base: Checkpoint | None = None) -> Checkpoint:
    """Train a tagger, and record the checksums of its weights, and of its files with predictions of dev."""
    keras.utils.set_random_seed(one.training.seed)
    checkpoint, _ = train_run(one, TRAIN, DEV, embeddings=reads, base=base)
    directory = to / name
    directory.mkdir(parents=True)
    save_checkpoint(directory, checkpoint)
    predicted = tag_corpus(checkpoint.network, encode(DEV, checkpoint.encoder), checkpoint.tags)
    write_predictions(
        directory / "dev.tsv",
        [
            TaggedSentence(
                one.tokens, one.tags, found.tags, tuple(found.tag_confidences), tuple(found.entity_confidences)
            )
            for one, found in zip(DEV, predicted, strict=True)
        ],
    )
    tell(f"{name} weights", *(np.asarray(weight) for weight in checkpoint.network.get_weights()))
    tell(f"{name} files", *(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()))
    return checkpoint


def tell(what: str, *parts: Any) -> None:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else np.ascontiguousarray(part).tobytes())
    checksums[what] = digest.hexdigest()


def tell_tagger(what: str, tagger: Tagger) -> None:
    tell(f"{what} logits", *(tagger.logits(one.tokens) for one in DEV))
    tagged = list(tagger.tag([one.tokens for one in DEV], probabilities=True))
    tell(f"{what} answers", *(repr((one.tags, one.entities)).encode() for one in tagged))


def word2vec(to: Path) -> None:
    entry = {
        "kind": "word2vec", "corpora": ["demo-news"], "normalisation": [], "tokens": "words",
        "file": {"path": "texts/x.tsv", "sha256": "0" * 64}, "architecture": "skip-gram", "dimensions": 100,
        "window": 2, "min_count": 1, "negative": 5, "sample": 0.001, "learning_rate": 0.025, "epochs": 2, "seed": 1,
        "workers": 1,
    }  # fmt: skip
    text = to / "text"
    text.write_text("".join(" ".join(one.tokens) + "\n" for one in sentences_of(4, 300)), encoding="utf-8")
    tell("word2vec", train_vectors(text, 300, build_embedding(entry, "")).vectors)


def main(to: Path) -> None:
    make_reproducible(1)
    vectors, clusters = embeddings()
    word2vec(to)
    train("bilstm-lstm", run(model("bilstm-lstm", lstm_layers=2)), to)
    shape = model("bilstm", characters=LSTM, vectors=VectorParams(words=1000, tuned=True))
    softmax = run(shape, schedule="linear", ema_momentum=0.9)
    base = train("bilstm", softmax, to, [vectors])
    train("fine-tuned", run(shape, base="bilstm", clip_norm=1), to, [vectors], base)
    shape = model("bilstm-crf", characters=CNN, vectors=VectorParams(words=1000, tuned=False), clusters=CLUSTERS)
    whole = run(shape, schedule="cosine", clip_norm=1, ema_momentum=0.9, missed_entity_cost=1)
    crf = train("bilstm-crf", whole, to, [vectors, clusters])
    exported, released = to / "exported", to / "released"
    for directory in (exported, released):
        directory.mkdir()
    tell_tagger("exported", export_tagger(
        exported, crf, name="crf", corpus="toy", language="en", rule="words", scores={"entity_f1": 0.5}
    ))  # fmt: skip
    shrink(exported, released, ReleaseParams(corpus="toy", weights="int8", vectors=1000, clusters=1000))
    tell_tagger("released", Tagger.load(released))
    write_bert(to / "bert", hidden_size=384, num_attention_heads=12, intermediate_size=1536)
    shape = model("bilstm-crf", characters=CNN, vectors=VectorParams(words=1000, tuned=False), encoder=ENCODER)
    warm = run(shape, schedule="linear", warmup=0.2, clip_norm=1, learning_rate=0.001)
    tuned = train("encoder", warm, to, [vectors, read_encoder(to / "bert")])
    with_encoder = to / "encoder-exported"
    with_encoder.mkdir()
    tell_tagger("encoder exported", export_tagger(
        with_encoder, tuned, name="encoder", corpus="toy", language="en", rule="words", scores={"entity_f1": 0.5}
    ))  # fmt: skip
    for directory in (exported, released, with_encoder):
        tell(f"{directory.name} files", *(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()))


if __name__ == "__main__":
    pin_kernels()
    main(Path(sys.argv[1]))
    write_json(Path(sys.argv[1]) / "checksums.json", checksums)
