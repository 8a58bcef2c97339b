"""The command line: `ner tag`, `ner show`, `ner serve`, `ner score`, `ner errors`."""

import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import click

from ner.cli.endings import fail, told
from ner.cli.streams import standard_input, standard_output

TAGGERS = (Path("taggers"), Path("released"))
DEFAULT = "conll2003-crf-distilled"
FORMATS = ("text", "conll", "jsonl")
SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".conll": "conll", ".iob": "conll", ".tsv": "conll"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Find named entities in text, serve taggers over HTTP, and score predictions.

    \b
    echo "Barack Obama visited Berlin." | ner tag
    ner show -m anercorp-crf-distilled news.txt
    ner serve -m conll2003-crf-distilled -m bc5cdr-crf-distilled-train-dev
    ner score gold.conll predicted.conll
    """


def _finite(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    """Refuse nan and infinity, which click's ranges let through."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"expected a number. Received: {value}")
    return value


def _with_model(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "-m",
        "--model",
        default=DEFAULT,
        show_default=True,
        envvar="NER_MODEL",
        show_envvar=True,
        metavar="NAME|DIR",
        help="A tagger of taggers/ or released/ by its name, or its directory.",
    )(command)


def _with_input(command: Callable[..., None]) -> Callable[..., None]:
    files = click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
    read = click.option(
        "--from",
        "read_as",
        type=click.Choice(FORMATS),
        help="Format of the input: text, a text a line; conll, a token a line; jsonl, objects with `text` or `tokens`. "
        "By default it follows from a file's ending (.jsonl, .ndjson, .conll, .iob, .tsv); other files are text.",
    )
    return files(read(command))


@main.command()
@_with_input
@_with_model
@click.option("--to", "write_as", type=click.Choice(FORMATS), help="Format of the output. [default: that of the input]")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1, 256), help="Threads of the network.")
def tag(files: tuple[str, ...], model: str, read_as: str | None, write_as: str | None, threads: int) -> None:
    """Tag FILES, or standard input, and write to standard output.

    In text, each entity stands in brackets, after its label. In conll, the tag is the last column. In jsonl, each
    object gets tokens, tags, and entities with character offsets and confidence. Input of any size is read as a stream.

    \b
    echo "Barack Obama visited Berlin." | ner tag
    ner tag -m gmb-crf --to jsonl news.txt > news.jsonl
    ner tag data/sentences/conll2003/dev.conll | ner score -
    """
    from ner.cli.documents import WRITERS, gap, tag_documents

    with told():
        output = standard_output()
        tagger = _load(model, threads)
        written = ""
        for name, kind, file, progress in _inputs(files, read_as):
            output.write(gap(written).encode())
            waits = file.isatty() or output.isatty()
            documents = _documents(tagger, name, kind, file, progress)
            for document, tagged in tag_documents(tagger, documents, **({"at_once": 1} if waits else {})):
                written = WRITERS[write_as or kind](document, tagged)
                output.write(written.encode())
                if waits:
                    output.flush()
            written = written if (write_as or kind) == "conll" else ""
        output.flush()


@main.command()
@_with_input
@_with_model
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page drawn by displaCy instead.")
def show(files: tuple[str, ...], model: str, read_as: str | None, html: Path | None) -> None:
    """Show FILES, or standard input, with coloured entities, each followed by its label and confidence.

    \b
    echo "Barack Obama visited Berlin." | ner show
    ner show -m anercorp-crf-distilled --html page.html arabic.txt
    """
    from ner.cli.display import coloured, displacy_page
    from ner.cli.documents import tag_documents, text_of
    from ner.core.outputs import whole_file

    with told():
        tagger = _load(model, 1)
        labels = sorted({tag.partition("-")[2] for tag in tagger.tags} - {""})
        texts = (
            (text_of(document, tagged), [entity for one in tagged for entity in one.entities])
            for name, kind, file, progress in _inputs(files, read_as)
            for document, tagged in tag_documents(tagger, _documents(tagger, name, kind, file, progress), 1)
        )
        if html is None:
            standard_output()
            for text, entities in texts:
                click.echo(coloured(text, entities, labels))
            return
        try:
            page = displacy_page(texts, labels, tagger.language)
        except ImportError:
            raise click.UsageError("--html needs spaCy, whose displaCy draws the page: pip install spacy") from None
        with whole_file(html) as path:
            path.write_text(page, encoding="utf-8", newline="\n")


