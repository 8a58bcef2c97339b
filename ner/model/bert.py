"""The sizes and weights of a pretrained encoder -> a Keras layer that maps word pieces to vectors.

The layer divides instead of calling `rsqrt` or a softmax. In TensorFlow both start from the processor's own
approximation of a reciprocal, so their results differ between processors. Shapes: W windows, P pieces, D hidden units,
H heads, F units of the feed-forward network.
"""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from ner.encoders.config import EncoderConfig, weight_shapes

HIDDEN = -1e9  # added to attention scores of padding, whose exponential is then 0


class BertEncoder(keras.layers.Layer):  # type: ignore[misc]
    """BERT (Devlin et al. 2019) up to its last layer: pieces `(W, P)` -> their vectors in context `(W, P, D)`.

    Args:
        config: sizes.
        padding: id of the padding piece, which is not attended to.
        dropout: rate after the embeddings and after each sublayer.
        frozen_layers: number of the first layers that are not tuned; above 0, the embeddings are not tuned either.
        every_layer: whether to return a list of the vectors of the embeddings and of every layer, not just the last's.
    """

    def __init__(
        self,
        config: EncoderConfig,
        *,
        padding: int,
        dropout: float,
        frozen_layers: int = 0,
        every_layer: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.config, self._padding, self._every_layer = config, padding, every_layer
        self._frozen = ["words", *(["positions", "norm."] if frozen_layers else [])]
        self._frozen += [f"layer_{number}." for number in range(frozen_layers)]
        count = 1 + 2 * config.layers
        policy = self.dtype_policy
        self._dropouts = [keras.layers.Dropout(dropout, name=f"dropout_{n}", dtype=policy) for n in range(count)]

    def build(self, *_shapes: Any) -> None:
        self._named = {
            # The table of pieces is not tuned: only the rows of pieces in train would be, and they would drift away.
            name: self.add_weight(
                shape=shape, name=name.replace(".", "_"), trainable=not name.startswith(tuple(self._frozen))
            )
            for name, shape in weight_shapes(self.config).items()
        }

    def assign(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Set the weights, which have the names of `weight_shapes`. The layer must be built."""
        for name, variable in self._named.items():
            variable.assign(weights[name])

    def call(self, pieces: Any, added: Any = None, training: bool = False) -> Any:
        """Return the vectors. `added`, `(W, P, D)`, is added to the piece embeddings before the first layer.

        In training, the windows are computed in two halves, each on its own core.
        """
        if training:
            half = (ops.shape(pieces)[0] + 1) // 2
            parts = [(pieces[:half], added if added is None else added[:half])]
            parts += [(pieces[half:], added if added is None else added[half:])]
            halves = [self._call(*part, training=True) for part in parts]
            layers = [ops.concatenate(pair, axis=0) for pair in zip(*halves, strict=True)]
        else:
            layers = self._call(pieces, added, training=False)
        return layers if self._every_layer else layers[-1]

    def _call(self, pieces: Any, added: Any, *, training: bool) -> list[Any]:
        """Return the vectors of the embeddings and of every layer, or, unless all are asked for, of the last alone."""
        config, dropouts = self.config, iter(self._dropouts)
        weight = {name: ops.cast(variable.value, self.compute_dtype) for name, variable in self._named.items()}
        heads, wide = config.heads, config.hidden
        length = ops.shape(pieces)[1]

        def dense(x: Any, name: str) -> Any:
            return ops.matmul(x, weight[f"{name}.kernel"]) + weight[f"{name}.bias"]

        def norm(x: Any, name: str) -> Any:
            x = ops.cast(x, "float32")
            x = x - ops.mean(x, axis=-1, keepdims=True)
            # The root of the sum, not of the mean: TensorFlow turns a division by a square root itself into `rsqrt`.
            length = ops.sqrt(ops.sum(x * x, axis=-1, keepdims=True) + wide * config.epsilon)
            x = ops.cast(x / (length * wide**-0.5), self.compute_dtype)
            return x * weight[f"{name}.scale"] + weight[f"{name}.offset"]

        hidden = ops.cast(ops.equal(pieces, self._padding), "float32")[:, None, None, :] * HIDDEN  # (W, 1, 1, P)
        x = ops.take(weight["words"], pieces, axis=0) + weight["positions"][:length]  # (W, P, D)
        x = norm(x if added is None else x + added, "norm")
        x = next(dropouts)(x, training=training)
        found = [x]
        for number in range(config.layers):
            layer = f"layer_{number}"
            parts = ops.reshape(dense(x, f"{layer}.attention"), (-1, length, 3, heads, wide // heads))
            query, key, value = ops.unstack(ops.transpose(parts, (2, 0, 3, 1, 4)), 3)  # (W, H, P, D / H) each
            scores = ops.matmul(query * (wide // heads) ** -0.5, ops.transpose(key, (0, 1, 3, 2)))  # (W, H, P, P)
            scores = ops.cast(scores, "float32") + hidden
            odds = ops.exp(scores - tf.stop_gradient(tf.reduce_max(scores, axis=-1, keepdims=True)))  # (W, H, P, P)
            total = ops.cast(ops.sum(odds, axis=-1, keepdims=True), self.compute_dtype)
            read = ops.matmul(ops.cast(odds, self.compute_dtype), value) / total  # (W, H, P, D / H)
            read = ops.reshape(ops.transpose(read, (0, 2, 1, 3)), (-1, length, wide))  # (W, P, D)
            read = next(dropouts)(dense(read, f"{layer}.attention_output"), training=training)
            x = norm(x + read, f"{layer}.attention_norm")
            inner = dense(x, f"{layer}.feed_forward")  # (W, P, F)
            inner = inner * (ops.erf(inner * 0.5**0.5) * 0.5 + 0.5)  # GELU (Hendrycks and Gimpel 2016), exact
            inner = next(dropouts)(dense(inner, f"{layer}.feed_forward_output"), training=training)
            x = norm(x + inner, f"{layer}.feed_forward_norm")
            found = [*found, x] if self._every_layer else [x]
        return found

    def compute_output_shape(self, shape: Any, *_others: Any) -> Any:
        one = (*shape, self.config.hidden)
        return [one] * (1 + self.config.layers) if self._every_layer else one


class LayerMixture(keras.layers.Layer):  # type: ignore[misc]
    """Vectors of several layers, `(W, P, D)` each -> their weighted mean `(W, P, D)` (Peters et al. 2018, equation 1).

    The weights are a softmax of trained numbers, which start alike.
    """

    def build(self, shapes: Any) -> None:
        self._scores = self.add_weight(shape=(len(shapes),), initializer="zeros", name="scores")

    def call(self, layers: Any) -> Any:
        odds = ops.exp(self._scores - tf.stop_gradient(tf.reduce_max(self._scores)))  # (layers,)
        shares = odds / ops.sum(odds)
        return sum(layer * shares[number] for number, layer in enumerate(layers))

    def compute_output_shape(self, shapes: Any) -> Any:
        return shapes[0]


class FirstPieces(keras.layers.Layer):  # type: ignore[misc]
    """Piece vectors `(W, P, D)` and the index of each token's first piece `(B, T)` -> token vectors `(B, T, D)`."""

    def call(self, vectors: Any, firsts: Any) -> Any:
        rows = ops.reshape(vectors, (-1, vectors.shape[-1]))  # (W * P, D)
        real = ops.cast(ops.greater_equal(firsts, 0), vectors.dtype)[..., None]  # (B, T, 1); padding is -1
        return ops.take(rows, ops.maximum(firsts, 0), axis=0) * real

    def compute_output_shape(self, vectors_shape: Any, firsts_shape: Any) -> Any:
        return (*firsts_shape, vectors_shape[-1])
