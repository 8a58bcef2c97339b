"""Measure how fast taggers tag on one core: ours, exported and released, and spaCy's, trained on the same data.

Every measurement is a process of its own: the script calls itself with `--child`. A run that has no released tagger, as
those with a pretrained encoder, is measured in eight bits all the same: it is quantised first. spaCy's tagger is
trained once, with the configuration of `spacy init config --lang en --pipeline ner --optimize efficiency`, and kept.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ner.core.sentence import Sentence

ROOT = Path(__file__).parents[1]
SENTENCES = ROOT / "data/sentences"
CORPUS = "conll2003"
RUNS = ("conll2003-crf", "conll2003-crf-distilled")
SEED = 1  # of spaCy's training
TOKENS, TEXT = "tokens", "text"

Found = Sequence[tuple[int, int, str]]  # entities of a sentence: start and end, in tokens or in characters, and label


@dataclass(frozen=True)
class Job:
    """The task of a child: train spaCy's tagger into `directory`, or measure the tagger there on dev."""

    program: str  # train, ours, spacy
    directory: str
    corpus: str
    reads: str = ""  # tokens or text
    passes: int = 0  # over dev, the first included


@dataclass(frozen=True)
class Measured:
    """The measurement of one process; in its first pass the tagger has not cached any word yet."""

    f1: float
    words: int
    cpu_seconds: list[float]
    wall_seconds: list[float]
    import_seconds: float
    load_seconds: float
    peak_mb: int  # resident


@dataclass(frozen=True)
class Loaded:
    """A loaded tagger, and the seconds that importing and loading took."""

    tag: Callable[[Sequence[Any]], list[Found]]  # sentences, or lines of text
    import_seconds: float
    load_seconds: float


def load_ours(directory: str, reads: str) -> Loaded:
    """Load our tagger: tokens are tagged as by a program that imports `ner.tagger.tagger`, lines as by `ner tag`."""
    started = time.perf_counter()
    from ner.tagger.tagger import Tagger

    imported = time.perf_counter()
    tagger = Tagger.load(directory)
    loaded = time.perf_counter()
    from ner.cli.documents import read_text, tag_documents
    from ner.core.sentence import tokens_of

    def tag_tokens(sentences: Sequence["Sentence"]) -> list[Found]:
        tagged = (one for one in tagger.tag(tokens_of(sentences)) if one.tokens)  # others end a document
        return [[(one.first, one.last, one.label) for one in sentence.entities] for sentence in tagged]

    def tag_lines(lines: Sequence[str]) -> list[Found]:
        documents = read_text((("", line) for line in lines), tagger.split)
        return [
            [(one.start, one.end, one.label) for sentence in tagged for one in sentence.entities]
            for _, tagged in tag_documents(tagger, documents)
        ]

    return Loaded(tag_tokens if reads == TOKENS else tag_lines, imported - started, loaded - imported)


def load_spacy(directory: str, reads: str) -> Loaded:
    """Load spaCy's tagger, called by `nlp.pipe` with lines of text or with Docs made of the tokens."""
    started = time.perf_counter()
    import spacy

    imported = time.perf_counter()
    nlp = spacy.load(directory)
    loaded = time.perf_counter()
    from spacy.tokens import Doc

    def tag_tokens(sentences: Sequence["Sentence"]) -> list[Found]:
        docs = nlp.pipe(Doc(nlp.vocab, words=list(sentence.tokens)) for sentence in sentences)
        return [[(span.start, span.end, span.label_) for span in doc.ents] for doc in docs]

    def tag_lines(lines: Sequence[str]) -> list[Found]:
        return [[(span.start_char, span.end_char, span.label_) for span in doc.ents] for doc in nlp.pipe(lines)]

    return Loaded(tag_tokens if reads == TOKENS else tag_lines, imported - started, loaded - imported)


