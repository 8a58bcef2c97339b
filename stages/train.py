"""Train one tagger: data/sentences/<corpus>/{train,dev}.conll, data/embeddings/ -> models/<run>/, a learning curve.

A run with a `base` starts from models/<base>/. A training that was killed goes on from its last whole epoch. With
NER_DVCLIVE=1 in the environment, DVCLive writes each epoch to dvclive/<run>/ while it trains.
"""

from pathlib import Path

from ner.core.params import build, lookup, read_params
from ner.model.parameters import RunParams
from ner.pipeline.stage import quiet_import, run_stage

with quiet_import():
    from ner.training.making import make_tagger


def main(name: str) -> None:
    run = build(RunParams, lookup(read_params(), "runs", name), f"runs.{name}")
    corpus = Path("data/sentences") / run.corpus
    make_tagger(name, run, corpus / "train.conll", corpus / "dev.conll")


if __name__ == "__main__":
    run_stage(main, __doc__, "runs")
