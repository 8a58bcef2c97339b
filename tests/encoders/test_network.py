"""The network against the same equations written out in NumPy, in 64 bits; padding changes nothing."""

import math
import warnings
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.eager import context

from ner.encoders.files import PretrainedEncoder
from ner.model.bert import BertEncoder, LayerMixture

Floats = NDArray[np.floating]


def build(encoder: PretrainedEncoder, dropout: float = 0.0, **options: Any) -> BertEncoder:
    layer = BertEncoder(encoder.config, padding=encoder.tokenizer.padding, dropout=dropout, **options)
    layer.build((None, None))
    layer.assign(encoder.weights)
    return layer


def reference(encoder: PretrainedEncoder, pieces: NDArray[np.int32]) -> Floats:
    """One window, unpadded `(P,)` -> `(P, D)`: Vaswani et al. 2017, Devlin et al. 2019, one head after another."""
    weights: Mapping[str, Floats] = {name: weight.astype(np.float64) for name, weight in encoder.weights.items()}
    wide, heads = encoder.config.hidden, encoder.config.heads
    size = wide // heads

    def norm(x: Floats, name: str) -> Floats:
        centred = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + encoder.config.epsilon)
        return centred * weights[f"{name}.scale"] + weights[f"{name}.offset"]

    x = norm(weights["words"][pieces] + weights["positions"][: len(pieces)], "norm")
    for number in range(encoder.config.layers):
        name = f"layer_{number}"
        read = x @ weights[f"{name}.attention.kernel"] + weights[f"{name}.attention.bias"]
        answers = []
        for head in range(heads):
            query, key, value = (read[:, part * wide + head * size :][:, :size] for part in range(3))
            odds = np.exp(query @ key.T / math.sqrt(size))
            answers.append(odds / odds.sum(1, keepdims=True) @ value)
        answer = np.concatenate(answers, axis=1) @ weights[f"{name}.attention_output.kernel"]
        x = norm(x + answer + weights[f"{name}.attention_output.bias"], f"{name}.attention_norm")
        inner = x @ weights[f"{name}.feed_forward.kernel"] + weights[f"{name}.feed_forward.bias"]
        inner = inner * np.vectorize(lambda z: (1 + math.erf(z / math.sqrt(2))) / 2)(inner)
        inner = inner @ weights[f"{name}.feed_forward_output.kernel"] + weights[f"{name}.feed_forward_output.bias"]
        x = norm(x + inner, f"{name}.feed_forward_norm")
    return x


@pytest.mark.parametrize("name", ["bert", "xlm_r"])
def test_encoder_agrees_with_the_equations(request: pytest.FixtureRequest, name: str) -> None:
    encoder: PretrainedEncoder = request.getfixturevalue(name)
    pieces = np.array([encoder.tokenizer.begin, 5, 9, 4, 4, 8, encoder.tokenizer.end], np.int32)
    vectors = np.asarray(build(encoder)(pieces[None]))[0]
    np.testing.assert_allclose(vectors, reference(encoder, pieces), atol=1e-5)


def test_encoder_reads_a_window_alike_whatever_it_is_padded_to(bert: PretrainedEncoder) -> None:
    layer, padding = build(bert), bert.tokenizer.padding
    short, long = np.array([2, 5, 6, 3], np.int32), np.array([2, 4, 5, 6, 7, 8, 9, 10, 3], np.int32)
    together = np.stack([np.pad(short, (0, len(long) - len(short)), constant_values=padding), long])
    vectors = np.asarray(layer(together))
    np.testing.assert_allclose(vectors[0, : len(short)], np.asarray(layer(short[None]))[0], atol=1e-5)
    np.testing.assert_allclose(vectors[1], np.asarray(layer(long[None]))[0], atol=1e-5)


def test_encoder_adds_to_the_vectors_of_pieces(bert: PretrainedEncoder) -> None:
    layer, pieces = build(bert), np.array([[2, 5, 3]], np.int32)
    words = bert.weights["words"]
    added = (words[6] - words[5])[None, None] * np.array([0, 1, 0], np.float32)[None, :, None]
    expected = np.asarray(layer(np.array([[2, 6, 3]], np.int32)))
    np.testing.assert_allclose(np.asarray(layer(pieces, added)), expected, atol=1e-5)


def test_encoder_drops_out_in_training_alone(bert: PretrainedEncoder) -> None:
    keras.utils.set_random_seed(1)
    layer, pieces = build(bert, dropout=0.5), np.array([[2, 5, 3]], np.int32)
    plain = np.asarray(layer(pieces))
    np.testing.assert_array_equal(plain, np.asarray(layer(pieces)))
    assert np.abs(np.asarray(layer(pieces, training=True)) - plain).max() > 0.1


def test_encoder_tunes_all_but_the_table_of_pieces(bert: PretrainedEncoder) -> None:
    layer = build(bert)
    assert [weight.name for weight in layer.non_trainable_weights if weight.dtype == "float32"] == ["words"]
    assert len(layer.trainable_weights) == len(bert.weights) - 1


