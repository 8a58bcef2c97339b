"""Logits and gold tags -> the log-likelihood of a linear-chain CRF, with its gradient.

Shapes: B sentences, T tokens, K tags. `ner.core.decoding` defines the score of a path of tags, and decodes.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ner.core.decoding import Chain, no_chain


@keras.saving.register_keras_serializable("ner")
class CRF(keras.layers.Layer):  # type: ignore[misc]
    """Linear-chain CRF layer: returns the logits `(B, T, K)` unchanged, and holds the start, transition and end scores.

    Transitions that the tag scheme forbids always score -inf, so that forbidden paths have the probability 0.

    Args:
        constraints: a `Chain` of 0 where the tag scheme allows a start, transition or end, and -inf elsewhere.
    """

    def __init__(self, constraints: Chain, **options: Any) -> None:
        super().__init__(dtype="float32", **options)
        self._constraints = constraints

    def build(self, shape: Any) -> None:
        tags = shape[-1]
        self.start = self.add_weight(shape=(tags,), initializer="zeros", name="start")
        self.transitions = self.add_weight(shape=(tags, tags), initializer="zeros", name="transitions")
        self.end = self.add_weight(shape=(tags,), initializer="zeros", name="end")

    def call(self, logits: Any) -> Any:
        return logits

    def chain(self) -> Chain:
        """Return the trained scores plus the constraints, as NumPy arrays for decoding."""
        start, transitions, end = (np.asarray(weight) for weight in (self.start, self.transitions, self.end))
        forbidden = self._constraints
        return Chain(start + forbidden.start, transitions + forbidden.transitions, end + forbidden.end)

    def log_likelihood(self, logits: Any, tags: Any, mask: Any = None) -> Any:
        """Compute the log-probability of each sentence's tags, `(B,)`, in nats.

        Args:
            logits: `(B, T, K)`.
            tags: tag ids, `(B, T)`. A path that the constraints forbid has the log-probability -inf.
            mask: `(B, T)`, True on real tokens. Padding is on the right, and no sentence is empty. None means no
                padding, as in this project's batches.
        """
        logits, tags = tf.cast(logits, tf.float32), tf.cast(tags, tf.int32)
        real = tf.ones(tf.shape(tags), tf.float32) if mask is None else tf.cast(mask, tf.float32)  # (B, T)
        forbidden = self._constraints
        start = self.start + forbidden.start
        transitions = self.transitions + forbidden.transitions
        end = self.end + forbidden.end
        return _path_score(logits, tags, real, start, transitions, end) - log_partition(
            logits, real, start, transitions, end
        )

    def get_config(self) -> dict[str, Any]:
        constraints = {name: getattr(self._constraints, name).tolist() for name in ("start", "transitions", "end")}
        return {**super().get_config(), "constraints": constraints}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "CRF":
        arrays = {name: np.array(values, np.float32) for name, values in config.pop("constraints").items()}
        config.pop("dtype", None)
        return cls(Chain(**arrays), **config)


def crf_of(network: keras.Model) -> CRF | None:
    """Return the CRF layer of a network, or None if it has none."""
    return next((layer for layer in network.layers if isinstance(layer, CRF)), None)


def chain_of(network: keras.Model, tags: int) -> Chain:
    """Return the scores of the network's CRF, or zeros for a number of `tags` if it has none.

    With zeros, decoding chooses the tag of each token independently.
    """
    crf = crf_of(network)
    return crf.chain() if crf else no_chain(tags)


def _path_score(logits: Any, tags: Any, real: Any, start: Any, transitions: Any, end: Any) -> Any:
    """Compute the score of the path `tags` `(B, T)` in each sentence, `(B,)`.

    `real` is 1 on tokens and 0 on padding, `(B, T)`. `start`, `transitions` and `end` are as in `Chain`.
    """
    emitted = tf.gather(logits, tags, axis=2, batch_dims=2) * real  # (B, T)
    moved = tf.gather_nd(transitions, tf.stack([tags[:, :-1], tags[:, 1:]], axis=-1))  # (B, T - 1)
    moved = tf.where(real[:, 1:] > 0, moved, tf.zeros_like(moved))
    last = tf.cast(tf.reduce_sum(real, axis=1), tf.int32) - 1  # (B,)
    ends = tf.gather(end, tf.gather(tags, last, batch_dims=1))
    return tf.reduce_sum(emitted, 1) + tf.reduce_sum(moved, 1) + tf.gather(start, tags[:, 0]) + ends


@tf.custom_gradient  # type: ignore[untyped-decorator]
def log_partition(logits: Any, real: Any, start: Any, transitions: Any, end: Any) -> Any:
    """Compute the log-partition function, `(B,)`: the log of the sum of exp(score) over all paths.

    The arguments are those of `_path_score` without the tags: `(B, T, K)`, `(B, T)`, `(K,)`, `(K, K)`, `(K,)`.

    The forward pass works on scaled probabilities, not on logarithms, so that a forbidden transition is simply 0. The
    gradient is the expected count of each tag and transition. One backward pass computes it, which is far cheaper than
    differentiating the loop.
    """
    top = tf.reduce_max(logits, axis=-1, keepdims=True)
    emitted = tf.exp(logits - top)  # (B, T, K)
    moves, ends = tf.exp(transitions), tf.exp(end)  # (K, K), (K,)
    by_token = tf.transpose(emitted, (1, 0, 2))  # (T, B, K)
    present = tf.transpose(real)[:, :, None]  # (T, B, 1)
    alphas, scales = _forward(by_token, present, tf.exp(start), moves)
    ending = tf.reduce_sum(alphas[-1] * ends, axis=-1)  # (B,)
    value = tf.reduce_sum(tf.math.log(scales[:, :, 0]), 0) + tf.reduce_sum(top[:, :, 0] * real, 1) + tf.math.log(ending)

    def gradient(upstream: Any) -> tuple[Any, ...]:
        last = tf.broadcast_to(ends, tf.shape(alphas[-1])) / ending[:, None]
        betas = _backward(by_token, present, moves, scales, last)
        weight = upstream[None, :, None]
        counts = alphas * betas * weight  # (T, B, K), the marginals of the tags times upstream
        arrivals = by_token[1:] * betas[1:] / scales[1:] * present[1:] * weight  # (T - 1, B, K)
        pairs = moves * tf.einsum("tbi,tbj->ij", alphas[:-1], arrivals)  # (K, K), the expected count of each transition
        return (
            tf.transpose(counts * present, (1, 0, 2)),
            tf.zeros_like(real),
            tf.reduce_sum(counts[0], 0),
            pairs,
            tf.reduce_sum(counts[-1], 0),
        )

    return value, gradient


def _forward(by_token: Any, present: Any, starts: Any, moves: Any) -> tuple[Any, Any]:
    """Run the forward pass: return the scaled alphas `(T, B, K)` and their scales `(T, B, 1)`.

    An alpha is the probability of a tag given the tokens so far; it is scaled at each token (Rabiner 1989, section
    V.A). On padding the alphas stay as they are, and the scale is 1.

    Args:
        by_token: exponentials of the logits, `(T, B, K)`.
        present: 1 on tokens and 0 on padding, `(T, B, 1)`.
        starts: exponentials of the start scores, `(K,)`.
        moves: exponentials of the transition scores, `(K, K)`.
    """
    length = tf.shape(by_token)[0]

    def step(position: Any, alphas: Any, scales: Any) -> Any:
        before, is_real = alphas.read(position - 1), present[position]
        joint = tf.matmul(before, moves) * by_token[position]
        scale = tf.reduce_sum(joint, axis=-1, keepdims=True)
        alpha = is_real * joint / scale + (1 - is_real) * before
        return position + 1, alphas.write(position, alpha), scales.write(position, is_real * scale + (1 - is_real))

    joint = starts * by_token[0]
    scale = tf.reduce_sum(joint, axis=-1, keepdims=True)
    alphas, scales = (tf.TensorArray(by_token.dtype, length, clear_after_read=False) for _ in range(2))
    _, alphas, scales = tf.while_loop(
        lambda position, *_: position < length, step, (1, alphas.write(0, joint / scale), scales.write(0, scale))
    )
    return alphas.stack(), scales.stack()


def _backward(by_token: Any, present: Any, moves: Any, scales: Any, last: Any) -> Any:
    """Run the backward pass: return the betas `(T, B, K)`, with the scales of the forward pass (Rabiner 1989, V.A).

    Alpha times beta is the marginal probability of each tag given all tokens.

    Args:
        by_token: exponentials of the logits, `(T, B, K)`.
        present: 1 on tokens and 0 on padding, `(T, B, 1)`.
        moves: exponentials of the transition scores, `(K, K)`.
        scales: of `_forward`, `(T, B, 1)`.
        last: the betas of each sentence's last token, `(B, K)`. Padding has the same.
    """
    length = tf.shape(by_token)[0]

    def step(position: Any, betas: Any) -> Any:
        after, is_real = betas.read(position + 1), present[position + 1]
        arriving = by_token[position + 1] * after / scales[position + 1]
        beta = is_real * tf.matmul(arriving, moves, transpose_b=True) + (1 - is_real) * after
        return position - 1, betas.write(position, beta)

    betas = tf.TensorArray(by_token.dtype, length, clear_after_read=False)
    _, betas = tf.while_loop(lambda position, *_: position >= 0, step, (length - 2, betas.write(length - 1, last)))
    return betas.stack()
