"""Adam and the moving average of the weights, each as one fused operation where Keras runs about ten."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


class Adam(keras.optimizers.Adam):  # type: ignore[misc]
    """Adam (Kingma and Ba 2015, end of section 2) by TensorFlow's fused kernel; equals Keras' within rounding.

    The gradient of an embedding is sparse: it has only the rows that a batch looked up. Rows that occur twice are
    summed first, so that the global norm is exact; Keras takes the norm of the parts. The gradient is clipped while it
    is sparse, and then made dense. Rows without a gradient still move by their momentum, as in the paper.
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
        """Apply `average -= (1 - momentum) * (average - variable)`; the first step sets `average = variable`."""
        rest = tf.where(self.iterations > 0, 1.0 - self.ema_momentum, 1.0)
        for variable, average in zip(trainable_variables, self._model_variables_moving_average, strict=True):
            tf.raw_ops.ResourceApplyGradientDescent(
                var=average.value.handle, alpha=tf.cast(rest, average.dtype), delta=average.value - variable.value
            )


def _sum_rows(gradient: Any) -> Any:
    """Sum the duplicate rows of a sparse gradient, so that its norm is that of the dense one; keep a dense one."""
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, places = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)


def _spread(gradient: Any) -> Any:
    """Make a sparse gradient dense, with zeros in the rows that it lacks."""
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    return tf.scatter_nd(gradient.indices[:, None], gradient.values, tf.cast(gradient.dense_shape, tf.int32))
