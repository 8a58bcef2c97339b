"""What a network is computed on: one device, or several that share each batch; and in which precision."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from ner.model.parameters import ComputeParams
from ner.params import ParamsError


def use_devices(params: ComputeParams) -> Any:
    """Sets the precision, and gives the `tf.distribute.Strategy` to build and train under.

    With several replicas, each device takes its share of a batch: GPUs, or virtual parts of the CPU if there is none.

    Raises:
        ParamsError: there are GPUs, but fewer than replicas.
    """
    keras.config.set_dtype_policy(params.precision)
    if params.replicas == 1:
        return tf.distribute.get_strategy()
    cpus, gpus = (tf.config.list_physical_devices(kind) for kind in ("CPU", "GPU"))
    if not gpus:
        parts = [tf.config.LogicalDeviceConfiguration() for _ in range(params.replicas)]
        tf.config.set_logical_device_configuration(cpus[0], parts)
    elif len(gpus) < params.replicas:
        raise ParamsError(
            f"compute.replicas: expected at most {len(gpus)}, the number of GPUs. Received: {params.replicas}"
        )
    kind = "GPU" if gpus else "CPU"
    return tf.distribute.MirroredStrategy([f"{kind}:{number}" for number in range(params.replicas)])


class Adam(keras.optimizers.Adam):  # type: ignore[misc]
    """Adam (Kingma and Ba 2015) that clips the gradient of a whole batch, where Keras' clips that of each share."""

    def _clip_gradients(self, gradients: Sequence[Any]) -> Sequence[Any]:
        replica = tf.distribute.get_replica_context()
        if not self.global_clipnorm or replica.num_replicas_in_sync == 1:
            clipped: Sequence[Any] = super()._clip_gradients(gradients)
            return clipped
        norm = tf.linalg.global_norm(replica.all_reduce("SUM", list(gradients)))
        scale = self.global_clipnorm / tf.maximum(norm, self.global_clipnorm)
        return [share * scale for share in gradients]
