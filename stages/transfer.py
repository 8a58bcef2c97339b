"""Train two runs, one with a base and one from scratch, on parts of train -> plots/transfer/learning_curve.csv.

Both are trained alike, seed and number of updates included. What is scored is dev: the test set meets the finished
taggers alone. metrics/transfer.json says what the tagger of the largest part still knows of the base's corpus.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ner.artifact import whole_file, write_json
from ner.corpus.splits import read_sentences
from ner.embedding.store import read_embeddings
from ner.encoding import encode
from ner.metrics import entity_f1
from ner.model.parameters import RunParams, TransferCurveParams
from ner.params import build, lookup, read_params
from ner.sentence import Sentence
from ner.stage import quiet_import, run_stage

with quiet_import():
    import keras

    from ner.model.checkpoint import Checkpoint, load_checkpoint
    from ner.model.determinism import make_reproducible
    from ner.model.run import train_run
    from ner.model.tagging import tag_corpus
    from ner.model.transfer import with_output_of


def main(name: str) -> None:
    curve = build(TransferCurveParams, lookup(read_params(), name), name)
    train, dev = (_sentences(curve.corpus, split) for split in ("train", "dev"))
    make_reproducible(0)
    base = load_checkpoint(Path("models") / curve.base)
    rows, tuned = [], base
    for share in curve.shares:
        part = train[: max(1, round(share * len(train)))]
        for start, run_name in (("transferred", curve.transferred), ("scratch", curve.scratch)):
            run = build(RunParams, lookup(read_params(), "runs", run_name), f"runs.{run_name}")
            keras.utils.set_random_seed(run.training.seed)
            print(f"{run_name}, {share:.0%} of train: {len(part)} sentences", flush=True)
            trained, epochs = train_run(
                run,
                part,
                dev,
                embeddings=read_embeddings(Path("data/embeddings"), run.embeddings),
                base=base if start == "transferred" else None,
                progress=sys.stderr.isatty(),
            )
            best = max(epoch.dev_entity_f1 for epoch in epochs)
            rows.append({"share": share, "sentences": len(part), "start": start, "dev_entity_f1": round(best, 5)})
            tuned = trained if start == "transferred" else tuned
    old = _sentences(curve.base_corpus, "dev")
    forgetting = {
        "base_dev_entity_f1_before": round(_dev_entity_f1(base, old), 5),
        "base_dev_entity_f1_after": round(_dev_entity_f1(with_output_of(base, tuned), old), 5),
    }
    with whole_file(Path("plots/transfer/learning_curve.csv")) as path:
        pd.DataFrame(rows).to_csv(path, index=False, lineterminator="\n")
    with whole_file(Path("metrics/transfer.json")) as path:
        write_json(path, forgetting)


def _sentences(corpus: str, split: str) -> list[Sentence]:
    return read_sentences(Path("data/sentences") / corpus / f"{split}.conll")


def _dev_entity_f1(tagger: Checkpoint, dev: Sequence[Sentence]) -> float:
    tagged = tag_corpus(tagger.network, encode(dev, tagger.encoder), tagger.tags, confidences=False)
    return entity_f1([sentence.tags for sentence in dev], [sentence.tags for sentence in tagged])


if __name__ == "__main__":
    run_stage(main, __doc__, None)
