"""A network, train and dev -> the network with the weights that did best on dev, and its learning curve."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ner.encoding import EncodedCorpus, batches, encode, forget_words
from ner.metrics import entity_f1
from ner.model.parameters import TrainingParams
from ner.model.tagging import tag_corpus
from ner.sentence import Sentence
from ner.vocabulary import FIRST_WORD, Vocabulary


class TrainingError(RuntimeError):
    """Training can't go on: the loss is no number any more."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One row of the learning curve: mean cross-entropy of a token of train, in nats, and strict entity F1 on dev."""

    epoch: int
    loss: float
    dev_entity_f1: float


@dataclass(frozen=True, slots=True)
class Examples:
    """What the weights are fitted to: sentences, their tags as ids, `(T,)` each, and which words are rare."""

    corpus: EncodedCorpus
    tags: list[NDArray[np.int32]]
    first_rare: int  # word ids from here on were seen once

    @classmethod
    def of(cls, sentences: Sequence[Sentence], words: Vocabulary, tags: Sequence[str]) -> "Examples":
        """Looks up the words and tags of `sentences`, which are those that `words` and `tags` were made of."""
        ids = {tag: index for index, tag in enumerate(tags)}
        tag_ids = [np.array([ids[tag] for tag in sentence.tags], np.int32) for sentence in sentences]
        corpus = encode(sentences, words)
        counts = np.bincount(np.concatenate([features.words for features in corpus.features]), minlength=len(words))
        frequent = int((counts[FIRST_WORD:] > 1).sum())
        return cls(corpus, tag_ids, FIRST_WORD + frequent)


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
    network.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    scored = _ScoreDev(dev)
    network.fit(
        _TrainingBatches(train, params),
        epochs=params.epochs,
        callbacks=[
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),  # so that the next two see the averaged weights
            scored,
            keras.callbacks.EarlyStopping(
                "dev_entity_f1", mode="max", patience=params.patience, restore_best_weights=True
            ),
        ],
        shuffle=False,
        verbose=1 if progress else 2,
    )
    return scored.epochs


def write_learning_curve(path: Path, epochs: Sequence[Epoch]) -> None:
    """A CSV that `dvc plots` draws."""
    rows = [f"{row.epoch},{row.loss:.5f},{row.dev_entity_f1:.5f}\n" for row in epochs]
    path.write_text("epoch,loss,dev_entity_f1\n" + "".join(rows), encoding="utf-8", newline="\n")


class _TrainingBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of train, drawn anew every epoch, by the seed and the number of the epoch alone."""

    def __init__(self, train: Examples, params: TrainingParams) -> None:
        super().__init__()
        self._train, self._params = train, params
        self._epoch = 0
        self._batches = list(self._draw())

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> Any:
        return self._batches[index]

    def on_epoch_end(self) -> None:
        self._epoch += 1
        self._batches = list(self._draw())

    def _draw(self) -> Iterator[Any]:
        draw = np.random.default_rng([self._params.seed, self._epoch])
        for batch in batches(self._train.corpus, self._params.batch_size, draw):
            inputs = batch.features.inputs()
            inputs["words"] = forget_words(inputs["words"], self._train.first_rare, self._params.unknown_rate, draw)
            yield inputs, np.stack([self._train.tags[index] for index in batch.indices])


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
        tagged = tag_corpus(self.model, self._dev.corpus, self._dev.tags)
        logs["dev_entity_f1"] = entity_f1(self._dev.gold, [sentence.tags for sentence in tagged])
        self.epochs.append(Epoch(epoch + 1, logs["loss"], logs["dev_entity_f1"]))
