"""The log-likelihood against the enumeration of every path, and its gradient against finite differences."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from ner.core.decoding import Chain, constraints
from ner.model.crf import CRF, log_partition
from ner.training.fit import loss_of

TAGS = ("B-LOC", "B-PER", "I-LOC", "I-PER", "O")
LENGTHS = (4, 2, 1, 3)


def crf_and_logits(*, constrained: bool, seed: int = 5) -> tuple[CRF, NDArray[np.float32]]:
    draw = np.random.default_rng(seed)
    free = Chain(*(np.zeros(shape, np.float32) for shape in ((5,), (5, 5), (5,))))
    crf = CRF(constraints(TAGS, "IOB2") if constrained else free)
    logits = draw.normal(size=(len(LENGTHS), max(LENGTHS), 5)).astype(np.float32)
    crf(logits)
    crf.set_weights([draw.normal(size=weight.shape) for weight in crf.get_weights()])
    return crf, logits


def score(logits: NDArray[np.float32], chain: Chain, path: tuple[int, ...]) -> float:
    emitted = sum(float(logits[position, tag]) for position, tag in enumerate(path))
    moved = sum(float(chain.transitions[pair]) for pair in itertools.pairwise(path))
    return float(chain.start[path[0]] + emitted + moved + chain.end[path[-1]])


def log_sum(logits: NDArray[np.float32], chain: Chain) -> float:
    paths = itertools.product(range(logits.shape[1]), repeat=len(logits))
    return float(np.logaddexp.reduce([score(logits, chain, path) for path in paths]))


MASK = np.array([[position < length for position in range(max(LENGTHS))] for length in LENGTHS])


@pytest.mark.parametrize("constrained", [False, True], ids=["free", "constrained"])
def test_log_likelihood_is_that_of_enumeration_with_padding(constrained: bool) -> None:
    crf, logits = crf_and_logits(constrained=constrained)
    tags = np.array([[0, 2, 4, 1], [4, 1, 0, 0], [1, 3, 3, 3], [0, 2, 2, 2]], np.int32)
    found = crf.log_likelihood(logits, tags, MASK).numpy()
    for row, length in enumerate(LENGTHS):
        path = tuple(tags[row, :length].tolist())
        real = logits[row, :length]
        assert found[row] == pytest.approx(score(real, crf.chain(), path) - log_sum(real, crf.chain()), abs=1e-5)


@pytest.mark.parametrize("constrained", [False, True], ids=["free", "constrained"])
def test_log_likelihood_without_mask_takes_all_tokens(constrained: bool) -> None:
    crf, logits = crf_and_logits(constrained=constrained)
    tags = np.full((len(LENGTHS), max(LENGTHS)), 4, np.int32)
    found = crf.log_likelihood(logits, tags).numpy()
    for row in range(len(LENGTHS)):
        expected = score(logits[row], crf.chain(), (4, 4, 4, 4)) - log_sum(logits[row], crf.chain())
        assert found[row] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("missed_entity_cost", [0.0, 1.5])
def test_loss_has_each_path_score_more_by_what_it_misses(missed_entity_cost: float) -> None:
    crf, logits = crf_and_logits(constrained=True)
    inputs = keras.Input((None, len(TAGS)))
    gold = (0, 2, 4, 1)  # three tokens of entities
    found = loss_of(keras.Model(inputs, crf(inputs)), TAGS, missed_entity_cost)(np.array([gold]), logits[:1])
    paths = list(itertools.product(range(len(TAGS)), repeat=len(gold)))
    missed = [sum(TAGS[one] == "O" != TAGS[right] for one, right in zip(path, gold, strict=True)) for path in paths]
    scores = np.array([score(logits[0], crf.chain(), path) for path in paths]) + missed_entity_cost * np.array(missed)
    expected = np.logaddexp.reduce(scores) - score(logits[0], crf.chain(), gold)
    assert found.numpy() == pytest.approx([expected / len(gold)], abs=1e-5)


def test_loss_without_a_crf_is_of_each_token() -> None:
    inputs = keras.Input((None, len(TAGS)))
    logits, gold = np.zeros((1, 2, len(TAGS)), np.float32), np.array([[1, 4]])
    found = loss_of(keras.Model(inputs, inputs), TAGS, np.log(2))(gold, logits)
    np.testing.assert_allclose(found, [[np.log(6), np.log(5)]], rtol=1e-6)  # O counts twice where an entity is


def test_log_likelihood_of_one_token_in_a_graph() -> None:
    crf, logits = crf_and_logits(constrained=True)
    tags = np.full((len(LENGTHS), 1), 4, np.int32)
    found = tf.function(crf.log_likelihood)(logits[:, :1], tags).numpy()
    for row in range(len(LENGTHS)):
        one = logits[row, :1]
        assert found[row] == pytest.approx(score(one, crf.chain(), (4,)) - log_sum(one, crf.chain()), abs=1e-5)


def test_log_likelihood_of_a_forbidden_path_is_minus_infinity() -> None:
    crf, logits = crf_and_logits(constrained=True)
    tags = np.array([[4, 3, 4, 4]] * len(LENGTHS), np.int32)  # I-PER after O
    assert np.isneginf(crf.log_likelihood(logits, tags).numpy()).all()


@pytest.mark.parametrize("constrained", [False, True], ids=["free", "constrained"])
def test_all_paths_together_are_certain(constrained: bool) -> None:
    crf, logits = crf_and_logits(constrained=constrained)
    paths = np.array(list(itertools.product(range(5), repeat=3)), np.int32)
    one = np.repeat(logits[:1, :3], len(paths), axis=0)
    assert float(tf.reduce_sum(tf.exp(crf.log_likelihood(one, paths)))) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("masked", [False, True], ids=["all tokens", "padding"])
@pytest.mark.parametrize("constrained", [False, True], ids=["free", "constrained"])
def test_gradient_is_that_of_finite_differences(constrained: bool, masked: bool) -> None:
    crf, logits = crf_and_logits(constrained=constrained)
    chain = crf.chain()
    real = MASK.astype(np.float64) if masked else np.ones(MASK.shape)
    values = [logits.astype(np.float64), chain.start, chain.transitions, chain.end]
    values = [np.asarray(value, np.float64) for value in values]
    weights = np.array([1.0, -2.0, 0.5, 3.0])

    def total(logits: object, start: object, transitions: object, end: object) -> tf.Tensor:
        return tf.reduce_sum(weights * log_partition(logits, tf.constant(real), start, transitions, end))

    variables = [tf.constant(value) for value in values]
    with tf.GradientTape() as tape:
        tape.watch(variables)
        found = tape.gradient(total(*variables), variables)
    step = 1e-6
    for number, value in enumerate(values):
        for index in np.ndindex(value.shape):
            if np.isneginf(value[index]):
                assert float(found[number][index]) == 0
                continue
            sides = []
            for change in (step, -step):
                moved = [other.copy() for other in values]
                moved[number][index] += change
                sides.append(float(total(*map(tf.constant, moved))))
            assert float(found[number][index]) == pytest.approx((sides[0] - sides[1]) / (2 * step), abs=1e-6)


def test_padding_has_no_gradient() -> None:
    crf, logits = crf_and_logits(constrained=False)
    variable = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        loss = tf.reduce_sum(crf.log_likelihood(variable, np.zeros(MASK.shape, np.int32), MASK))
    gradient = tape.gradient(loss, variable).numpy()
    assert (gradient[~MASK] == 0).all()
    assert (gradient[MASK] != 0).any(axis=-1).all()


def test_crf_comes_back_from_its_config() -> None:
    crf, logits = crf_and_logits(constrained=True)
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(crf))
    copy(logits)
    copy.set_weights(crf.get_weights())
    for one, two in zip(
        (crf.chain().start, crf.chain().transitions, crf.chain().end),
        (copy.chain().start, copy.chain().transitions, copy.chain().end),
        strict=True,
    ):
        np.testing.assert_array_equal(one, two)
