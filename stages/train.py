"""Train one tagger: data/sentences/<corpus>/{train,dev}.conll -> models/<run>/ and its learning curve."""

import sys
from pathlib import Path

from ner.artifact import whole_directory, whole_file
from ner.corpus.splits import read_sentences
from ner.encoding import encode
from ner.model.parameters import RunParams
from ner.params import build, lookup, read_params
from ner.stage import quiet_import, run_stage

with quiet_import():
    from ner.model.architectures import build_network
    from ner.model.checkpoint import Checkpoint, make_encoder, save_checkpoint
    from ner.model.determinism import make_reproducible
    from ner.model.training import Exam, Examples, fit, write_learning_curve


def main(name: str) -> None:
    run = build(RunParams, lookup(read_params(), "runs", name), f"runs.{name}")
    make_reproducible(run.training.seed)
    train, dev = (read_sentences(Path("data/sentences") / run.corpus / f"{split}.conll") for split in ("train", "dev"))

    encoder = make_encoder(train, run.model)
    tags = tuple(sorted({tag for sentence in train for tag in sentence.tags}))
    network = build_network(run.model, encoder, tags)
    epochs = fit(
        network,
        Examples.of(train, encoder, tags),
        Exam(encode(dev, encoder), [sentence.tags for sentence in dev], tags),
        run.training,
        progress=sys.stderr.isatty(),
    )

    with whole_directory(Path("models") / name) as directory:
        save_checkpoint(directory, Checkpoint(network, encoder, tags, run.model))
    with whole_file(Path("plots") / name / "learning_curve.csv") as path:
        write_learning_curve(path, epochs)


if __name__ == "__main__":
    run_stage(main, __doc__, "runs")
