"""Learning rate schedules, and training on dev."""

import math
from collections.abc import Sequence

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from ner.core.sentence import Sentence
from ner.model.parameters import RunParams, TrainingParams
from ner.training.fit import _optimizer
from ner.training.run import train_run


@pytest.mark.parametrize(
    ("schedule", "shares"),
    [
        ("constant", (1, 1, 1)),
        ("linear", (1, 0.5, 1 / 40)),
        ("cosine", (1, 0.5, (1 + math.cos(math.pi * 39 / 40)) / 2)),
    ],
)
def test_rate_at_the_first_the_middle_and_the_last_step(
    training_params: TrainingParams, schedule: str, shares: tuple[float, ...]
) -> None:
    """There are 40 steps: four epochs of ten."""
    optimizer = _optimizer(training_params.replace(schedule=schedule, epochs=4), None, 10)
    for step, share in zip((0, 20, 39), shares, strict=True):
        optimizer.iterations.assign(step)
        rate = float(np.asarray(optimizer.learning_rate))
        assert rate == pytest.approx(training_params.learning_rate * share, rel=1e-5, abs=1e-7)


class Last(keras.callbacks.Callback):
    """Callback that keeps the weights at the end of the previous epoch."""

    weights: list[NDArray[np.float32]]

    def on_epoch_end(self, _epoch: int, _logs: object = None) -> None:
        self.weights = self.model.get_weights()


def test_dev_can_be_trained_on_and_the_last_epoch_kept(run: RunParams, sentences: Sequence[Sentence]) -> None:
    """F1 does not change: with early stopping, training would end and keep the first epoch."""
    train, dev, last = sentences[:4], [*sentences[4:], Sentence(("Eve",), ("B-ROBOT",))], Last()
    training = run.training.replace(dev="train", epochs=3, patience=1, learning_rate=1e-6)
    both = run.replace(training=training)
    checkpoint, epochs = train_run(both, train, dev, watchers=[last])
    assert [epoch.epoch for epoch in epochs] == [1, 2, 3]
    assert len({epoch.dev_entity_f1 for epoch in epochs}) == 1
    for kept, at_the_end in zip(checkpoint.network.get_weights(), last.weights, strict=True):
        np.testing.assert_array_equal(kept, at_the_end)
    assert checkpoint.encoder.words is not None
    assert {"alan", "grace", "eve"} <= set(checkpoint.encoder.words.items)
    assert "B-ROBOT" in checkpoint.tags
