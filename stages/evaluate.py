"""Score one tagger: data/predictions/<run>/ -> metrics/<run>.json, plots/<run>/labels.csv, data/scores/<run>.csv."""

import json
from pathlib import Path

import pandas as pd

from ner.artifact import whole_file
from ner.predictions import read_predictions
from ner.report import label_table, metrics, sentence_counts
from ner.stage import run_stage


def main(name: str) -> None:
    sentences = read_predictions(Path("data/predictions") / name / "test.tsv")
    numbers = metrics(sentences)
    with whole_file(Path("metrics") / f"{name}.json") as path:
        path.write_text(json.dumps(numbers, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    with whole_file(Path("plots") / name / "labels.csv") as path:
        label_table(numbers).to_csv(path, index=False, lineterminator="\n")
    with whole_file(Path("data/scores") / f"{name}.csv") as path:
        pd.DataFrame(sentence_counts(sentences)).to_csv(path, index=False, lineterminator="\n")


if __name__ == "__main__":
    run_stage(main, __doc__, "runs")
