"""The CRF layer and its decoding against pytorch-crf, on random inputs.

PyTorch is not among the locked dependencies, since it may bring gigabytes of CUDA. So these tests are skipped unless
you install it: `pip install torch pytorch-crf`, then `python -m pytest tests/model/test_crf_parity.py`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from ner.core.decoding import Chain, constraints, marginals, viterbi
from ner.model.crf import CRF

torch = pytest.importorskip("torch")
torchcrf = pytest.importorskip("torchcrf")

NEVER = -10_000.0  # pytorch-crf can't differentiate through -inf; the exponential of this is 0 all the same


@dataclass(frozen=True)
class Case:
    """Our CRF and pytorch-crf's with the same weights, and their inputs. The tags are a path that both allow."""

    ours: CRF
    theirs: Any
    logits: NDArray[np.float32]  # (B, T, K)
    tags: NDArray[np.int64]  # (B, T)
    mask: NDArray[np.bool_]  # (B, T)

    def their_log_likelihood(self) -> tuple[Any, Any]:
        """Compute pytorch-crf's log-likelihood `(B,)`; return it with the logits, to differentiate by."""
        logits = torch.tensor(self.logits, dtype=torch.float64, requires_grad=True)
        return self.theirs(logits, torch.tensor(self.tags), torch.tensor(self.mask), reduction="none"), logits


SIZES = [(1, 1, 1), (2, 1, 2), (3, 7, 1), (8, 25, 4), (4, 113, 8)]  # sentences, tokens, entity labels
SIZE_NAMES = [f"{sentences}x{tokens}x{labels}" for sentences, tokens, labels in SIZES]


@pytest.fixture(params=SIZES, ids=SIZE_NAMES)
def sizes(request: pytest.FixtureRequest) -> tuple[int, int, int]:
    return request.param


@pytest.fixture(params=[0.1, 1.0, 5.0], ids=["flat", "normal", "steep"])
def deviation(request: pytest.FixtureRequest) -> float:
    return request.param


@pytest.fixture(params=[False, True], ids=["free", "constrained"])
def case(request: pytest.FixtureRequest, sizes: tuple[int, int, int], deviation: float) -> Case:
    """Draw normal weights and logits with the given deviation, and lengths; the first sentence has no padding."""
    sentences, tokens, labels = sizes
    names = ["O", *(f"{prefix}-{label}" for label in range(labels) for prefix in "BI")]
    draw = np.random.default_rng(7)
    free = Chain(*(np.zeros(shape, np.float32) for shape in (len(names), (len(names), len(names)), len(names))))
    ours = CRF(constraints(names, "IOB2") if request.param else free)
    logits = draw.normal(scale=deviation, size=(sentences, tokens, len(names))).astype(np.float32)
    ours(logits)
    ours.set_weights([draw.normal(scale=deviation, size=weight.shape) for weight in ours.get_weights()])

    chain = ours.chain()
    theirs = torchcrf.CRF(len(names), batch_first=True).double()
    weights = (theirs.start_transitions, theirs.transitions, theirs.end_transitions)
    with torch.no_grad():
        for weight, scores in zip(weights, (chain.start, chain.transitions, chain.end), strict=True):
            weight.copy_(torch.tensor(np.maximum(scores, NEVER)))

    lengths = np.concatenate([[tokens], draw.integers(1, tokens + 1, sentences - 1)])
    mask = np.arange(tokens) < lengths[:, None]  # (B, T)
    tags = viterbi(draw.normal(size=logits.shape), chain)  # allowed, and not the best
    return Case(ours, theirs, logits, tags, mask)


def test_log_likelihood_is_theirs(case: Case) -> None:
    found = case.ours.log_likelihood(case.logits, case.tags, case.mask).numpy()
    expected, _ = case.their_log_likelihood()
    np.testing.assert_allclose(found, expected.detach().numpy(), rtol=1e-5, atol=1e-4)


def test_log_likelihood_without_mask_is_theirs(case: Case) -> None:
    found = case.ours.log_likelihood(case.logits, case.tags).numpy()
    everything = Case(case.ours, case.theirs, case.logits, case.tags, np.ones_like(case.mask))
    expected, _ = everything.their_log_likelihood()
    np.testing.assert_allclose(found, expected.detach().numpy(), rtol=1e-5, atol=1e-4)


def test_gradients_are_theirs(case: Case) -> None:
    weight = np.random.default_rng(8).normal(size=len(case.logits)).astype(np.float32)  # of each sentence
    logits = tf.constant(case.logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        total = tf.reduce_sum(weight * case.ours.log_likelihood(logits, case.tags, case.mask))
    found = tape.gradient(total, [logits, case.ours.start, case.ours.transitions, case.ours.end])

    expected, their_logits = case.their_log_likelihood()
    total = (torch.tensor(weight) * expected).sum()
    of = (their_logits, case.theirs.start_transitions, case.theirs.transitions, case.theirs.end_transitions)
    theirs = torch.autograd.grad(total, of, allow_unused=True, materialize_grads=True)  # one token has no transition
    for name, one, two in zip(("logits", "start", "transitions", "end"), found, theirs, strict=True):
        np.testing.assert_allclose(one.numpy(), two.numpy(), rtol=1e-4, atol=1e-4, err_msg=name)


def test_viterbi_is_theirs(case: Case) -> None:
    expected = case.theirs.decode(torch.tensor(case.logits, dtype=torch.float64), torch.tensor(case.mask))
    for row, path in enumerate(expected):  # ours has no mask: it takes sentences of one length
        assert viterbi(case.logits[row : row + 1, : len(path)], case.ours.chain())[0].tolist() == path


def test_marginals_are_their_gradient(case: Case) -> None:
    """The gradient of the log-likelihood by the logits is the one-hot gold tags minus the marginals."""
    expected, logits = case.their_log_likelihood()
    expected.sum().backward()
    given = np.eye(case.logits.shape[-1])[case.tags]  # (B, T, K)
    for row, real in enumerate(case.mask):
        found = marginals(case.logits[row : row + 1, real], case.ours.chain()).tags[0]  # (T, K)
        np.testing.assert_allclose(found, (given[row] - logits.grad[row].numpy())[real], atol=1e-6)
