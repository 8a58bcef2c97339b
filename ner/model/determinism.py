"""How TensorFlow is set up before anything is built. With `ner.pipeline.kernels`: same seed, same bytes."""

import keras
import tensorflow as tf


def make_reproducible(seed: int, *, deterministic: bool = True) -> None:
    """Seeds everything and asks for deterministic kernels. Call it once, before anything is built.

    Every operation runs on one thread, so that no sum depends on how many cores there are; two operations may run side
    by side, as the LSTM's two directions do, which is as fast on two cores.
    """
    keras.utils.set_random_seed(seed)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(2)
