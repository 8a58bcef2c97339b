"""Fine-tune one tagger: models/<base>/, data/sentences/<corpus>/{train,dev}.conll -> models/<run>/, a learning curve.

The network starts with the weights of its base, which may have other labels. `python -m stages train` trains from
scratch. A training that was killed is resumed after its last complete epoch. With NER_DVCLIVE=1 in the environment,
DVCLive writes each epoch to dvclive/<run>/.
"""

from pathlib import Path

from ner.core.params import ParamsError, build, lookup, read_params
from ner.model.parameters import RunParams
from ner.pipeline.stage import quiet_import, run_stage

with quiet_import():
    from ner.training.making import make_tagger


def main(name: str) -> None:
    run = build(RunParams, lookup(read_params(), "runs", name), f"runs.{name}")
    if run.base == "none":
        raise ParamsError(
            f"finetune: expected a run with a base; `python -m stages train {name}` trains it. Received: {name!r}"
        )
    corpus = Path("data/sentences") / run.corpus
    make_tagger(name, run, corpus / "train.conll", corpus / "dev.conll")


if __name__ == "__main__":
    run_stage(main, __doc__, "runs")