def measure(job: Job) -> Measured:
    """Tag all of dev in each pass, on one core, the last one allowed; F1 is that of the first pass."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    loaded = {"ours": load_ours, "spacy": load_spacy}[job.program](job.directory, job.reads)
    from ner.core.sentence_files import read_sentences

    dev = read_sentences(SENTENCES / job.corpus / "dev.conll")
    given = dev if job.reads == TOKENS else [" ".join(one.tokens) for one in dev]
    cpu, wall, f1 = [], [], 0.0
    for number in range(job.passes):
        started = time.process_time(), time.perf_counter()
        found = loaded.tag(given)
        cpu.append(time.process_time() - started[0])
        wall.append(time.perf_counter() - started[1])
        if number == 0:
            f1 = _f1(dev, found, job.reads)
    return Measured(f1, sum(map(len, dev)), cpu, wall, loaded.import_seconds, loaded.load_seconds, _peak_mb())


def _f1(dev: "Sequence[Sentence]", found: Sequence[Found], reads: str) -> float:
    """Compute entity F1; bounds are in tokens, or in characters of the line."""
    from ner.core.entity_f1 import Counts, score
    from ner.core.tagscheme import tags_to_spans

    total = Counts()
    for sentence, entities in zip(dev, found, strict=True):
        gold = {(span.start, span.end, span.label) for span in tags_to_spans(sentence.tags, strict=True)}
        if reads == TEXT:
            gold = {(*_characters(sentence.tokens, start, end), label) for start, end, label in gold}
        total = total.plus(Counts(len(gold), len(entities), len(gold & set(entities))))
    return score(total).f1


def _characters(tokens: Sequence[str], start: int, end: int) -> tuple[int, int]:
    first = sum(len(token) + 1 for token in tokens[:start])
    return first, first + len(" ".join(tokens[start:end]))


def _peak_mb() -> int:
    """Return the peak resident memory of this process; getrusage may report that of its parent."""
    (kilobytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(kilobytes) // 1024


def train_spacy(directory: Path, corpus: str) -> None:
    """Train spaCy's tagger with its own configuration and loop; dev chooses the weights and ends the training."""
    import spacy
    from spacy.cli.init_config import init_config
    from spacy.tokens import Doc, DocBin, Span
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train

    from ner.core.sentence_files import read_sentences
    from ner.core.tagscheme import tags_to_spans

    started = time.process_time()
    vocabulary = spacy.blank("en").vocab
    for split in ("train", "dev"):
        docs = DocBin()
        for sentence in read_sentences(SENTENCES / corpus / f"{split}.conll"):
            doc = Doc(vocabulary, words=list(sentence.tokens))
            doc.ents = [Span(doc, one.start, one.end, one.label) for one in tags_to_spans(sentence.tags, strict=True)]
            docs.add(doc)
        docs.to_disk(directory / f"{split}.spacy")
    config = init_config(lang="en", pipeline=["ner"], optimize="efficiency", gpu=False)
    config["paths"].update({split: str(directory / f"{split}.spacy") for split in ("train", "dev")})
    config["system"]["seed"] = SEED
    nlp = init_nlp(config)
    nlp, _ = train(nlp, directory, stdout=sys.stderr, stderr=sys.stderr)
    best = json.loads((directory / "model-best/meta.json").read_text())["performance"]["ents_f"]
    facts = {"dev_f1": best, "cpu_minutes": (time.process_time() - started) / 60, "spacy": spacy.__version__}
    (directory / "facts.json").write_text(json.dumps(facts))


def spacy_tagger(models: Path, corpus: str) -> Path:
    """Return spaCy's tagger: the kept one if sentences and version of spaCy are the same, else a newly trained one."""
    from importlib.metadata import version

    content = "".join(
        hashlib.sha256((SENTENCES / corpus / f"{split}.conll").read_bytes()).hexdigest() for split in ("train", "dev")
    )
    key = hashlib.sha256(f"{version('spacy')} {SEED} {content}".encode()).hexdigest()[:16]
    directory = models / f"spacy-{key}"
    if not directory.exists():
        print("training spaCy's tagger, which takes some minutes", file=sys.stderr)
        models.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=models) as unfinished:
            _child(Job("train", unfinished, corpus), quiet=False)
            Path(unfinished).rename(directory)
            Path(unfinished).mkdir()  # for TemporaryDirectory to remove
    facts = json.loads((directory / "facts.json").read_text())
    dev, minutes = f"{100 * facts['dev_f1']:.2f}", f"{facts['cpu_minutes']:.1f}"
    print(f"spaCy {facts['spacy']}: F1 of {dev} on dev, trained in {minutes} CPU minutes", file=sys.stderr)
    return directory / "model-best"


