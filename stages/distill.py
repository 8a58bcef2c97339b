"""Train a student on pseudo-labelled sentences: data/pseudo_labels/<name>/ -> models/<name>/, the base of other runs.

Its network is an entry of `networks`, and need not be a teacher's. The dev set of the teachers' corpus chooses the
epoch, or is trained on as well. A training that was killed is resumed after its last complete epoch. With NER_DVCLIVE=1
in the environment, DVCLive writes each epoch to dvclive/<name>/.
"""

from pathlib import Path

from ner.core.params import read_params
from ner.distillation.distill_parameters import student_run
from ner.pipeline.stage import quiet_import, run_stage

with quiet_import():
    from ner.training.making import make_tagger


def main(name: str) -> None:
    student = student_run(read_params(), name)
    train = Path("data/pseudo_labels") / name / "train.conll"
    make_tagger(name, student, train, Path("data/sentences") / student.corpus / "dev.conll")


if __name__ == "__main__":
    run_stage(main, __doc__, "distill")
