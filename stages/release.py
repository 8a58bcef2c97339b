"""Make a small tagger to give away: taggers/<run>/ -> released/<run>/, and what that costs in dev entity F1."""

import json
from pathlib import Path
from typing import Any

from ner.artifact import whole_directory, whole_file
from ner.card import file_sizes, model_card
from ner.corpus.splits import read_sentences
from ner.exported import load_exported
from ner.metrics import entity_f1
from ner.params import build, lookup, read_params
from ner.release import LIMIT, ReleaseError, ReleaseParams, card_note, shrink
from ner.stage import run_stage
from ner.tagger import Tagger


def main(name: str) -> None:
    params = build(ReleaseParams, lookup(read_params(), "release", name), f"release.{name}")
    source = Path("taggers") / name
    dev = read_sentences(Path("data/sentences") / params.corpus / "dev.conll")
    gold = [sentence.tags for sentence in dev]
    scores, census = (_read(Path("metrics") / path) for path in (f"{name}.json", f"corpora/{params.corpus}.json"))
    with whole_directory(Path("released") / name) as directory:
        shrink(source, directory, params)
        before, after = (
            entity_f1(gold, [tagged.tags for tagged in Tagger.load(path).tag(sentence.tokens for sentence in dev)])
            for path in (source, directory)
        )
        card = model_card(load_exported(directory).settings, scores, census, file_sizes(directory))
        card += card_note(name, params, after - before)
        (directory / "README.md").write_text(card, encoding="utf-8", newline="\n")
        size = sum(file_sizes(directory).values())
        if size > LIMIT:
            raise ReleaseError(f"release.{name}: expected {LIMIT:,} bytes at most. Received: {size:,}")
    with whole_file(Path("metrics/released") / f"{name}.json") as path:
        numbers = {
            "bytes": size,
            "bytes_exported": sum(file_sizes(source).values()),
            "dev_entity_f1": round(after, 5),
            "dev_entity_f1_exported": round(before, 5),
            "dev_entity_f1_difference": round(after - before, 5),
        }
        path.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8", newline="\n")


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


if __name__ == "__main__":
    run_stage(main, __doc__, "release")
