"""Measure how fast taggers train on one core: ours, and Flair's of the same sizes.

Needs `dvc repro preprocess@conll2003`. Every row is a process of its own: the script calls itself with
`--child`. The process that runs Flair imports Flair and the standard library alone.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ner.features.encoding import EncodedCorpus
    from ner.model.parameters import RunParams

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "data/sentences/conll2003"
WORD, CHARACTER, CHARACTERS = 100, 25, 30  # dimensions of a word, of a character, and of the characters of a word
BATCH_SIZE = 32  # sentences
WARM_UP = 20  # steps of Flair that are not measured


@dataclass(frozen=True)
class Row:
    """What a row measures: ours with a `cnn` or an `lstm` over characters, Flair with an optimizer, or a run."""

    program: str  # ours or flair
    units: int = 0  # of the LSTM over words, in each direction
    variant: str = ""  # cnn, lstm; adam, sgd; or the name of a run
    steps: int = 0  # to measure Flair by


@dataclass(frozen=True)
class Speed:
    """The measurement of a child, from the end of its warm-up to its last step."""

    tokens: int
    cpu_seconds: float
    wall_seconds: float
    peak_mb: int  # resident, of the whole process
    product_seconds: float | None  # CPU seconds that the matrix products of these steps take by themselves


def measure_ours(row: Row) -> Speed:
    """Measure the second of two epochs, trained as stages/train.py trains."""
    from ner.core.sentence_files import read_sentences
    from ner.features.embedding_files import read_embedding
    from ner.features.encoding import encode
    from ner.pipeline.stage import quiet_import

    with quiet_import():
        import keras

        from ner.model.checkpoint import load_checkpoint
        from ner.model.determinism import make_reproducible
        from ner.training.run import train_run

    class Watch(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, _epoch: int, _logs: Any = None) -> None:
            self.started = time.process_time(), time.perf_counter()

        def on_epoch_end(self, _epoch: int, _logs: Any = None) -> None:
            self.ended = time.process_time(), time.perf_counter()

    run = _sizes(row) if row.units else _configured(row.variant)
    make_reproducible(run.training.seed, deterministic=run.compute.deterministic)
    train = read_sentences(ROOT / "data/sentences" / run.corpus / "train.conll")
    folders = [ROOT / "data/embeddings" / name for name in run.embeddings if name != "none"]
    watch = Watch()
    checkpoint, _ = train_run(
        replace(run, training=replace(run.training, epochs=2)),
        train,
        train[:10],  # scored after each epoch, so a short dev set: scoring is not measured
        embeddings=[embedding for folder in folders if (embedding := read_embedding(folder)) is not None],
        base=None if run.base == "none" else load_checkpoint(ROOT / "models" / run.base),
        watchers=[watch],
    )
    peak = _peak_mb()
    cpu, wall = (end - start for start, end in zip(watch.started, watch.ended, strict=True))
    corpus = encode(train, checkpoint.encoder)
    products = _product_seconds(run, corpus, len(checkpoint.tags)) if row.units else None
    return Speed(sum(map(len, train)), cpu, wall, peak, products)


def _configured(name: str) -> "RunParams":
    from ner.core.params import build, lookup, read_params
    from ner.model.parameters import RunParams

    return build(RunParams, lookup(read_params(), "runs", name), f"runs.{name}")


def _sizes(row: Row) -> "RunParams":
    """Return the run conll2003-crf with Flair's sizes, and with words and characters as its only features."""
    run = _configured("conll2003-crf")
    assert run.model.characters is not None
    model = replace(
        run.model,
        normalisation=(),
        min_count=1,
        word_dimensions=WORD,
        casing_dimensions=0,
        characters=replace(
            run.model.characters, network=row.variant, min_count=1, dimensions=CHARACTER, features=CHARACTERS
        ),
        vectors=None,
        clusters=None,
        lstm_layers=1,
        lstm_units=row.units,
        input_dropout=0.5,
        output_dropout=0.5,
    )
    return replace(run, embeddings=("none",), model=model, training=replace(run.training, batch_size=BATCH_SIZE))


