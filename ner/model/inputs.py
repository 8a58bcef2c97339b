"""What is read of a token -> a vector: its word, its characters, its word vector.

Shapes: B sentences of one length, T tokens, C characters, D dimensions, N words that have a vector.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ner.features.trimmed import VectorTable
from ner.features.vocabulary import PADDING
from ner.model.lstm import LSTM
from ner.model.parameters import CharacterParams


def embedding(items: int, dimensions: int, name: str) -> Any:
    """Vectors whose components have variance 1 / dimensions (Lample et al. 2016), not Keras' far smaller ones."""
    bound = (3 / dimensions) ** 0.5
    return keras.layers.Embedding(items, dimensions, keras.initializers.RandomUniform(-bound, bound), name=name)


def character_cnn(params: CharacterParams, x: Any) -> Any:
    """Characters `(B, T, C, D)` -> the greatest answer of each filter, `(B, T, features)` (Ma and Hovy 2016)."""
    window = (1, params.width)  # of one token, of some characters
    x = keras.layers.Conv2D(params.features, window, padding="same", name="char_encoder")(x)  # (B, T, C, features)
    return keras.ops.max(x, axis=2)


class CharacterLSTM(keras.layers.Layer):  # type: ignore[misc]
    """Characters `(B, T, C, D)` and their ids -> where a bidirectional LSTM ends, `(B, T, features)` (Lample 2016)."""

    def __init__(self, params: CharacterParams, **options: Any) -> None:
        super().__init__(**options)
        self._features = params.features
        self._lstm = keras.layers.Bidirectional(LSTM(params.features // 2, name="lstm"), name="bilstm")

    def build(self, characters_shape: Any, ids_shape: Any) -> None:  # noqa: ARG002, the names are Keras'
        self._lstm.build((None, *characters_shape[2:]))

    def call(self, characters: Any, ids: Any) -> Any:
        shape = tf.shape(ids)  # B, T, C
        x = tf.reshape(characters, (shape[0] * shape[1], *characters.shape[2:]))[:, 1:]  # (B * T, C - 1, D)
        # The padding in front is cut off, so that all of it is on the right, where the fused kernels want it.
        mask = tf.reshape(ids, (shape[0] * shape[1], ids.shape[2]))[:, 1:] != PADDING
        return tf.reshape(self._lstm(x, mask=mask), (shape[0], shape[1], self._features))

    def compute_output_shape(self, characters_shape: Any, ids_shape: Any) -> Any:  # noqa: ARG002
        return (*ids_shape[:2], self._features)


class WordVectors(keras.layers.Layer):  # type: ignore[misc]
    """Ids as a VectorTable gives them, `(B, T)` -> word vectors `(B, T, D)`, zeros for a token that has none.

    Vectors that are not trained are no weights: they stay in the table's eight bits.
    """

    def __init__(self, vectors: VectorTable, *, trainable: bool, **options: Any) -> None:
        super().__init__(trainable=trainable, **options)
        self._table = np.pad(vectors.table, ((1, 0), (0, 0)))  # (N + 1, D)
        self._scales = np.pad(vectors.scales, (1, 0))  # (N + 1,)

    def build(self, _shape: Any) -> None:
        if self.trainable:
            start = keras.initializers.Constant(self._table * self._scales[:, None])
            self.vectors = self.add_weight(shape=self._table.shape, initializer=start, name="vectors")
        else:
            self._constants = tf.constant(self._table), tf.constant(self._scales)

    def call(self, ids: Any) -> Any:
        if self.trainable:
            return tf.gather(tf.cast(self.vectors, self.compute_dtype), ids)
        table, scales = self._constants
        vectors = tf.cast(tf.gather(table, ids), tf.float32) * tf.gather(scales, ids)[..., None]
        return tf.cast(vectors, self.compute_dtype)

    def compute_output_shape(self, shape: Any) -> Any:
        return (*shape, self._table.shape[1])
