"""Training parameters -> the learning rate of each step."""

from typing import Any

import keras

from ner.model.parameters import TrainingParams


def learning_rate(params: TrainingParams, steps: int) -> Any:
    """Make the schedule of the learning rate, for epochs of `steps` batches; a plain number if it is constant."""
    rate, total = params.learning_rate, steps * params.epochs
    if params.schedule == "linear" and params.warmup:
        return WarmUp(rate, params.warmup, total)
    if params.schedule == "linear":
        return keras.optimizers.schedules.PolynomialDecay(rate, total, 0.0)
    if params.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(rate, total)
    return rate


@keras.saving.register_keras_serializable("ner")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A learning rate that rises linearly for a share of the steps, then falls linearly to 0 (Devlin et al. 2019)."""

    def __init__(self, rate: float, share: float, steps: int) -> None:
        self._rate, self._share, self._steps = rate, share, steps

    def __call__(self, step: Any) -> Any:
        done = keras.ops.cast(step + 1, "float32") / self._steps
        return self._rate * keras.ops.maximum(
            keras.ops.minimum(done / self._share, (1 - done) / (1 - self._share)), 0.0
        )

    def get_config(self) -> dict[str, Any]:
        return {"rate": self._rate, "share": self._share, "steps": self._steps}
