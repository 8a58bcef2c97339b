"""Adam and the moving average of the weights, each in one pass over the weights where Keras' take about ten."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


class Adam(keras.optimizers.Adam):  # type: ignore[misc]
    """Adam (Kingma and Ba 2015, section 2, last paragraph) by TensorFlow's own kernel; the same within rounding.

    Of an embedding, a batch has gradients for some rows alone. They are summed, measured and clipped as rows, then
    spread over the whole table once; the other rows go on by their momentum, as the paper has it. Keras squares the
    parts of a row that a batch reads twice by themselves.
    """

    def _clip_gradients(self, gradients: Sequence[Any]) -> list[Any]:
        gradients = [_sum_rows(gradient) for gradient in gradients]
        if self.global_clipnorm:
            gradients, _ = tf.clip_by_global_norm(gradients, self.global_clipnorm)
        return list(gradients)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        place = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[place].value.handle,
            v=self._velocities[place].value.handle,
            beta1_power=tf.pow(tf.cast(self.beta_1, variable.dtype), step),
            beta2_power=tf.pow(tf.cast(self.beta_2, variable.dtype), step),
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(_spread(gradient), variable.dtype),
        )

    def _update_model_variables_moving_average(self, trainable_variables: Sequence[Any]) -> None:
        """average -= (1 - momentum) * (average - variable); the first step sets it."""
        rest = tf.where(self.iterations > 0, 1.0 - self.ema_momentum, 1.0)
        for variable, average in zip(trainable_variables, self._model_variables_moving_average, strict=True):
            tf.raw_ops.ResourceApplyGradientDescent(
                var=average.value.handle, alpha=tf.cast(rest, average.dtype), delta=average.value - variable.value
            )


def _sum_rows(gradient: Any) -> Any:
    """Of a gradient of some rows, no row twice, so that its norm is that of the whole; any other as it is."""
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, places = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)


def _spread(gradient: Any) -> Any:
    """Zeros in the rows that have no gradient."""
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    return tf.scatter_nd(gradient.indices[:, None], gradient.values, tf.cast(gradient.dense_shape, tf.int32))
