"""The LSTM with the hand-written gradient against Keras': equal states and gradients, however it is called."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ner.model.lstm import LSTM, Orthogonal


def pair(**options: bool) -> tuple[keras.layers.LSTM, keras.layers.LSTM]:
    """Our layer and Keras', with the same weights and non-zero biases."""
    ours, theirs = (layer(5, return_sequences=True, **options) for layer in (LSTM, keras.layers.LSTM))
    for layer in (ours, theirs):
        layer.build((None, None, 3))
    draw = np.random.default_rng(2)
    weights = [draw.normal(size=weight.shape).astype(np.float32) for weight in ours.get_weights()]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs


def read(batch: int, tokens: int) -> tf.Tensor:
    return tf.constant(np.random.default_rng(1).normal(size=(batch, tokens, 3)).astype(np.float32))


def states_and_gradients(layer: keras.layers.LSTM, x: tf.Tensor) -> list[np.ndarray]:
    """Compute the gradients of a loss that weights each state differently."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        states = layer(x)
        loss = tf.reduce_sum(tf.sin(states) * tf.reshape(tf.range(tf.size(states), dtype=tf.float32), tf.shape(states)))
    return [np.asarray(one) for one in (states, *tape.gradient(loss, [x, *(w.value for w in layer.weights)]))]


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize(("batch", "tokens"), [(1, 1), (4, 1), (1, 7), (4, 7)])
def test_states_and_gradients_are_those_of_keras(batch: int, tokens: int, go_backwards: bool) -> None:
    x = read(batch, tokens)
    for one, other in zip(*(states_and_gradients(layer, x) for layer in pair(go_backwards=go_backwards)), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-4)


def test_both_ways_in_a_traced_network_are_those_of_keras() -> None:
    ours, theirs = pair()
    networks = []
    for layer in (ours, theirs):
        x = keras.Input((None, 3))
        networks.append(keras.Model(x, keras.layers.Bidirectional(layer)(x)))
    networks[0].set_weights(networks[1].get_weights())
    one, other = (network.predict(read(2, 6), verbose=0) for network in networks)
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert isinstance(networks[0].layers[1].backward_layer, LSTM)


def test_a_mask_is_kept_to_as_keras_does() -> None:
    mask = tf.constant([[True, True, False, False], [True, True, True, True]])
    one, other = (np.asarray(layer(read(2, 4), mask=mask)) for layer in pair())
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("shape", [(3, 12), (12, 3), (4, 4)])
def test_orthogonal_weights_are_orthonormal_and_drawn_by_the_seed(shape: tuple[int, int]) -> None:
    matrix, same, other = (np.asarray(Orthogonal(seed=seed)(shape, "float32")) for seed in (1, 1, 2))
    short = matrix if shape[0] <= shape[1] else matrix.T
    np.testing.assert_allclose(short @ short.T, np.eye(len(short)), atol=1e-6)
    assert np.array_equal(matrix, same)
    assert not np.allclose(matrix, other)
