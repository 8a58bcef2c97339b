"""Score one tagger: data/predictions/<run>/ -> metrics/<run>.json, plots/<run>/*.csv, data/errors/<run>.html.

data/scores/<run>/ holds the input of `compare`: the same metrics and tables, and the entity counts of each sentence.
"""

import json
import shutil
from pathlib import Path

import pandas as pd

from ner.core.outputs import whole_directory, whole_file, write_json
from ner.core.params import lookup, read_params
from ner.core.predictions import read_predictions
from ner.core.sentence_files import read_sentences
from ner.core.training_data import trained_on
from ner.evaluation.breakdown import confusion_table, error_table, label_table, length_table
from ner.evaluation.calibration import precision_recall_table, reliability_table
from ner.evaluation.error_page import error_page
from ner.evaluation.matching import match_entities
from ner.evaluation.report import gold_repaired, metrics, sentence_counts, training_metrics
from ner.pipeline.stage import run_stage


def main(name: str) -> None:
    run = lookup(read_params(), "runs", name)
    corpus = run["corpus"]
    sentences = read_predictions(Path("data/predictions") / name / "test.tsv")
    files = [Path("data/sentences") / corpus / f"{split}.conll" for split in trained_on(run)]
    trained_sentences = [sentence for path in files for sentence in read_sentences(path)]
    corpus_statistics = json.loads((Path("metrics/corpora") / f"{corpus}.json").read_text(encoding="utf-8"))
    model_files = [path for path in (Path("models") / name).rglob("*") if path.is_file()]

    matches = match_entities(sentences)
    numbers = {
        **metrics(sentences),
        **training_metrics(sentences, matches, trained_sentences),
        "gold_repaired": gold_repaired(corpus_statistics),
        "model_bytes": sum(path.stat().st_size for path in model_files),
    }
    numbers = {key: numbers[key] for key in sorted(numbers, key=lambda key: "." in key)}  # labels and errors last
    tables = {
        "labels": label_table(numbers),
        "confusion": confusion_table(matches),
        "errors": error_table(matches),
        "lengths": length_table(matches, [len(sentence.tokens) for sentence in sentences]),
        "reliability": reliability_table(matches),
        "precision_recall": precision_recall_table(matches),
    }
    learning_curve = Path("plots") / name / "learning_curve.csv"

    with whole_file(Path("metrics") / f"{name}.json") as path:
        write_json(path, numbers)
    for table, rows in tables.items():
        with whole_file(Path("plots") / name / f"{table}.csv") as path:
            write_csv(path, rows)
    with whole_file(Path("data/errors") / f"{name}.html") as path:
        path.write_text(error_page(name, sentences, matches), encoding="utf-8", newline="\n")
    with whole_directory(Path("data/scores") / name) as directory:
        write_json(directory / "metrics.json", numbers)
        write_csv(directory / "sentences.csv", pd.DataFrame(sentence_counts(sentences)))
        write_csv(directory / "labels.csv", tables["labels"])
        write_csv(directory / "confusion.csv", tables["confusion"])
        shutil.copyfile(learning_curve, directory / "learning_curve.csv")


def write_csv(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, index=False, lineterminator="\n")


if __name__ == "__main__":
    run_stage(main, __doc__, "runs")
