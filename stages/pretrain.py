"""Train a network on silver sentences: data/silver/<name>/train.conll -> models/<name>/, the base of other runs.

It is built as the teacher's network was; dev of the teacher's corpus chooses the epoch, or is trained on as well.
"""

import sys
from dataclasses import asdict, replace
from pathlib import Path

from ner.artifact import whole_directory, whole_file
from ner.corpus.splits import read_sentences
from ner.embedding.store import read_embeddings
from ner.model.parameters import RunParams
from ner.params import build, lookup, read_params
from ner.silver import SilverParams
from ner.stage import quiet_import, run_stage

with quiet_import():
    from ner.model.checkpoint import save_checkpoint
    from ner.model.determinism import make_reproducible
    from ner.model.resume import fingerprint, resumable
    from ner.model.run import train_run
    from ner.model.training import write_learning_curve


def main(name: str) -> None:
    silver = build(SilverParams, lookup(read_params(), "silver", name), f"silver.{name}")
    teacher = build(RunParams, lookup(read_params(), "runs", silver.teacher), f"runs.{silver.teacher}")
    model = replace(teacher.model, minimum_count=silver.minimum_count)
    network = replace(teacher, base="none", transfer=None, model=model)
    run = replace(network, embeddings=silver.embeddings, training=silver.training)
    make_reproducible(run.training.seed, deterministic=run.compute.deterministic)
    sentences = [Path("data/silver") / name / "train.conll", Path("data/sentences") / run.corpus / "dev.conll"]
    folders = [Path("data/embeddings") / embedding for embedding in run.embeddings]
    read = [*sentences, *(path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())]

    with resumable(name, fingerprint(asdict(run), [*read, *sorted(Path("ner").rglob("*.py"))])) as saved:
        checkpoint, epochs = train_run(
            run,
            *map(read_sentences, sentences),
            embeddings=read_embeddings(Path("data/embeddings"), run.embeddings),
            resume=saved,
            progress=sys.stderr.isatty(),
        )
        with whole_directory(Path("models") / name) as directory:
            save_checkpoint(directory, checkpoint)
        with whole_file(Path("plots") / name / "learning_curve.csv") as path:
            write_learning_curve(path, epochs)


if __name__ == "__main__":
    run_stage(main, __doc__, "silver")
