"""Adam in one pass is Keras' Adam of whole gradients: the same weights and averages within rounding.

Of a row that a batch reads twice, Keras squares each part of the gradient by itself if it is given rows alone.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ner.training.optimizer import Adam

IDS = ([0, 3, 3, 5], [5, 5, 5], [1], [0, 1, 2])  # rows of the table that each step reads, some twice


def trained(adam: type[keras.optimizers.Adam], *, whole: bool, **options: float) -> list[np.ndarray]:
    """Train an embedding table and a matrix for some steps, and return them with their moving averages."""
    draw = np.random.default_rng(1)
    table, matrix = (keras.Variable(draw.normal(size=shape).astype(np.float32)) for shape in ((6, 4), (4, 2)))
    optimizer = adam(0.05, **options)
    optimizer.build([table, matrix])
    for ids in IDS:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.gather(table.value, ids) @ matrix.value - 3.0))
        gradients = tape.gradient(loss, [table.value, matrix.value])
        assert isinstance(gradients[0], tf.IndexedSlices)
        optimizer.apply([tf.convert_to_tensor(one) if whole else one for one in gradients], [table, matrix])
    averages = optimizer._model_variables_moving_average if "ema_momentum" in options else []
    return [np.asarray(one) for one in (table, matrix, *averages)]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"global_clipnorm": 0.5},
        {"global_clipnorm": 1e6},
        {"use_ema": True, "ema_momentum": 0.9, "global_clipnorm": 5},
    ],
    ids=["plain", "clipped", "not clipped", "averaged"],
)
@pytest.mark.parametrize("whole", [False, True], ids=["rows", "whole"])
def test_weights_and_averages_are_those_of_keras(whole: bool, options: dict[str, float]) -> None:
    ours, theirs = trained(Adam, whole=whole, **options), trained(keras.optimizers.Adam, whole=True, **options)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_a_row_that_is_not_read_goes_on_by_its_momentum() -> None:
    """Row 5 has gradients in the first two steps only, but moves in the others too; row 4 has none, and never moves."""
    after_two, after_four = (np.asarray(trained_steps(number)) for number in (2, 4))
    assert (after_two[5] != after_four[5]).all()
    assert (after_two[4] == after_four[4]).all()


def trained_steps(number: int) -> keras.Variable:
    table = keras.Variable(np.ones((6, 4), np.float32))
    optimizer = Adam(0.05)
    optimizer.build([table])
    for ids in IDS[:number]:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.gather(table.value, ids)))
        optimizer.apply(tape.gradient(loss, [table.value]), [table])
    return table
