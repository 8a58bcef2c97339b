"""Measure what more pseudo-labelled sentences bring -> benchmarks/distillation.json.

    dvc repro label@bc5cdr-distilled && python benchmarks/distillation.py

Students of `bc5cdr-distilled` are trained on the first sentences of its pseudo-labels, and then on the corpus, as
`bc5cdr-crf-distilled` is. Each is scored on dev before and after, since only `predict` may read the test set. With no
pseudo-labels at all, the same network is trained on the corpus alone. `--sentences` measures one number and keeps the
others' figures. docs/pictures/distillation.svg draws the scores, and `make readme` makes a table of them.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from ner.core.kernels import pin_kernels
from ner.core.outputs import whole_file, write_json
from ner.core.params import build, lookup, read_params
from ner.core.sentence_files import read_sentences
from ner.distillation.distill_parameters import student_run
from ner.model.parameters import RunParams
from ner.reports.pictures import draw_sentences

STUDENT, RUN = "bc5cdr-distilled", "bc5cdr-crf-distilled"
RESULT, PICTURE = Path("benchmarks/distillation.json"), Path("docs/pictures/distillation.svg")
SIZES = (0, 7_500, 15_000, 30_000, 60_000, 120_000)


def measure(size: int) -> dict[str, float]:
    """Train a student on so many pseudo-labelled sentences, fine-tune it, and return its figures."""
    from ner.model.determinism import make_reproducible
    from ner.model.pretrained import read_all
    from ner.training.run import train_run

    params = read_params()
    student = student_run(params, STUDENT)
    run = build(RunParams, lookup(params, "runs", RUN), f"runs.{RUN}")
    train, dev = (read_sentences(Path("data/sentences") / run.corpus / f"{split}.conll") for split in ("train", "dev"))
    labelled = read_sentences(Path("data/pseudo_labels") / STUDENT / "train.conll")
    if len(labelled) < size:
        sys.exit(f"error: expected {size:,} pseudo-labelled sentences or more. Received: {len(labelled):,}")
    embeddings = read_all(Path("data/embeddings"), run.embeddings)
    started, figures, base = time.process_time(), {}, None
    if size:
        make_reproducible(student.training.seed)
        base, epochs = train_run(student, labelled[:size], dev, embeddings=embeddings)
        figures["student_dev_entity_f1"] = max(epoch.dev_entity_f1 for epoch in epochs)
    make_reproducible(run.training.seed)
    alone = run if base else run.replace(base="none", transfer=None)
    _, epochs = train_run(alone, train, dev, embeddings=embeddings, base=base)
    figures["dev_entity_f1"] = max(epoch.dev_entity_f1 for epoch in epochs)
    rounded = {name: round(value, 5) for name, value in figures.items()}
    return rounded | {"training_cpu_minutes": round((time.process_time() - started) / 60, 1)}


def main(sizes: list[int]) -> None:
    for size in sizes:
        print(f"{size:,} sentences", flush=True)
        measured = measure(size)
        known = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
        study = dict(sorted({**known, str(size): measured}.items(), key=lambda item: int(item[0])))
        with whole_file(RESULT) as path:
            write_json(path, study)
        draw_sentences(PICTURE, study)


if __name__ == "__main__":
    pin_kernels()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sentences", type=int, action="append", help=f"measure this number; default: {SIZES}")
    main(parser.parse_args().sentences or list(SIZES))
