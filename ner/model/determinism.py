"""Set up TensorFlow so that the same seed gives the same bytes. `ner.core.kernels` pins the kernels besides."""

import keras
import tensorflow as tf


def make_reproducible(seed: int, *, deterministic: bool = True) -> None:
    """Set all random seeds and turn on deterministic kernels. Call it once, before any layer is built.

    Each operation runs on one thread, so that no sum depends on the number of cores. Two operations may run in
    parallel, as the two directions of a BiLSTM do.
    """
    keras.utils.set_random_seed(seed)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(2)
