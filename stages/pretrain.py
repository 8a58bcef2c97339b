"""Train a network on pseudo-labelled sentences: data/pseudo_labels/<name>/ -> models/<name>/, the base of other runs.

The network has the architecture of the teacher's. The dev set of the teacher's corpus chooses the epoch, or is trained
on as well. A training that was killed is resumed after its last complete epoch. With NER_DVCLIVE=1 in the environment,
DVCLive writes each epoch to dvclive/<name>/.
"""

from pathlib import Path

from ner.core.params import build, lookup, read_params
from ner.distillation.pseudo_labels import PseudoLabelParams
from ner.model.parameters import RunParams
from ner.pipeline.stage import quiet_import, run_stage

with quiet_import():
    from ner.training.making import make_tagger


def main(name: str) -> None:
    labels = build(PseudoLabelParams, lookup(read_params(), "pseudo_labels", name), f"pseudo_labels.{name}")
    teacher = build(RunParams, lookup(read_params(), "runs", labels.teacher), f"runs.{labels.teacher}")
    run = teacher.replace(
        base="none",
        transfer=None,
        model=teacher.model.replace(min_count=labels.min_count),
        embeddings=labels.embeddings,
        training=labels.training,
    )
    train, dev = Path("data/pseudo_labels") / name / "train.conll", Path("data/sentences") / run.corpus / "dev.conll"
    make_tagger(name, run, train, dev)


if __name__ == "__main__":
    run_stage(main, __doc__, "pseudo_labels")