@main.command()
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    envvar="NER_MODEL",
    show_envvar=True,
    metavar="NAME|DIR",
    help="A tagger of taggers/ or released/ by its name, or its directory. Repeat it to serve several; the first one "
    f"answers requests that name none. [default: {DEFAULT}]",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for any.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 for a free one.")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1, 256), help="Threads of each network.")
@click.option("--connections", default=1000, show_default=True, type=click.IntRange(1), help="Most open connections.")
@click.option(
    "--log-file",
    default="logs/app.log",
    show_default=True,
    type=click.Path(dir_okay=False),
    help="A line a request, rotated; '' for standard error alone.",
)
@click.option("--log-text", is_flag=True, help="Log what users send as well.")
@click.option("--body-bytes", type=click.IntRange(1), help="Most bytes of a request. [default: 1048576]")
@click.option("--tokens", type=click.IntRange(1), help="Most tokens of a request. [default: 20000]")
@click.option("--sentences", type=click.IntRange(1), help="Most sentences of a request. [default: 2000]")
@click.option(
    "--text-characters", type=click.IntRange(1), help="Most characters of a request's text. [default: 200000]"
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.01, 3600),
    callback=_finite,
    help="Most seconds for a request, waiting included. [default: 10]",
)
@click.option("--queue", type=click.IntRange(1), help="Most unanswered requests of a tagger. [default: 48]")
def serve(
    models: tuple[str, ...],
    host: str,
    port: int,
    threads: int,
    connections: int,
    log_file: str,
    log_text: bool,
    **bounds: Any,
) -> None:
    """Serve taggers over HTTP, with a page to try them on.

    Routes: POST /predict; GET /, /health, /model, /openapi.json, /metrics.

    \b
    ner serve -m conll2003-crf-distilled -m anercorp-crf-distilled
    curl -H 'Content-Type: application/json' -d '{"text": "Barack Obama visited Berlin."}' http://127.0.0.1:8000/predict

    SIGTERM and Ctrl-C stop it, after the answers under way.
    """
    from ner.service.app import by_name, create_app
    from ner.service.limits import Limits
    from ner.service.server import serve as run

    with told():
        taggers = by_name([_load(model, threads) for model in models or (DEFAULT,)])
        limits = Limits(**{name: bound for name, bound in bounds.items() if bound is not None})
        app = create_app(taggers, limits, log_file=Path(log_file) if log_file else None, log_text=log_text)
        try:
            run(app, host, port, connections=connections, threads=limits.queue * len(taggers) + 16)
        except (OSError, ValueError) as error:  # waitress raises ValueError for a bad address
            fail(f"{host}:{port}: {getattr(error, 'strerror', error)}")