def _product_seconds(run: "RunParams", corpus: "EncodedCorpus", tags: int) -> float:
    """Measure the CPU seconds that the matrix products of an epoch take by themselves, in NumPy.

    The forward products are timed, and counted three times: for each, the backward pass has two of the same size, one
    for the gradient of the input and one for that of the weights.
    """
    import numpy as np

    from ner.features.encoding import batches

    seconds = 0.0
    for batch in batches(corpus, run.training.batch_size):
        for rows, inner, columns, times in _products(run, batch.features["characters"].shape, tags):
            left, right = np.ones((rows, inner), np.float32), np.ones((inner, columns), np.float32)
            out = np.empty((rows, columns), np.float32)
            started = time.process_time()
            for _ in range(times):
                np.matmul(left, right, out=out)
            seconds += time.process_time() - started
    return 3 * seconds


def _products(run: "RunParams", shape: Sequence[int], tags: int) -> Iterator[tuple[int, int, int, int]]:
    """List the matrix products of a batch of B sentences of T tokens of C characters.

    Yields rows, inner size, columns, and the number of products of this size.
    """
    batch, length, characters = shape  # B, T, C
    units, chars = run.model.lstm_units, run.model.characters
    assert chars is not None
    if chars.network == "cnn":
        yield batch * length * characters, chars.width * chars.dimensions, chars.features, 1
    else:
        half = chars.features // 2
        yield batch * length * characters, chars.dimensions, 4 * half, 2  # what the gates read, in two directions
        yield batch * length, half, 4 * half, 2 * characters  # and what they remember, step by step
    yield batch * length, run.model.word_dimensions + chars.features, 4 * units, 2
    yield batch, units, 4 * units, 2 * length
    yield batch * length, 2 * units, tags, 1
    yield batch, tags, tags, length  # the CRF


