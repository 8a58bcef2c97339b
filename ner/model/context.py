"""What a language model makes of the sentence around a token: read beside the token itself.

Shapes: B sentences of one length, T tokens, D numbers read of a token, V of them its word vector, U units.
"""

from typing import Any

import keras


class Context(keras.layers.Layer):  # type: ignore[misc]
    """Behind what is read of each token, the states of two language models `(B, T, D)` -> `(B, T, D + 2 * U)`.

    One has read the word vectors of the sentence up to the token, the other those from its end back to the token
    (Peters et al. 2017, "Semi-supervised sequence tagging with bidirectional language models", section 2.2).
    """

    def __init__(self, units: int, vectors: slice, lstm: type[keras.layers.LSTM], **options: Any) -> None:
        """`vectors` is where the word vector stands in what is read of a token; `lstm` is the layer of both models."""
        super().__init__(**options)
        self._units, self._vectors = units, vectors
        self.forward = lstm(units, return_sequences=True, name="forward")
        self.backward = lstm(units, return_sequences=True, go_backwards=True, name="backward")

    def build(self, shape: Any) -> None:
        vectors = (*shape[:-1], self._vectors.stop - self._vectors.start)
        self.forward.build(vectors)
        self.backward.build(vectors)

    def states(self, vectors: Any) -> tuple[Any, Any]:
        """Of both, `(B, T, U)` each, from word vectors `(B, T, V)`."""
        return self.forward(vectors), keras.ops.flip(self.backward(vectors), axis=1)

    def call(self, read: Any) -> Any:
        return keras.ops.concatenate([read, *self.states(read[..., self._vectors])], axis=-1)

    def compute_output_shape(self, shape: Any) -> Any:
        return (*shape[:-1], shape[-1] + 2 * self._units)
