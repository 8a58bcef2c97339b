"""What is trained is the same bytes on each kind of processor, as far as it is for us to say."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORD2VEC = """
import random
from pathlib import Path
from ner.embedding.catalogue import build_embedding
from ner.embedding.word2vec import train_vectors
from tests.embedding.conftest import ENTRIES
draw = random.Random(1)
words = [chr(ord("a") + number) for number in range(26)]
text = Path(sys.argv[1]) / "text"
text.write_text("".join(" ".join(draw.choices(words, k=12)) + chr(10) for _ in range(200)), encoding="utf-8")
made = train_vectors(text, 200, build_embedding(ENTRIES["word2vec"] | {"dimensions": 100}, "")).vectors
"""
K_MEANS = """
import numpy as np
from ner.embedding.store import Vectors
from ner.language_model import LanguageModelTraining
from ner.model.language_model import classes_of
table = np.random.default_rng(1).normal(0.5, size=(20_000, 8)).astype(np.float32)
training = LanguageModelTraining(
    seed=1, frequent=10, classes=500, epochs=1, batch_size=1, learning_rate=0.1, clip_norm=0, dropout=0
)
made = classes_of(Vectors(tuple(map(str, range(len(table)))), table, ()), training)
"""
SCRIPTS = {"embed": WORD2VEC, "language_model": K_MEANS}  # by the stage that does so


@pytest.mark.skipif(platform.machine() != "x86_64", reason="these are processors of this kind")
@pytest.mark.parametrize("stage", SCRIPTS)
def test_a_stage_gives_the_same_bytes_on_each_processor(stage: str, tmp_path: Path) -> None:
    pipeline = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
    kernels = next(one["kernels"] for one in pipeline["vars"] if "kernels" in one)
    settings = pipeline["stages"][stage]["do"]["cmd"].partition("${python}")[0].replace("${kernels}", kernels).split()
    script = f"import hashlib, sys{SCRIPTS[stage]}print(hashlib.sha256(made.tobytes()).hexdigest())"

    def digest(before: list[str], processor: str) -> bytes:
        environment = {**os.environ, "OPENBLAS_CORETYPE": processor}
        return subprocess.check_output(
            [*before, sys.executable, "-c", script, tmp_path], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )

    old, new = "Prescott", "Haswell"
    assert digest([], old) != digest([], new)  # without the stage's settings
    assert digest(settings, old) == digest([], new)