@main.command()
@click.argument("gold", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.argument("predicted", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of conlleval's report.")
@click.option(
    "--strict", is_flag=True, help="Read the tags strictly, as IOB2: an I- that continues no entity is not counted."
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    callback=_finite,
    metavar="PERCENT",
    help="Exit with 1 if F1 is lower.",
)
def score(gold: Path, predicted: Path | None, as_json: bool, strict: bool, fail_under: float | None) -> None:
    """Score PREDICTED against GOLD by entity, as conlleval does.

    Both are column files, the token first and the tag last, with a blank line after each sentence; or JSON lines
    (.jsonl, .ndjson) with `tokens` and `tags`. Without PREDICTED, the last two columns of GOLD, or of standard input,
    which is -, are gold and predicted tags, as conlleval takes them. Tags may be IO, IOB1, IOB2, IOBES or BILUO.

    Exits with 0; with 1 if F1 is below --fail-under; with 2 if the files can't be scored.
    """
    import json

    from ner.cli.column_scores import conlleval_report, evaluate, json_report, read_both, read_tagged

    with told():
        standard_output()
        sides = (read_tagged(gold), read_tagged(predicted)) if predicted else read_both(gold)
        evaluation = evaluate(*sides, strict=strict)
        if strict and "IOB2" not in evaluation.gold_schemes:
            found = ", ".join(evaluation.gold_schemes) or "no scheme"
            fail(f"{sides[0].path}: --strict expects valid IOB2. Received: tags of {found}")
        report = json_report(evaluation)
        text = json.dumps(report, indent=2, ensure_ascii=False) + "\n" if as_json else conlleval_report(evaluation)
        click.echo(text, nl=False)
        if fail_under is not None and round(100 * report["f1"], 3) < fail_under:  # 100 * 0.57 is less than 57
            raise SystemExit(1)


@main.command()
@click.argument("run")
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(("missed", "spurious", "wrong_label", "wrong_boundary", "wrong_both")),
    multiple=True,
    help="Show errors of this kind alone.",
)
@click.option("--count", default=20, show_default=True, type=click.IntRange(min=1), help="How many to show.")
def errors(run: str, kinds: tuple[str, ...], count: int) -> None:
    """Print the most confident errors of RUN on the test set, gold above prediction."""
    from ner.core.predictions import read_predictions
    from ner.evaluation.error_page import error_text, most_confident
    from ner.evaluation.matching import ERRORS, match_entities

    path = Path("data/predictions") / run / "test.tsv"
    if not path.exists():
        raise click.UsageError(f"{path}: no such file; `dvc repro predict@{run}` makes it")
    with told():
        standard_output()
        sentences = read_predictions(path)
        for match in most_confident(match_entities(sentences), kinds or ERRORS, count):
            click.echo(error_text(match, sentences[match.sentence]) + "\n")


def tagger_directory(model: str) -> Path:
    """Find the directory of a tagger: `model` itself, or the tagger of that name in taggers/ or released/.

    Raises:
        click.UsageError: there is no such tagger; the message lists those that there are.
    """
    for directory in (Path(model), *(folder / model for folder in TAGGERS)):
        if (directory / "tagger.json").is_file():
            return directory
    found = sorted({path.parent.name for folder in TAGGERS for path in folder.glob("*/tagger.json")})
    there = f"there are {', '.join(found)}" if found else "there is none yet"
    raise click.UsageError(
        f"no tagger {model}: {there}; `dvc pull -r released release` fetches those that are released, "
        f"`dvc repro export@{Path(model).name}` makes one"
    )


def _load(model: str, threads: int) -> Any:
    from ner.tagger.tagger import Tagger  # imported late, so that --help does not wait for it

    return Tagger.load(tagger_directory(model), threads=threads)


def _documents(tagger: Any, name: str, kind: str, file: BinaryIO, progress: Callable[[int], object]) -> Iterator[Any]:
    from ner.cli.documents import READERS, read_lines

    return READERS[kind](read_lines(name, file, progress), tagger.split)


def _inputs(
    files: tuple[str, ...], read_as: str | None
) -> Iterator[tuple[str, str, BinaryIO, Callable[[int], object]]]:
    """Open each input: yield its name, format, file, and a function that takes the number of bytes read.

    A progress bar is shown if there are files and only stderr is a terminal.
    """
    from tqdm import tqdm

    sizes = [Path(name).stat().st_size for name in files if name != "-"]
    hidden = not sizes or not _is_terminal(sys.stderr) or _is_terminal(sys.stdout)
    with tqdm(total=sum(sizes), unit="B", unit_scale=True, disable=hidden) as bar:
        for name in files or ("-",):
            if name == "-":
                yield "standard input", read_as or "text", standard_input(), lambda _: None
                continue
            with Path(name).open("rb") as file:
                yield name, read_as or SUFFIXES.get(Path(name).suffix, "text"), file, bar.update


def _is_terminal(stream: TextIO | None) -> bool:
    """Tell whether somebody reads a stream; it is None if it was closed before the start."""
    return stream is not None and stream.isatty()
