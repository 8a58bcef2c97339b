"""Token features -> the same features with the states of two language models appended.

Shapes: B sentences of one length, T tokens, D features of a token, V of them its word vector, U units.
"""

from typing import Any

import keras


class Context(keras.layers.Layer):  # type: ignore[misc]
    """Append the states of a forward and a backward language model: `(B, T, D)` -> `(B, T, D + 2 * U)`.

    Both read the word vectors alone: the forward one up to and including the token, the backward one from the end of
    the sentence down to and including the token (Peters et al. 2017, "Semi-supervised sequence tagging with
    bidirectional language models", section 2.2).
    """

    def __init__(self, units: int, vectors: slice, lstm: type[keras.layers.LSTM], **options: Any) -> None:
        """Create both LSTMs.

        Args:
            units: of each LSTM.
            vectors: where the word vector lies among the D features of a token.
            lstm: the layer class of both language models.
            **options: as of any Keras layer.
        """
        super().__init__(**options)
        self._units, self._vectors = units, vectors
        self.forward = lstm(units, return_sequences=True, name="forward")
        self.backward = lstm(units, return_sequences=True, go_backwards=True, name="backward")

    def build(self, shape: Any) -> None:
        vectors = (*shape[:-1], self._vectors.stop - self._vectors.start)
        self.forward.build(vectors)
        self.backward.build(vectors)

    def states(self, vectors: Any) -> tuple[Any, Any]:
        """Compute the forward and the backward states, `(B, T, U)` each, from word vectors `(B, T, V)`."""
        return self.forward(vectors), keras.ops.flip(self.backward(vectors), axis=1)

    def call(self, read: Any) -> Any:
        return keras.ops.concatenate([read, *self.states(read[..., self._vectors])], axis=-1)

    def compute_output_shape(self, shape: Any) -> Any:
        return (*shape[:-1], shape[-1] + 2 * self._units)
