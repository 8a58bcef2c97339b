"""Train one tagger: data/sentences/<corpus>/{train,dev}.conll -> models/<run>/ and its learning curve."""

import sys
from pathlib import Path

from ner.artifact import whole_directory, whole_file
from ner.corpus.splits import read_sentences
from ner.encoding import encode
from ner.model.parameters import RunParams
from ner.params import build, lookup, read_params
from ner.stage import quiet_import, run_stage
from ner.vocabulary import Vocabulary

with quiet_import():
    from ner.model.architectures import build_network
    from ner.model.checkpoint import Checkpoint, save_checkpoint
    from ner.model.determinism import make_reproducible
    from ner.model.training import Exam, Examples, fit, write_learning_curve


def main(name: str) -> None:
    run = build(RunParams, lookup(read_params(), "runs", name), f"runs.{name}")
    make_reproducible(run.training.seed)
    train, dev = (read_sentences(Path("data/sentences") / run.corpus / f"{split}.conll") for split in ("train", "dev"))

    tokens = (token for sentence in train for token in sentence.tokens)
    words = Vocabulary.count(tokens, run.model.minimum_count, run.model.normalisation)
    tags = tuple(sorted({tag for sentence in train for tag in sentence.tags}))
    network = build_network(run.model, len(words), len(tags))
    epochs = fit(
        network,
        Examples.of(train, words, tags),
        Exam(encode(dev, words), [sentence.tags for sentence in dev], tags),
        run.training,
        progress=sys.stderr.isatty(),
    )

    with whole_directory(Path("models") / name) as directory:
        save_checkpoint(directory, Checkpoint(network, words, tags, run.model))
    with whole_file(Path("plots") / name / "learning_curve.csv") as path:
        write_learning_curve(path, epochs)


if __name__ == "__main__":
    run_stage(main, __doc__, "runs")
