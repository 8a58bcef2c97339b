"""The command line: `python -m ner score`, `python -m ner show`."""

import json
from pathlib import Path

import click

from ner.column_scores import ScoringError, conlleval_report, evaluate, json_report, read_tagged
from ner.outcomes import ERRORS


@click.group()
def main() -> None:
    """Named-entity tags, scored and shown."""


@main.command()
@click.argument("gold", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("predicted", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of conlleval's report.")
@click.option("--strict", is_flag=True, help="Read the tags strictly, as IOB2: an I- that continues nothing is none.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT", help="Exit with 1 if F1 is lower.")
def score(gold: Path, predicted: Path | None, as_json: bool, strict: bool, fail_under: float | None) -> None:
    """Score PREDICTED against GOLD by entity, as conlleval does.

    Both are column files, the token first and the tag last, with a blank line after each sentence; or JSON lines
    (.jsonl) with `tokens` and `tags`. Without PREDICTED, the last two columns of GOLD are gold and predicted tags, as
    conlleval takes them. Tags may be IO, IOB1, IOB2, IOBES or BILUO.

    Exits with 0; with 1 if F1 is below --fail-under; with 2 if the files can't be scored.
    """
    try:
        if predicted:
            sides = read_tagged(gold), read_tagged(predicted)
        else:
            sides = read_tagged(gold, -2, documents=True), read_tagged(gold, documents=True)
        evaluation = evaluate(*sides, strict=strict)
    except ScoringError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
    if strict and "IOB2" not in evaluation.gold_schemes:
        found = ", ".join(evaluation.gold_schemes) or "no scheme"
        click.echo(f"error: {gold}: --strict expects valid IOB2. Received: tags of {found}", err=True)
        raise SystemExit(2)
    report = json_report(evaluation)
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n" if as_json else conlleval_report(evaluation)
    click.echo(text, nl=False)
    if fail_under is not None and 100 * report["f1"] < fail_under:
        raise SystemExit(1)


@main.command()
@click.argument("run")
@click.option("--kind", "kinds", type=click.Choice(ERRORS), multiple=True, help="Show errors of this kind alone.")
@click.option("--count", default=20, show_default=True, type=click.IntRange(min=1), help="How many to show.")
def show(run: str, kinds: tuple[str, ...], count: int) -> None:
    """Print the most confident errors of RUN on the test set, gold above prediction."""
    from ner.display import error_text, most_confident
    from ner.outcomes import judge
    from ner.predictions import read_predictions

    path = Path("data/predictions") / run / "test.tsv"
    if not path.exists():
        raise click.UsageError(f"{path}: no such file; `dvc repro predict@{run}` makes it")
    sentences = read_predictions(path)
    for outcome in most_confident(judge(sentences), kinds or ERRORS, count):
        click.echo(error_text(outcome, sentences[outcome.sentence]) + "\n")
