"""Measure what each way to use a pretrained encoder gives and costs -> benchmarks/encoders.json.

    dvc repro export@bc5cdr-encoder && python benchmarks/encoders.py

The run `bc5cdr-encoder` is trained in each way, with the same seed, data and training parameters, and `bc5cdr-crf`, the
run without an encoder, with its own. They are scored on dev, since only `predict` may read the test set. Each tagger is
exported and tags dev on one thread. `--way` measures one way and keeps the others' figures. `make readme` makes the
table of docs/results.md from the file.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ner.core.entity_f1 import entity_f1
from ner.core.kernels import pin_kernels
from ner.core.outputs import whole_file, write_json
from ner.core.params import build, lookup, read_params
from ner.core.sentence import tokens_of
from ner.core.sentence_files import read_sentences
from ner.model.parameters import EncoderParams, ModelParams, RunParams

RUN, WITHOUT = "bc5cdr-encoder", "bc5cdr-crf"
RESULT = Path("benchmarks/encoders.json")


def _with_encoder(change: Callable[[EncoderParams], EncoderParams]) -> Callable[[ModelParams], ModelParams]:
    return lambda model: model.replace(encoder=change(model.encoder)) if model.encoder else model


def _without_lstm(model: ModelParams) -> ModelParams:
    return model.replace(architecture="crf", lstm_layers=0, lstm_units=0)


def _as_it_is(model: ModelParams) -> ModelParams:
    return model


WAYS: dict[str, tuple[str, Callable[[ModelParams], ModelParams]]] = {
    "no encoder": (WITHOUT, _as_it_is),
    "tuned": (RUN, _as_it_is),
    "tuned, no BiLSTM": (RUN, _without_lstm),
    "upper half tuned": (RUN, _with_encoder(lambda encoder: encoder.replace(frozen_layers=3))),
    "frozen, mixture of layers": (RUN, _with_encoder(lambda encoder: encoder.replace(rate=0.0, mixture=True))),
}


def measure(way: str) -> dict[str, float]:
    """Train the run in one way, and return its figures."""
    from ner.model.determinism import make_reproducible
    from ner.model.pretrained import read_all
    from ner.tagger.onnx_export import export_tagger
    from ner.training.run import train_run

    params = read_params()
    name, change = WAYS[way]
    run = build(RunParams, lookup(params, "runs", name), f"runs.{name}")
    run = run.replace(model=change(run.model))
    corpus = lookup(params, "corpora", run.corpus)
    train, dev = (read_sentences(Path("data/sentences") / run.corpus / f"{split}.conll") for split in ("train", "dev"))
    make_reproducible(run.training.seed)
    started = time.process_time()
    embeddings = read_all(Path("data/embeddings"), run.embeddings)
    checkpoint, epochs = train_run(run, train, dev, embeddings=embeddings, progress=sys.stderr.isatty())
    minutes = (time.process_time() - started) / 60
    with tempfile.TemporaryDirectory() as folder:
        labels = {"name": way, "corpus": run.corpus, "language": corpus["language"], "rule": corpus["tokens"]}
        tagger = export_tagger(Path(folder), checkpoint, **labels, scores={})
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        started = time.process_time()
        tagged = [sentence.tags for sentence in tagger.tag(tokens_of(dev)) if sentence.tokens]
        seconds = time.process_time() - started
    return {
        "best_epoch": max(epochs, key=lambda epoch: epoch.dev_entity_f1).epoch,
        "dev_entity_f1": round(entity_f1([sentence.tags for sentence in dev], tagged), 5),
        "megabytes": round(size / 1e6, 1),
        "training_cpu_minutes": round(minutes, 1),
        "words_per_cpu_second": round(sum(map(len, dev)) / seconds),
    }


def main(ways: list[str]) -> None:
    for way in ways:
        print(way, flush=True)
        measured = measure(way)
        known = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
        with whole_file(RESULT) as path:
            write_json(path, {**known, way: measured})


if __name__ == "__main__":
    pin_kernels()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--way", action="append", choices=list(WAYS), help="measure only this way; repeatable")
    main(parser.parse_args().way or list(WAYS))
