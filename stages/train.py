"""Train one tagger: data/sentences/<corpus>/{train,dev}.conll, data/embeddings/ -> models/<run>/, a learning curve.

A run with a `base` starts from models/<base>/. A training that was killed goes on from its last whole epoch. With
NER_DVCLIVE=1 in the environment, DVCLive writes each epoch to dvclive/<run>/ while it trains.
"""

import os
import sys
from dataclasses import asdict
from pathlib import Path

from ner.artifact import whole_directory, whole_file
from ner.corpus.splits import read_sentences
from ner.embedding.store import read_embeddings
from ner.model.parameters import RunParams
from ner.params import build, lookup, read_params
from ner.stage import quiet_import, run_stage

with quiet_import():
    from ner.model.checkpoint import load_checkpoint, save_checkpoint
    from ner.model.determinism import make_reproducible
    from ner.model.resume import fingerprint, resumable
    from ner.model.run import train_run
    from ner.model.training import write_learning_curve


def main(name: str) -> None:
    run = build(RunParams, lookup(read_params(), "runs", name), f"runs.{name}")
    make_reproducible(run.training.seed, deterministic=run.compute.deterministic)
    corpus = [Path("data/sentences") / run.corpus / f"{split}.conll" for split in ("train", "dev")]
    folders = [Path("data/embeddings") / embedding for embedding in run.embeddings]
    base = Path("models") / run.base
    read = [*corpus, *(path for folder in (*folders, base) for path in sorted(folder.rglob("*")) if path.is_file())]

    with resumable(name, fingerprint(asdict(run), [*read, *sorted(Path("ner").rglob("*.py"))])) as saved:
        checkpoint, epochs = train_run(
            run,
            *map(read_sentences, corpus),
            embeddings=read_embeddings(Path("data/embeddings"), run.embeddings),
            base=load_checkpoint(base) if run.base != "none" else None,
            resume=saved,
            watchers=_live(name),
            progress=sys.stderr.isatty(),
        )
        with whole_directory(Path("models") / name) as directory:
            save_checkpoint(directory, checkpoint)
        with whole_file(Path("plots") / name / "learning_curve.csv") as path:
            write_learning_curve(path, epochs)


def _live(name: str) -> list[object]:
    if os.environ.get("NER_DVCLIVE") != "1":
        return []
    from dvclive.keras import DVCLiveCallback  # slow to import, and seldom wanted
    from dvclive.live import Live

    return [DVCLiveCallback(live=Live(f"dvclive/{name}", save_dvc_exp=False, dvcyaml=None))]


if __name__ == "__main__":
    run_stage(main, __doc__, "runs")