def _child(job: Job, *, quiet: bool = True) -> Any:
    """Run a job in a child with one thread for matrix products; return the JSON that it prints."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
    child = subprocess.run(
        [sys.executable, __file__, "--child", json.dumps(asdict(job))],
        cwd=ROOT,
        env={**os.environ, **dict.fromkeys(names, "1"), "PYTHONPATH": str(ROOT), "ORT_DISABLE_TELEMETRY": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if quiet else None,
        text=True,
    )
    if child.returncode:
        sys.exit(f"{child.stderr or ''}error: {job.program} failed")
    return json.loads(child.stdout.splitlines()[-1])


def show(label: str, reads: str, runs: Sequence[Measured], peers: Sequence[Measured]) -> None:
    """Print a row of the table: medians over processes, and the best warm pass."""
    first, warm, best = _rates(runs, "cpu_seconds")
    times = ""
    if peers:
        first_of_peer, warm_of_peer, _ = _rates(peers, "cpu_seconds")
        times = f"{first / first_of_peer:.1f}, {warm / warm_of_peer:.1f}"
    first_by_clock, warm_by_clock, _ = _rates(runs, "wall_seconds")
    cells = [
        label,
        reads,
        f"{100 * runs[0].f1:.2f}",
        f"{first:,.0f}",
        f"{warm:,.0f}",
        f"{best:,.0f}",
        f"{first_by_clock:,.0f}",
        f"{warm_by_clock:,.0f}",
        times,
        f"{statistics.median(run.import_seconds for run in runs):.2f} s",
        f"{statistics.median(run.load_seconds for run in runs):.2f} s",
        f"{max(run.peak_mb for run in runs)} MB",
    ]
    print("| " + " | ".join(cells) + " |", flush=True)


def _rates(runs: Sequence[Measured], seconds: str) -> tuple[float, float, float]:
    """Compute words a second: of the first passes, of the warm ones, and of the fastest warm one."""
    first = statistics.median(getattr(run, seconds)[0] for run in runs)
    warm = [one for run in runs for one in getattr(run, seconds)[1:]]
    words = runs[0].words
    return words / first, words / statistics.median(warm), words / min(warm)


def in_eight_bits(run: str, corpus: str, models: Path) -> Path:
    """Return the released tagger of a run, or, if it has none, a newly quantised one with all its words."""
    from ner.tagger.compression import ReleaseParams, shrink

    if (ROOT / "released" / run).exists():
        return ROOT / "released" / run
    directory = models / "int8" / run
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    words = 10_000_000  # more than there are
    shrink(
        ROOT / "taggers" / run, directory, ReleaseParams(corpus=corpus, weights="int8", vectors=words, clusters=words)
    )
    return directory


def compare(ours: dict[str, Path], corpus: str, models: Path, processes: int, passes: int, *, with_spacy: bool) -> None:
    """Train spaCy's tagger if it is missing, measure the taggers in turn, and print the table."""
    taggers = {label: ("ours", path) for label, path in ours.items()}
    if with_spacy:
        taggers["spaCy"] = ("spacy", spacy_tagger(models, corpus))
    print("| tagger | from | F1 | words/s of CPU, first | warm | best | words/s, first | warm | times spaCy ", end="")
    print("| import | load | peak memory |\n|---|---|" + "---:|" * 10)
    for reads in (TOKENS, TEXT):
        runs: dict[str, list[Measured]] = {label: [] for label in taggers}
        for _ in range(processes):
            for label, (program, directory) in taggers.items():
                runs[label].append(Measured(**_child(Job(program, str(directory), corpus, reads, passes))))
        for label, measured in runs.items():
            show(label, reads, measured, runs.get("spaCy", []))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--run",
        action="append",
        help=f"a run whose tagger is measured in 32 and in eight bits; repeatable (default: {' and '.join(RUNS)})",
    )
    parser.add_argument("--corpus", default=CORPUS, help=f"the corpus whose dev set is tagged (default: {CORPUS})")
    parser.add_argument("--without-spacy", action="store_true", help="measure our taggers alone")
    parser.add_argument(
        "--models",
        type=Path,
        default=ROOT / "resume/benchmarks",
        help="where spaCy's tagger is kept (default: resume/benchmarks)",
    )
    parser.add_argument("--processes", type=int, default=5, help="processes for each row (default: 5)")
    parser.add_argument(
        "--passes", type=int, default=6, help="passes over dev in each process, the first included (default: 6)"
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        job = Job(**json.loads(options.child))
        print(
            json.dumps(train_spacy(Path(job.directory), job.corpus) if job.program == "train" else asdict(measure(job)))
        )
        return
    runs = options.run or RUNS
    for path in (SENTENCES / options.corpus / "dev.conll", *(ROOT / "taggers" / run for run in runs)):
        if not path.exists():
            sys.exit(f"error: expected {path}; `dvc repro export` makes taggers")
    models = options.models.absolute()
    ours = {}
    for run in runs:
        ours[f"`{run}`"] = ROOT / "taggers" / run
        ours[f"`{run}`, eight bits"] = in_eight_bits(run, options.corpus, models)
    compare(ours, options.corpus, models, options.processes, options.passes, with_spacy=not options.without_spacy)


if __name__ == "__main__":
    main()
