"""A network, train and dev -> the network with the weights that did best on dev, and its learning curve."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ner.encoding import EncodedCorpus, Encoder, batches, encode, forget_words
from ner.metrics import entity_f1
from ner.model.crf import CRF
from ner.model.parameters import TrainingParams
from ner.model.tagging import tag_corpus
from ner.sentence import Sentence


class TrainingError(RuntimeError):
    """Training can't go on: the loss is no number any more."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One row of the learning curve: mean loss of a token of train, in nats, and strict entity F1 on dev."""

    epoch: int
    loss: float
    dev_entity_f1: float


@dataclass(frozen=True, slots=True)
class Examples:
    """What the weights are fitted to: sentences, their tags as ids, `(T,)` each, and how often each word id occurs."""

    corpus: EncodedCorpus
    tags: list[NDArray[np.int32]]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, sentences: Sequence[Sentence], encoder: Encoder, tags: Sequence[str]) -> "Examples":
        """Looks up the words and tags of `sentences`, which are those that `encoder` and `tags` were made of."""
        ids = {tag: index for index, tag in enumerate(tags)}
        tag_ids = [np.array([ids[tag] for tag in sentence.tags], np.int32) for sentence in sentences]
        corpus = encode(sentences, encoder)
        words = np.concatenate([features.words for features in corpus.features])
        return cls(corpus, tag_ids, np.bincount(words, minlength=len(encoder.words)))


@dataclass(frozen=True, slots=True)
class Exam:
    """What chooses the epoch, and never the test set: sentences and their gold tags."""

    corpus: EncodedCorpus
    gold: list[tuple[str, ...]]
    tags: tuple[str, ...]  # of the network, by id


def fit(network: keras.Model, train: Examples, dev: Exam, params: TrainingParams, *, progress: bool) -> list[Epoch]:
    """Trains `network` in place; it ends with the averaged weights of its best epoch on dev.

    Args:
        network: takes the inputs of `ner.encoding.Features`, gives logits.
        train: what to learn.
        dev: what to stop by.
        params: how long, how fast, with which seed.
        progress: show a bar that moves within an epoch, and not only a line after each.

    Raises:
        TrainingError: the loss became NaN or infinite.
    """
    optimizer = keras.optimizers.Adam(
        params.learning_rate, global_clipnorm=params.clip_norm, use_ema=True, ema_momentum=params.ema_momentum
    )
    network.compile(optimizer, _loss(network))
    scored = _ScoreDev(dev)
    network.fit(
        _batches_of_epochs(train, params),
        epochs=params.epochs,
        callbacks=[
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),  # so that the next two see the averaged weights
            scored,
            keras.callbacks.EarlyStopping(
                "dev_entity_f1", mode="max", patience=params.patience, restore_best_weights=True
            ),
        ],
        shuffle=False,  # each epoch is drawn in an order of its own
        verbose=1 if progress else 2,
    )
    return scored.epochs


def write_learning_curve(path: Path, epochs: Sequence[Epoch]) -> None:
    """A CSV that `dvc plots` draws."""
    rows = [f"{row.epoch},{row.loss:.5f},{row.dev_entity_f1:.5f}\n" for row in epochs]
    path.write_text("epoch,loss,dev_entity_f1\n" + "".join(rows), encoding="utf-8", newline="\n")


def _loss(network: keras.Model) -> Any:
    """The mean over tokens of the negative log-probability of their tags, in nats: of each, or, with a CRF, of all."""
    crf = next((layer for layer in network.layers if isinstance(layer, CRF)), None)
    if crf is None:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def negative_log_likelihood(tags: Any, logits: Any) -> Any:
        return -crf.log_likelihood(logits, tags) / keras.ops.cast(keras.ops.shape(tags)[1], "float32")

    return negative_log_likelihood


def _batches_of_epochs(train: Examples, params: TrainingParams) -> tf.data.Dataset:
    """Batches of train, drawn anew each time they are gone through, by the seed and the number of the epoch alone."""
    epochs = itertools.count()

    def draw_epoch() -> Iterator[Any]:
        draw = np.random.default_rng([params.seed, next(epochs)])
        rates = params.forgetting / (params.forgetting + np.maximum(train.counts, 1))
        for batch in batches(train.corpus, params.batch_size, draw):
            inputs = batch.features.inputs()
            inputs["words"] = forget_words(inputs["words"], rates, draw)
            yield inputs, np.stack([train.tags[index] for index in batch.indices])

    # Lengths are left open, since one batch has others than the next; only the number of characters is the same.
    some = train.corpus.features[0].inputs()
    shapes = {name: tf.TensorSpec((None, None, *array.shape[1:]), tf.int32) for name, array in some.items()}
    signature = (shapes, tf.TensorSpec((None, None), tf.int32))
    steps = sum(math.ceil(len(indices) / params.batch_size) for indices in train.corpus.by_length.values())
    dataset = tf.data.Dataset.from_generator(draw_epoch, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(2)


class _ScoreDev(keras.callbacks.Callback):  # type: ignore[misc]
    """Scores dev after every epoch: for the log line, for early stopping, for the learning curve."""

    def __init__(self, dev: Exam) -> None:
        super().__init__()
        self._dev = dev
        self.epochs: list[Epoch] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if not math.isfinite(logs["loss"]):
            raise TrainingError(
                f"epoch {epoch + 1}: the loss is {logs['loss']}; a lower training.learning_rate may help"
            )
        tagged = tag_corpus(self.model, self._dev.corpus, self._dev.tags, confidences=False)
        logs["dev_entity_f1"] = entity_f1(self._dev.gold, [sentence.tags for sentence in tagged])
        self.epochs.append(Epoch(epoch + 1, logs["loss"], logs["dev_entity_f1"]))