def test_encoder_tunes_no_frozen_layer_nor_what_is_below_it(bert: PretrainedEncoder) -> None:
    tuned = {weight.name for weight in build(bert, frozen_layers=1).trainable_weights}
    assert tuned == {name.replace(".", "_") for name in bert.weights if name.startswith("layer_1.")}


def test_encoder_gives_the_vectors_of_every_layer(bert: PretrainedEncoder) -> None:
    pieces = np.array([[2, 5, 6, 3], [2, 6, 6, 3]], np.int32)
    layer = build(bert, every_layer=True)
    for layers in (layer(pieces), layer(pieces, training=True)):
        assert len(layers) == 1 + bert.config.layers
        np.testing.assert_allclose(np.asarray(layers[-1]), np.asarray(build(bert)(pieces)), atol=1e-5)
        assert all(np.abs(one - other).max() > 0.1 for one, other in pairwise(map(np.asarray, layers)))


def test_layer_mixture_starts_as_the_mean() -> None:
    first, second = np.ones((1, 2, 3), np.float32), np.zeros((1, 2, 3), np.float32)
    mixture = LayerMixture()
    np.testing.assert_allclose(np.asarray(mixture([first, second])), first / 2)
    mixture.set_weights([np.log(np.array([3, 1], np.float32))])
    np.testing.assert_allclose(np.asarray(mixture([first, second])), first * 0.75, rtol=1e-6)


@pytest.mark.parametrize(("precision", "error"), [("mixed_bfloat16", 0.2), ("mixed_float16", 0.02)])
def test_encoder_reads_in_16_bits(bert: PretrainedEncoder, precision: str, error: float) -> None:
    """As a GPU does; the weights, layer norms and softmaxes stay in 32."""
    pieces = np.array([[2, 5, 6, 3, 0], [2, 6, 6, 5, 3]], np.int32)
    layer = build(bert, dtype=precision)
    assert {weight.dtype for weight in layer.trainable_weights} == {"float32"}
    vectors = layer(pieces)
    assert vectors.dtype == precision.removeprefix("mixed_")
    real = pieces != bert.tokenizer.padding
    differences = np.asarray(keras.ops.cast(vectors, "float32")) - np.asarray(build(bert)(pieces))
    assert 0 < np.abs(differences[real]).max() < error


def test_encoder_takes_windows_of_any_size_as_a_keras_layer(bert: PretrainedEncoder) -> None:
    pieces = keras.Input((None,), dtype="int32", name="pieces")
    layer = BertEncoder(bert.config, padding=bert.tokenizer.padding, dropout=0.1, name="encoder")
    network = keras.Model(pieces, layer(pieces))
    assert network.output.shape == (None, None, 16)
    layer.assign(bert.weights)
    window = np.array([[2, 5, 6, 3]], np.int32)
    np.testing.assert_allclose(network.predict_on_batch(window), np.asarray(build(bert)(window)), atol=1e-5)


def test_encoder_gives_the_same_in_onnx_runtime(bert: PretrainedEncoder, tmp_path: Path) -> None:
    layer = BertEncoder(bert.config, padding=bert.tokenizer.padding, dropout=0.1, name="encoder")
    pieces = keras.Input((None,), dtype="int32", name="pieces")
    network = keras.Model(pieces, layer(pieces))
    layer.assign(bert.weights)
    network(np.array([[2, 5, 3]], np.int32))  # Keras exports what was called
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of the exporter, about numpy 2
        network.export(tmp_path / "encoder.onnx", format="onnx", verbose=False, opset_version=17)
    session = onnxruntime.InferenceSession(tmp_path / "encoder.onnx")
    for windows in ([[2, 5, 6, 3]], [[2, 5, 6, 7, 8, 3], [2, 5, 3, 0, 0, 0]]):
        given = np.array(windows, np.int32)
        (vectors,) = session.run(None, {session.get_inputs()[0].name: given})
        np.testing.assert_allclose(vectors, np.asarray(layer(given)), atol=1e-5)


def test_encoder_divides_by_no_approximation_of_a_processor(bert: PretrainedEncoder) -> None:
    """Neither as it is written nor as TensorFlow rewrites it, forwards and backwards."""
    layer = build(bert, dropout=0.1)

    @tf.function
    def forwards(pieces: tf.Tensor) -> tf.Tensor:
        return layer(pieces)

    @tf.function
    def backwards(pieces: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(pieces, training=True) ** 3)
        return tape.gradient(loss, [weight.value for weight in layer.trainable_weights])

    context.enable_run_metadata()
    forwards(np.array([[2, 5, 3]], np.int32))
    backwards(np.array([[2, 5, 3]], np.int32))
    ran = context.context().export_run_metadata()
    context.disable_run_metadata()
    graphs = [graph.post_optimization_graph for graph in ran.function_graphs]
    operations = {
        node.op for graph in graphs for node in (*graph.node, *(n for f in graph.library.function for n in f.node_def))
    }
    assert {"Sqrt", "SqrtGrad", "Exp", "Erf", "RealDiv"} <= operations
    assert not {"Rsqrt", "RsqrtGrad", "Softmax", "_MklSoftmax", "Inv", "InvGrad", "Reciprocal"} & operations
