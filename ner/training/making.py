"""The parameters of a tagger and its training sentences -> models/<name>/ and its learning curve.

A killed training resumes after its last complete epoch. With NER_DVCLIVE=1 in the environment, DVCLive logs each epoch
to dvclive/<name>/.
"""

import os
import sys
from pathlib import Path

import keras

from ner.core.outputs import whole_directory, whole_file
from ner.core.sentence_files import read_sentences
from ner.model.checkpoint import load_checkpoint, save_checkpoint
from ner.model.determinism import make_reproducible
from ner.model.parameters import RunParams
from ner.model.pretrained import read_all
from ner.training.fit import write_learning_curve
from ner.training.resume import fingerprint, resumable
from ner.training.run import train_run

ROOMS = ("core", "encoders", "features", "model", "training")  # of ner/: their code decides what a training makes


def make_tagger(name: str, run: RunParams, train: Path, dev: Path) -> None:
    """Train a tagger, or resume its training, and write `models/<name>/` and `plots/<name>/learning_curve.csv`.

    Args:
        name: of the run, or of the entry of `distill`.
        run: its parameters. Its embeddings are read from `data/embeddings/`, its base from `models/`.
        train: the sentences file to train on.
        dev: the sentences file that chooses the epoch, or is trained on as well; see `TrainingParams.dev`.
    """
    make_reproducible(run.training.seed, deterministic=run.compute.deterministic)
    folders = [Path("data/embeddings") / embedding for embedding in run.embeddings]
    base = Path("models") / run.base
    inside = [path for folder in (*folders, base) for path in sorted(folder.rglob("*")) if path.is_file()]
    code = [path for room in ROOMS for path in sorted((Path("ner") / room).rglob("*.py"))]

    with resumable(name, fingerprint(run.model_dump(), [train, dev, *inside, *code])) as saved:
        checkpoint, epochs = train_run(
            run,
            read_sentences(train),
            read_sentences(dev),
            embeddings=read_all(Path("data/embeddings"), run.embeddings),
            base=load_checkpoint(base) if run.base != "none" else None,
            resume=saved,
            watchers=_live(name),
            progress=sys.stderr.isatty(),
        )
        with whole_directory(Path("models") / name) as directory:
            save_checkpoint(directory, checkpoint)
        with whole_file(Path("plots") / name / "learning_curve.csv") as path:
            write_learning_curve(path, epochs)


def _live(name: str) -> list[keras.callbacks.Callback]:
    if os.environ.get("NER_DVCLIVE") != "1":
        return []
    from dvclive.keras import DVCLiveCallback  # slow to import, and seldom used
    from dvclive.live import Live

    return [DVCLiveCallback(live=Live(f"dvclive/{name}", save_dvc_exp=False, dvcyaml=None))]
