"""Unlabelled sentences -> the trained forward and backward language model of a network's `Context` layer.

They predict the class of the next word, not the word. Each frequent word is a class of its own. All other words share
classes that k-means finds among their vectors, so that rare names are predicted as a kind of name. Cluster ids as
targets are as in Hsu et al. (2021, HuBERT), section II.A.

Shapes: B sentences of one length, T tokens, V components of a word vector, U units, C classes, N words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from threadpoolctl import threadpool_limits

from ner.core.sentence import Sentence
from ner.core.tagscheme import OUTSIDE
from ner.distillation.language_model_parameters import LanguageModelTraining
from ner.features.embedding_files import Vectors
from ner.features.encoding import Batch, EncodedCorpus, Encoder, batches, encode
from ner.features.lookup import find
from ner.training.epochs import EpochBatches
from ner.training.optimizer import Adam

Ids = NDArray[np.int32]


def classes_of(vectors: Vectors, training: LanguageModelTraining) -> Ids:
    """Assign a class to each word, `(N,)`: one of its own to each of the `frequent` first, a k-means cluster to others.

    The words must be ordered from the most frequent on.
    """
    table = np.asarray(vectors.vectors, np.float32)
    table = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9)
    ids = np.arange(len(table), dtype=np.int32)
    if len(table) > training.frequent:
        rest = table[training.frequent :]
        means = MiniBatchKMeans(min(training.classes, len(rest)), random_state=training.seed, n_init=1)
        with threadpool_limits(1):  # so that sums do not depend on the number of cores
            ids[training.frequent :] = training.frequent + means.fit_predict(rest)
    return ids


@dataclass(frozen=True, slots=True)
class Text:
    """Sentences for language models: their word vectors as input, the classes of their words as targets."""

    corpus: EncodedCorpus  # the ids of word vectors, and no other feature
    classes: list[Ids]  # of the words of each sentence, with the sentence-end class before and after them, `(T + 2,)`
    number: int  # of classes, C


def read_text(sentences: Sequence[Sequence[str]], encoder: Encoder, vectors: Vectors, classes: Ids) -> Text:
    """Look up the word vector and the class of every token.

    Args:
        sentences: sequences of tokens, none of them empty.
        encoder: of the network; only its word vectors are used.
        vectors: the untrimmed word vectors that `encoder` was built with.
        classes: of `classes_of(vectors, ...)`. All words that `vectors` lacks share one more class.
    """
    index = {word: row for row, word in enumerate(vectors.words)}
    unknown, end = int(classes.max()) + 1, int(classes.max()) + 2
    of_token: dict[str, int] = {}
    for token in dict.fromkeys(token for sentence in sentences for token in sentence):
        row = find(token, index, vectors.normalisation)
        of_token[token] = unknown if row is None else int(classes[row])
    corpus = encode(
        [Sentence(tuple(sentence), (OUTSIDE,) * len(sentence)) for sentence in sentences],
        Encoder(None, casings=False, vectors=encoder.vectors),
    )
    found = [np.array([end, *(of_token[token] for token in sentence), end], np.int32) for sentence in sentences]
    return Text(corpus, found, end + 1)


def fit_language_models(
    network: keras.Model, text: Text, validation: Text, training: LanguageModelTraining, *, progress: bool = False
) -> dict[str, float]:
    """Train the two language models in the `Context` layer of `network` in place. All other layers stay as they are.

    Args:
        network: a network of `build_network` with `context_units`.
        text: the sentences to train on. Sentences of one length share a batch.
        validation: held-out sentences, read with the same classes.
        training: classes, epochs, learning rate and the like.
        progress: show a progress bar within each epoch, not just a line after it.

    Returns:
        The perplexity on `validation`: `next` of the forward model, `previous` of the backward model. The end of a
        sentence counts as a word.

    Raises:
        TrainingError: the loss became NaN or infinite.
    """
    context, table = network.get_layer("context"), network.get_layer("pretrained_vectors")
    ids = keras.Input((None,), dtype="int32", name="vectors")  # (B, T)
    vectors = keras.layers.Dropout(training.dropout)(table(ids))  # (B, T, V)
    states = dict(zip(("next", "previous"), context.states(vectors), strict=True))  # (B, T, U) each
    guesses = {name: keras.layers.Dense(text.number, name=name)(state) for name, state in states.items()}
    models = keras.Model(ids, guesses)  # logits (B, T, C)
    signature = tf.TensorSpec((None, None), tf.int32)
    draws = EpochBatches(
        text.corpus,
        training.batch_size,
        training.seed,
        example=lambda batch, _: (batch.features["vectors"], _guessed(text, batch)),
        signature=(signature, {"next": signature, "previous": signature}),
    )
    rate = keras.optimizers.schedules.CosineDecay(training.learning_rate, draws.steps * training.epochs)
    models.compile(
        Adam(rate, global_clipnorm=training.clip_norm or None),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    models.fit(draws.dataset(), epochs=training.epochs, callbacks=[draws], shuffle=False, verbose=1 if progress else 2)
    return _perplexities(models, validation, training.batch_size)


def _guessed(text: Text, batch: Batch) -> dict[str, Ids]:
    """Return the targets of a batch, `(B, T)` each: the classes of the next and of the previous word."""
    classes = np.stack([text.classes[index] for index in batch.indices])  # (B, T + 2)
    return {"next": classes[:, 2:], "previous": classes[:, :-2]}


def _perplexities(models: keras.Model, text: Text, batch_size: int) -> dict[str, float]:
    nats = {"next": 0.0, "previous": 0.0}
    words = sum(len(classes) - 2 for classes in text.classes)
    for batch in batches(text.corpus, batch_size):
        logits = models.predict_on_batch(batch.features["vectors"])  # (B, T, C) each
        for name, targets in _guessed(text, batch).items():
            losses = keras.losses.sparse_categorical_crossentropy(targets, logits[name], from_logits=True)  # (B, T)
            nats[name] += float(np.sum(losses, dtype=np.float64))
    return {name: math.exp(total / words) for name, total in nats.items()}
