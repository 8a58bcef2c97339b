"""Ids of words, characters and pretrained vectors -> a vector for each token.

Shapes: B sentences of one length, T tokens, C characters, D dimensions, N words with a pretrained vector.
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
    """Create an embedding layer whose initial values have the variance 1 / dimensions (Lample et al. 2016).

    Keras' default is far smaller.
    """
    bound = (3 / dimensions) ** 0.5
    return keras.layers.Embedding(items, dimensions, keras.initializers.RandomUniform(-bound, bound), name=name)


def character_cnn(params: CharacterParams, x: Any) -> Any:
    """Convolve character vectors `(B, T, C, D)` and max-pool over C: `(B, T, features)` (Ma and Hovy 2016)."""
    window = (1, params.width)  # 1 token by `width` characters
    x = keras.layers.Conv2D(params.features, window, padding="same", name="char_encoder")(x)  # (B, T, C, features)
    return keras.ops.max(x, axis=2)


class CharacterLSTM(keras.layers.Layer):  # type: ignore[misc]
    """BiLSTM over the characters of each token; returns its final states, `(B, T, features)` (Lample et al. 2016).

    It reads character vectors `(B, T, C, D)`, and character ids `(B, T, C)` for the mask.
    """

    def __init__(self, params: CharacterParams, **options: Any) -> None:
        super().__init__(**options)
        self._features = params.features
        self._lstm = keras.layers.Bidirectional(LSTM(params.features // 2, name="lstm"), name="bilstm")

    def build(self, characters_shape: Any, ids_shape: Any) -> None:  # noqa: ARG002, the names are Keras'
        self._lstm.build((None, *characters_shape[2:]))

    def call(self, characters: Any, ids: Any) -> Any:
        shape = tf.shape(ids)  # B, T, C
        x = tf.reshape(characters, (shape[0] * shape[1], *characters.shape[2:]))[:, 1:]  # (B * T, C - 1, D)
        # The one padding character in front is cut off: fused kernels need all padding on the right.
        mask = tf.reshape(ids, (shape[0] * shape[1], ids.shape[2]))[:, 1:] != PADDING
        return tf.reshape(self._lstm(x, mask=mask), (shape[0], shape[1], self._features))

    def compute_output_shape(self, characters_shape: Any, ids_shape: Any) -> Any:  # noqa: ARG002
        return (*ids_shape[:2], self._features)


class WordVectors(keras.layers.Layer):  # type: ignore[misc]
    """Look up pretrained vectors `(B, T, D)` by `VectorTable.ids`, `(B, T)`. A token without a vector gets zeros.

    Trainable vectors are float weights. Frozen ones are no weights: they stay quantised to eight bits.
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