def measure_flair(row: Row) -> Speed:
    """Measure `row.steps` steps of Flair's own ModelTrainer, after WARM_UP steps."""
    import flair
    import torch
    from flair.data import Dictionary
    from flair.datasets import ColumnCorpus
    from flair.embeddings import CharacterEmbeddings, OneHotEmbeddings, StackedEmbeddings
    from flair.models import SequenceTagger
    from flair.trainers import ModelTrainer
    from flair.trainers.plugins.base import TrainerPlugin, TrainingInterrupt

    class Watch(TrainerPlugin):  # type: ignore[misc]
        step = tokens = 0

        @TrainerPlugin.hook  # type: ignore[untyped-decorator]
        def after_training_batch(self, batch: Any, **_: Any) -> None:
            self.step += 1
            if self.step > WARM_UP:
                self.tokens += sum(map(len, batch))
            if self.step == WARM_UP:
                self.started = time.process_time(), time.perf_counter()
            if self.step == WARM_UP + row.steps:
                self.ended = time.process_time(), time.perf_counter()
                raise TrainingInterrupt("measured")

    flair.set_seed(1)
    torch.set_num_threads(1)
    columns = {0: "text", 1: "ner"}
    corpus = ColumnCorpus(CORPUS, columns, train_file="train.conll", column_delimiter="\t", sample_missing_splits=False)
    characters = Dictionary()
    for sentence in corpus.train:
        for token in sentence:
            for character in token.text:
                characters.add_item(character)
    words = OneHotEmbeddings.from_corpus(corpus, min_freq=1, embedding_length=WORD)
    tagger = SequenceTagger(
        StackedEmbeddings([words, CharacterEmbeddings(characters, CHARACTER, CHARACTERS // 2)]),
        corpus.make_label_dictionary("ner", add_unk=False),
        "ner",
        tag_format="BIO",
        hidden_size=row.units,
        reproject_embeddings=False,
    )
    watch = Watch()
    optimizer, learning_rate = {"adam": (torch.optim.Adam, 0.002), "sgd": (torch.optim.SGD, 0.1)}[row.variant]
    with tempfile.TemporaryDirectory() as directory:
        ModelTrainer(tagger, corpus).train(
            directory,
            learning_rate=learning_rate,
            optimizer=optimizer,
            mini_batch_size=BATCH_SIZE,
            max_epochs=1,
            plugins=[watch],
            embeddings_storage_mode="none",
            save_final_model=False,
            create_file_logs=False,
            create_loss_file=False,
        )
    cpu, wall = (end - start for start, end in zip(watch.started, watch.ended, strict=True))
    return Speed(watch.tokens, cpu, wall, _peak_mb(), None)


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(row: Row, python: str) -> Speed:
    """Measure a row in a child that has one core, one thread for matrix products, and downloads nothing."""
    from ner.core.kernels import KERNELS  # imported late: nothing of ours is imported where Flair runs

    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    settings = KERNELS if row.program == "ours" else {}
    with tempfile.TemporaryDirectory() as nothing:
        offline = {"HF_HUB_OFFLINE": "1", "FLAIR_CACHE_ROOT": nothing}
        child = subprocess.run(
            [python, __file__, "--child", json.dumps(asdict(row))],
            cwd=ROOT,
            env={**os.environ, **threads, **offline, **settings, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
    if child.returncode:
        sys.exit(f"{child.stderr}error: {row.program} {row.variant} {row.units or ''} failed")
    return Speed(**json.loads(child.stdout.splitlines()[-1]))


def show(label: str, speed: Speed, peer: float | None) -> None:
    """Print a row of the table; `peer` is the tokens a CPU second of the faster Flair of the same sizes."""
    rate = speed.tokens / speed.cpu_seconds
    cells = [
        label,
        f"{rate:,.0f}",
        f"{speed.tokens / speed.wall_seconds:,.0f}",
        f"{rate / peer:.1f}" if peer else "",
        f"{speed.product_seconds / speed.cpu_seconds:.0%}" if speed.product_seconds else "",
        f"{speed.peak_mb} MB",
    ]
    print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peer-python", default=sys.executable, help="the interpreter that has Flair (default: this)")
    parser.add_argument(
        "--units",
        type=int,
        nargs="+",
        default=[100, 200],
        help="units of the LSTM in each direction (default: 100 200)",
    )
    parser.add_argument("--steps", type=int, default=100, help="steps of Flair that are measured (default: 100)")
    parser.add_argument("--run", help="measure this run of params.yaml alone, as it is configured there")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        row = Row(**json.loads(options.child))
        print(json.dumps(asdict({"ours": measure_ours, "flair": measure_flair}[row.program](row))))
        return
    if not (CORPUS / "train.conll").exists():
        sys.exit(f"error: expected {(CORPUS / 'train.conll').relative_to(ROOT)}; `dvc repro preprocess@conll2003`")
    find = "import importlib.util, sys; sys.exit(importlib.util.find_spec('flair') is None)"
    if not options.run and subprocess.run([options.peer_python, "-c", find]).returncode:
        sys.exit(f"error: expected Flair in {options.peer_python}; `pip install torch flair`, or name --peer-python")
    print("| tagger | tokens/s of CPU | tokens/s | times Flair | share of matrix products | peak memory |")
    print("|---|---:|---:|---:|---:|---:|")
    if options.run:
        show(f"`{options.run}`", measure(Row("ours", variant=options.run), sys.executable), None)
        return
    for units in options.units:
        rows = [Row("flair", units, optimizer, options.steps) for optimizer in ("adam", "sgd")]
        peers = [measure(row, options.peer_python) for row in rows]
        fastest = max(speed.tokens / speed.cpu_seconds for speed in peers)
        for name, speed in zip(("Adam", "SGD"), peers, strict=True):
            show(f"Flair, {name}, {units} units", speed, fastest)
        for network in ("cnn", "lstm"):
            speed = measure(Row("ours", units, network), sys.executable)
            show(f"ours, characters by {network.upper()}, {units} units", speed, fastest)


if __name__ == "__main__":
    main()
