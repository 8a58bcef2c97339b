"""Mixed precision, in a process of its own, since Keras sets the precision for a whole process."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

CORPUS = """
import keras
import numpy as np
from ner.features.encoding import encode
from ner.model.determinism import make_reproducible
from ner.model.parameters import CharacterParams, ComputeParams, ModelParams, RunParams, TrainingParams
from ner.training.run import train_run
from ner.core.sentence import Sentence

text = ["Ada/B-PER saw/O Oslo/B-LOC", "Alan/B-PER saw/O Rome/B-LOC", "Ada/B-PER slept/O in/O Rome/B-LOC"]
text += ["Grace/B-PER saw/O Ada/B-PER", "in/O Oslo/B-LOC", "Rome/B-LOC saw/O Alan/B-PER", "Rome/B-LOC"]
split = [[token.split("/") for token in line.split()] for line in text]
sentences = [Sentence(*map(tuple, zip(*sentence, strict=True))) for sentence in split]
model = ModelParams(
    architecture="bilstm-crf",
    normalisation=("lowercase",),
    min_count=1,
    word_dimensions=8,
    casing_dimensions=4,
    lstm_layers=1,
    lstm_units=8,
    input_dropout=0.0,
    output_dropout=0.0,
    characters=CharacterParams(network="cnn", min_count=1, dimensions=4, features=6, width=3, longest=6),
)
training = TrainingParams(
    seed=3,
    dev="train",
    epochs=2,
    patience=2,
    batch_size=3,
    learning_rate=0.002,
    schedule="cosine",
    clip_norm=0.1,
    ema_momentum=0.5,
    missed_entity_cost=0.0,
    word_dropout_alpha=0.2,
)


def trained(architecture, precision):
    keras.utils.set_random_seed(3)
    shape = model.replace(architecture=architecture)
    run = RunParams(
        corpus="toy",
        base="none",
        embeddings=("none",),
        model=shape,
        training=training,
        compute=ComputeParams(deterministic=True, precision=precision),
    )
    return train_run(run, sentences, [])
"""

SIXTEEN_BITS = """
make_reproducible(3)
checkpoint, epochs = trained("bilstm-crf", "mixed_bfloat16")
assert checkpoint.network.get_layer("bilstm_1").compute_dtype == "bfloat16"
assert all(np.isfinite(epoch.loss) for epoch in epochs), epochs
logits = checkpoint.network({k: v[None] for k, v in encode(sentences, checkpoint.encoder).features[0].items()})
assert logits.dtype == "float32", logits.dtype
assert {str(weight.dtype) for weight in checkpoint.network.weights} == {"float32"}
print("finite")
"""


def said_by(code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run([sys.executable, "-c", CORPUS + code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


def test_sixteen_bits_train_with_logits_of_32() -> None:
    assert said_by(SIXTEEN_BITS) == "finite"
