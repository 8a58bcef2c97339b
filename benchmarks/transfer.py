"""Measure what fine-tuning brings by size of train -> benchmarks/transfer.json.

    dvc repro train@gmb-crf && python benchmarks/transfer.py

A run that starts from a base, and the same network from scratch, are trained on growing parts of train, with the same
seed and number of updates. Dev is scored, since only `predict` may read the test set. After the largest part, the
fine-tuned network is also scored on dev of the base's corpus, with the base's output layer: what was forgotten.
`make readme` makes the table of docs/results.md from the file.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from ner.core.entity_f1 import entity_f1
from ner.core.kernels import pin_kernels
from ner.core.outputs import whole_file, write_json
from ner.core.params import build, lookup, read_params
from ner.core.sentence import Sentence
from ner.core.sentence_files import read_sentences
from ner.features.embedding_files import read_embeddings
from ner.features.encoding import encode
from ner.model.parameters import RunParams

TRANSFERRED, SCRATCH = "bc5cdr-crf-from-gmb", "bc5cdr-crf-none"
SHARES = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0)  # of train, from its first sentence on, so that abstracts stay whole
RESULT = Path("benchmarks/transfer.json")


def main() -> None:
    import keras

    from ner.model.checkpoint import Checkpoint, load_checkpoint
    from ner.model.determinism import make_reproducible
    from ner.model.tagging import tag_corpus
    from ner.training.run import train_run
    from ner.training.transfer import with_output_of

    def dev_entity_f1(tagger: Checkpoint, dev: Sequence[Sentence]) -> float:
        tagged = tag_corpus(tagger.network, encode(dev, tagger.encoder), tagger.tags, confidences=False)
        return round(entity_f1([sentence.tags for sentence in dev], [sentence.tags for sentence in tagged]), 5)

    params = read_params()
    runs = {name: build(RunParams, lookup(params, "runs", name), f"runs.{name}") for name in (TRANSFERRED, SCRATCH)}
    base_name = runs[TRANSFERRED].base
    make_reproducible(0)
    base = load_checkpoint(Path("models") / base_name)
    train, dev = (read_split(runs[SCRATCH].corpus, split) for split in ("train", "dev"))
    rows, tuned = [], base
    for share in SHARES:
        part = train[: round(share * len(train))]
        row: dict[str, float] = {"sentences": len(part)}
        for column, name in (("transferred", TRANSFERRED), ("scratch", SCRATCH)):
            run = runs[name]
            keras.utils.set_random_seed(run.training.seed)
            print(f"{name}: {len(part)} sentences", flush=True)
            trained, epochs = train_run(
                run,
                part,
                dev,
                embeddings=read_embeddings(Path("data/embeddings"), run.embeddings),
                base=base if name == TRANSFERRED else None,
                progress=sys.stderr.isatty(),
            )
            row[column] = round(max(epoch.dev_entity_f1 for epoch in epochs), 5)
            tuned = trained if name == TRANSFERRED else tuned
        rows.append(row)
    old = read_split(lookup(params, "runs", base_name, "corpus"), "dev")
    kept = {"before": dev_entity_f1(base, old), "after": dev_entity_f1(with_output_of(base, tuned), old)}
    with whole_file(RESULT) as path:
        write_json(path, {"runs": [TRANSFERRED, SCRATCH], "dev_entity_f1": rows, "base_dev_entity_f1": kept})


def read_split(corpus: str, split: str) -> list[Sentence]:
    return read_sentences(Path("data/sentences") / corpus / f"{split}.conll")


if __name__ == "__main__":
    pin_kernels()
    main()
