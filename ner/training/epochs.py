"""An encoded corpus -> the batches of each epoch, in an order that follows from the seed and the epoch alone."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ner.core.errors import NerError
from ner.features.encoding import Batch, EncodedCorpus, batches


class TrainingError(NerError):
    """Training can't go on: the loss is no number any more."""


class EpochBatches(keras.callbacks.Callback):  # type: ignore[misc]
    """Draw the batches of a corpus anew in each epoch, and stop where the loss is no number."""

    def __init__(
        self,
        corpus: EncodedCorpus,
        batch_size: int,
        seed: int,
        *,
        example: Callable[[Batch, np.random.Generator], Any],
        signature: Any,
    ) -> None:
        """Hold what the batches are made of.

        Args:
            corpus: sentences of one length share a batch.
            batch_size: in sentences.
            seed: of the draw.
            example: makes what Keras is given of a batch; what chance it needs it takes from the generator.
            signature: the `tf.TensorSpec`s of an example.
        """
        super().__init__()
        self._corpus, self._batch_size, self._seed, self._epoch = corpus, batch_size, seed, 0
        self._example, self._signature = example, signature
        self.steps = (
            sum(1 for _ in batches(corpus, batch_size))
            if corpus.reader
            else sum(math.ceil(len(indices) / batch_size) for indices in corpus.by_length.values())
        )

    def on_epoch_begin(self, epoch: int, _logs: Any = None) -> None:
        self._epoch = epoch  # before Keras begins to go through the dataset again

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if not math.isfinite(logs["loss"]):
            raise TrainingError(
                f"epoch {epoch + 1}: the loss is {logs['loss']}; a lower training.learning_rate may help"
            )

    def dataset(self) -> tf.data.Dataset:
        """All batches of the epoch that begins."""
        dataset = tf.data.Dataset.from_generator(self._draw, output_signature=self._signature)
        return dataset.apply(tf.data.experimental.assert_cardinality(self.steps)).prefetch(2)

    def _draw(self) -> Iterator[Any]:
        draw = np.random.default_rng([self._seed, self._epoch])
        for batch in batches(self._corpus, self._batch_size, draw, self.steps):
            yield self._example(batch, draw)
