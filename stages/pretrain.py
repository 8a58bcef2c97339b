"""Train a network on silver sentences: data/silver/<name>/train.conll -> models/<name>/, the base of other runs.

It is built as the teacher's network was; dev of the teacher's corpus chooses the epoch, or is trained on as well. A
training that was killed goes on from its last whole epoch. With NER_DVCLIVE=1 in the environment, DVCLive writes each
epoch to dvclive/<name>/ while it trains.
"""

from pathlib import Path

from ner.core.params import build, lookup, read_params
from ner.distillation.pseudo_labels import SilverParams
from ner.model.parameters import RunParams
from ner.pipeline.stage import quiet_import, run_stage

with quiet_import():
    from ner.training.making import make_tagger


def main(name: str) -> None:
    silver = build(SilverParams, lookup(read_params(), "silver", name), f"silver.{name}")
    teacher = build(RunParams, lookup(read_params(), "runs", silver.teacher), f"runs.{silver.teacher}")
    run = teacher.replace(
        base="none",
        transfer=None,
        model=teacher.model.replace(min_count=silver.min_count),
        embeddings=silver.embeddings,
        training=silver.training,
    )
    train, dev = Path("data/silver") / name / "train.conll", Path("data/sentences") / run.corpus / "dev.conll"
    make_tagger(name, run, train, dev)


if __name__ == "__main__":
    run_stage(main, __doc__, "silver")
