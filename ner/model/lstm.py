"""Keras' LSTM layer with a hand-written gradient, which takes half of the time on a CPU.

Shapes: B sentences of one length, T tokens, D input features, U units.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable("ner")
class Orthogonal(keras.initializers.Orthogonal):  # type: ignore[misc]
    """Orthogonal initializer (Saxe et al. 2014) that gives the same bytes on every processor.

    Keras' own uses TensorFlow's QR decomposition, whose sums depend on the sizes of the processor's caches. This one
    uses the Gram-Schmidt process.
    """

    def __call__(self, shape: tuple[int, int], dtype: Any = None) -> Any:
        long, short = max(shape), min(shape)
        rows = np.asarray(keras.random.normal((short, long), seed=self.seed), np.float64)
        for place, row in enumerate(rows):
            row /= np.sqrt(np.square(row).sum())
            rows[place + 1 :] -= (rows[place + 1 :] * row).sum(axis=1)[:, None] * row
        matrix = rows if shape == (short, long) else rows.T
        return keras.ops.convert_to_tensor(self.gain * matrix, dtype)


@keras.saving.register_keras_serializable("ner")
class LSTM(keras.layers.LSTM):  # type: ignore[misc]
    """Keras' LSTM (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), computed faster.

    The weights are the same. Keras multiplies by every weight matrix at every token, in both passes. Here the input
    kernel is applied to all tokens at once, and the gradient of each weight matrix is one product. Only what depends on
    the previous token stays in the loop. On a GPU, in half precision, with a mask, with an initial state, or if only
    the last state is returned, Keras' own implementation runs.
    """

    def __init__(self, units: int, *, recurrent_initializer: Any = None, **options: Any) -> None:
        super().__init__(units, recurrent_initializer=recurrent_initializer or Orthogonal(), **options)

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        own = self.compute_dtype == "float32" and mask is None and initial_state is None and self.return_sequences
        if not own or tf.config.list_physical_devices("GPU"):
            return super().call(sequences, initial_state=initial_state, mask=mask, training=training)
        by_token = tf.transpose(sequences, (1, 0, 2))  # (T, B, D)
        if self.go_backwards:
            by_token = tf.reverse(by_token, (0,))
        cell = self.cell
        states = _lstm(by_token, *(tf.convert_to_tensor(w) for w in (cell.kernel, cell.recurrent_kernel, cell.bias)))
        return tf.transpose(states, (1, 0, 2))  # (B, T, U)


@keras.saving.register_keras_serializable("ner")
class Bidirectional(keras.layers.Bidirectional):  # type: ignore[misc]
    """Keras' layer over sentences of several lengths, `(B,)`, that are padded on the right: no direction reads padding.

    Keras would need a mask for it, with which its LSTM reads token by token.
    """

    def build(self, sequences_shape: Any, lengths_shape: Any = None) -> None:  # noqa: ARG002, the names are Keras'
        super().build(sequences_shape)

    def call(self, sequences: Any, lengths: Any = None, **options: Any) -> Any:
        if lengths is None:
            return super().call(sequences, **options)
        backwards = tf.reverse_sequence(sequences, lengths, seq_axis=1)  # the real tokens of each
        states = self.backward_layer(keras.ops.flip(backwards, axis=1))  # which it reads from behind
        return tf.concat([self.forward_layer(sequences), tf.reverse_sequence(states, lengths, seq_axis=1)], axis=-1)

    def compute_output_shape(self, sequences_shape: Any, lengths_shape: Any = None) -> Any:  # noqa: ARG002
        return super().compute_output_shape(sequences_shape)


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _lstm(x: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    """Compute the LSTM states of all tokens, `(T, B, U)`, from the inputs `x`, `(T, B, D)`.

    The weights have Keras' shapes: `(D, 4U)`, `(U, 4U)` and `(4U,)`, with the gates in the order input, forget,
    candidate, output.
    """
    length, units = tf.shape(x)[0], recurrent.shape[0]
    tokens = tf.reshape(x, (-1, kernel.shape[0]))  # (T * B, D)
    read = tf.reshape(tf.matmul(tokens, kernel) + bias, (length, -1, 4 * units))  # (T, B, 4U)
    nothing = tf.zeros_like(read[0, :, :units])  # (B, U)

    def arrays(number: int) -> list[Any]:
        return [tf.TensorArray(x.dtype, length) for _ in range(number)]

    def step(t: Any, state: Any, cell: Any, kept: list[Any]) -> Any:
        z = read[t] + tf.matmul(state, recurrent)  # (B, 4U)
        in_, forget = tf.split(tf.sigmoid(z[:, : 2 * units]), 2, axis=1)
        candidate, out = tf.tanh(z[:, 2 * units : 3 * units]), tf.sigmoid(z[:, 3 * units :])
        cell = forget * cell + in_ * candidate
        tanh = tf.tanh(cell)
        state = out * tanh
        values = (state, cell, tanh, in_, forget, candidate, out)
        return t + 1, state, cell, [array.write(t, value) for array, value in zip(kept, values, strict=True)]

    *_, kept = tf.while_loop(lambda t, *_: t < length, step, (0, nothing, nothing, arrays(7)))
    states, cells, tanh, in_, forget, candidate, out = (array.stack() for array in kept)  # (T, B, U) each

    def gradient(upstream: Any) -> tuple[Any, ...]:
        before = tf.concat([nothing[None], cells[:-1]], axis=0)  # (T, B, U)
        # Derivatives of the cell, or of the state, by the input of each gate. They need no loop.
        to_cell = tf.concat(
            [
                candidate * in_ * (1 - in_),
                before * forget * (1 - forget),
                in_ * (1 - tf.square(candidate)),
            ],
            axis=2,
        )  # (T, B, 3U)
        to_state = tanh * out * (1 - out)
        through = out * (1 - tf.square(tanh))
        back = tf.transpose(recurrent)  # (4U, U)

        def step_back(t: Any, state: Any, cell: Any, kept: Any) -> Any:
            state = state + upstream[t]
            cell = cell + state * through[t]
            z = tf.concat([tf.tile(cell, (1, 3)) * to_cell[t], state * to_state[t]], axis=1)  # (B, 4U)
            return t - 1, tf.matmul(z, back), cell * forget[t], kept.write(t, z)

        *_, kept = tf.while_loop(lambda t, *_: t >= 0, step_back, (length - 1, nothing, nothing, arrays(1)[0]))
        z = tf.reshape(kept.stack(), (-1, 4 * units))  # (T * B, 4U)
        earlier = tf.reshape(tf.concat([nothing[None], states[:-1]], axis=0), (-1, units))  # (T * B, U)
        return (
            tf.reshape(tf.matmul(z, kernel, transpose_b=True), tf.shape(x)),
            tf.matmul(tokens, z, transpose_a=True),
            tf.matmul(earlier, z, transpose_a=True),
            tf.reduce_sum(z, axis=0),
        )

    return states, gradient
