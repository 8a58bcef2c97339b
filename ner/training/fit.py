"""A network, train and dev -> the trained network, with the weights of its best epoch on dev, and a learning curve."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ner.core.entity_f1 import entity_f1
from ner.core.sentence import Sentence
from ner.core.tagscheme import OUTSIDE
from ner.features.encoding import Batch, EncodedCorpus, Encoder, batches, drop_words, encode
from ner.model.architectures import ENCODER
from ner.model.crf import crf_of
from ner.model.parameters import TrainingParams, TransferParams
from ner.model.tagging import tag_corpus
from ner.training.epochs import EpochBatches
from ner.training.optimizer import Adam
from ner.training.resume import Epoch, Resume
from ner.training.schedules import learning_rate
from ner.training.transfer import PartwiseAdam


@dataclass(frozen=True, slots=True)
class Examples:
    """Training examples: encoded sentences, their gold tag ids, `(T,)` each, and the count of each word id."""

    corpus: EncodedCorpus
    tags: list[NDArray[np.int32]]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, sentences: Sequence[Sentence], encoder: Encoder, tags: Sequence[str]) -> "Examples":
        """Encode the sentences that `encoder` and `tags` were built from."""
        ids = {tag: index for index, tag in enumerate(tags)}
        tag_ids = [np.array([ids[tag] for tag in sentence.tags], np.int32) for sentence in sentences]
        corpus = encode(sentences, encoder)
        if encoder.words is None:
            return cls(corpus, tag_ids, np.zeros(0, np.int64))
        words = np.concatenate([features["words"] for features in corpus.features])
        return cls(corpus, tag_ids, np.bincount(words, minlength=len(encoder.words)))


@dataclass(frozen=True, slots=True)
class DevSet:
    """The development set, which is scored after each epoch: encoded sentences and their gold tags."""

    corpus: EncodedCorpus
    gold: list[tuple[str, ...]]
    tags: tuple[str, ...]  # the tag set of the network, by id


def fit(
    network: keras.Model,
    train: Examples,
    dev: DevSet,
    params: TrainingParams,
    *,
    transfer: TransferParams | None = None,
    progress: bool = False,
    resume: Path | None = None,
    watchers: Sequence[keras.callbacks.Callback] = (),
) -> list[Epoch]:
    """Train `network` in place and return its learning curve.

    The network ends with the (averaged) weights of its best epoch on dev, or of its last if dev is trained on.

    Args:
        network: maps the features of the encoder to logits, as `build_network` makes it.
        train: the training examples.
        dev: scored after each epoch, for early stopping.
        params: epochs, learning rate, seed and the like.
        transfer: frozen parts and learning rates by part, if the network starts from a trained one.
        progress: show a progress bar within each epoch, not just a line after it.
        resume: the directory that the state of each epoch is saved to, and that a killed training is resumed from.
        watchers: more callbacks, which get each epoch's loss and dev entity F1, and must change nothing.

    Raises:
        TrainingError: the loss became NaN or infinite.
    """
    batches_of_epochs = _epoch_batches(train, params)
    network.compile(
        _optimizer(params, transfer, batches_of_epochs.steps), loss_of(network, dev.tags, params.missed_entity_cost)
    )
    network.optimizer.build(network.trainable_variables)
    scored = _ScoreDev(dev)
    choosing = params.dev == "choose"
    stopping = keras.callbacks.EarlyStopping(
        "dev_entity_f1",
        mode="max",
        patience=params.patience if choosing else params.epochs,
        restore_best_weights=choosing,
    )
    averaged = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if params.ema_momentum else []
    resumed = [Resume(resume, stopping, scored.epochs)] if resume else []
    network.fit(
        batches_of_epochs.dataset(),
        epochs=params.epochs,
        initial_epoch=resumed[0].first_epoch if resumed else 0,
        # In this order: dev is scored with the averaged weights, and the state is saved when they are swapped back.
        callbacks=[batches_of_epochs, *averaged, scored, stopping, *resumed, *watchers],
        shuffle=False,  # each epoch is drawn in an order of its own
        verbose=1 if progress else 2,
    )
    return scored.epochs


def write_learning_curve(path: Path, epochs: Sequence[Epoch]) -> None:
    """Write the learning curve as a CSV for `dvc plots`."""
    rows = [f"{row.epoch},{row.loss:.5f},{row.dev_entity_f1:.5f}\n" for row in epochs]
    path.write_text("epoch,loss,dev_entity_f1\n" + "".join(rows), encoding="utf-8", newline="\n")


def loss_of(network: keras.Model, tags: Sequence[str], missed_entity_cost: float) -> Any:
    """Return the loss function of a network: the negative log-likelihood of the gold tags, in nats per token.

    With a CRF it is the likelihood of the whole tag path, divided by T. Without one it is the cross-entropy of each
    token. `missed_entity_cost` is added to the logit of O on the tokens of gold entities: a softmax-margin (Gimpel and
    Smith 2010) with the cost of missing an entity, for recall (Mohit et al. 2012).

    Args:
        network: returns logits `(B, T, K)`.
        tags: the tag set, by id.
        missed_entity_cost: in nats, for each token of a gold entity; 0 is plain likelihood.
    """
    crf = crf_of(network)
    is_padded = any(layer.name == ENCODER for layer in network.layers)
    outside = tf.constant([float(tag == OUTSIDE) for tag in tags])  # (K,)

    def padded(tags: Any, logits: Any) -> Any:
        """Compute the same of padded sentences, `(B,)`. Padding has the tag -1; all other tokens weigh the same."""
        real = tags >= 0  # (B, T)
        count = keras.ops.sum(keras.ops.cast(real, "float32")) / keras.ops.cast(keras.ops.shape(tags)[0], "float32")
        tags = keras.ops.maximum(tags, 0)
        logits = with_cost(tags, logits)
        if crf is None:
            losses = keras.losses.sparse_categorical_crossentropy(tags, logits, from_logits=True)  # (B, T)
            return keras.ops.sum(keras.ops.where(real, losses, 0.0), axis=1) / count
        return -crf.log_likelihood(logits, tags, real) / count

    def negative_log_likelihood(tags: Any, logits: Any) -> Any:
        logits = with_cost(tags, logits)
        if crf is None:
            return keras.losses.sparse_categorical_crossentropy(tags, logits, from_logits=True)  # (B, T)
        return -crf.log_likelihood(logits, tags) / keras.ops.cast(keras.ops.shape(tags)[1], "float32")  # (B,)

    def with_cost(tags: Any, logits: Any) -> Any:
        if missed_entity_cost:
            of_entity = 1 - tf.gather(outside, tf.cast(tags, tf.int32))  # (B, T)
            logits = logits + missed_entity_cost * of_entity[..., None] * outside
        return logits

    return padded if is_padded else negative_log_likelihood


def _optimizer(params: TrainingParams, transfer: TransferParams | None, steps: int) -> keras.optimizers.Optimizer:
    """Create the optimizer, for epochs of `steps` batches."""
    rate = learning_rate(params, steps)
    options = {
        "global_clipnorm": params.clip_norm or None,
        "use_ema": params.ema_momentum > 0,
        "ema_momentum": params.ema_momentum,
    }
    return PartwiseAdam(rate, transfer, steps, **options) if transfer else Adam(rate, **options)


def _epoch_batches(train: Examples, params: TrainingParams) -> EpochBatches:
    rates = params.word_dropout_alpha / (params.word_dropout_alpha + np.maximum(train.counts, 1))

    def example(batch: Batch, draw: np.random.Generator) -> Any:
        features = dict(batch.features)
        if "words" in features:
            features["words"] = drop_words(features["words"], rates, draw)
        return features, train.corpus.tags_like(batch, train.tags)

    # Batch size and lengths vary from batch to batch. Only the number of characters or prefixes of a token is fixed.
    some = next(batches(train.corpus, params.batch_size)).features
    shapes = {name: tf.TensorSpec((None, None, *array.shape[2:]), tf.int32) for name, array in some.items()}
    signature = (shapes, tf.TensorSpec((None, None), tf.int32))
    return EpochBatches(train.corpus, params.batch_size, params.seed, example=example, signature=signature)


class _ScoreDev(keras.callbacks.Callback):  # type: ignore[misc]
    """Callback that adds dev entity F1 to the logs of every epoch, and collects the learning curve."""

    def __init__(self, dev: DevSet) -> None:
        super().__init__()
        self._dev = dev
        self.epochs: list[Epoch] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        tagged = tag_corpus(self.model, self._dev.corpus, self._dev.tags, confidences=False)
        logs["dev_entity_f1"] = entity_f1(self._dev.gold, [sentence.tags for sentence in tagged])
        self.epochs.append(Epoch(epoch + 1, logs["loss"], logs["dev_entity_f1"]))
