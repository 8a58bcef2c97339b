"""Make a small tagger for release: taggers/<run>/ -> released/<run>/, and metrics/released/<run>.json.

Weights may be stored in eight bits, and fewer words of the embeddings are kept, as `release` of params.yaml says. The
metrics say what that costs in dev entity F1.
"""

import json
from pathlib import Path

from ner.core.entity_f1 import entity_f1
from ner.core.outputs import whole_directory, whole_file, write_json
from ner.core.params import build, lookup, read_params
from ner.core.sentence import tokens_of
from ner.core.sentence_files import read_sentences
from ner.core.training_data import training_data
from ner.pipeline.stage import run_stage
from ner.tagger.compression import LIMIT, ReleaseError, ReleaseParams, shrink
from ner.tagger.model_card import file_sizes, model_card, smaller_note
from ner.tagger.tagger import Tagger


def main(name: str) -> None:
    params = build(ReleaseParams, lookup(read_params(), "release", name), f"release.{name}")
    run = lookup(read_params(), "runs", name)
    dev = read_sentences(Path("data/sentences") / params.corpus / "dev.conll")
    scores, corpus_statistics, exported = (
        json.loads((Path("metrics") / path).read_text(encoding="utf-8"))
        for path in (f"{name}.json", f"corpora/{params.corpus}.json", f"taggers/{name}.json")
    )
    with whole_directory(Path("released") / name) as directory:
        shrink(Path("taggers") / name, directory, params)
        tagger = Tagger.load(directory)
        tagged = [sentence.tags for sentence in tagger.tag(tokens_of(dev)) if sentence.tokens]
        dev_f1 = round(entity_f1([sentence.tags for sentence in dev], tagged), 5)
        difference = round(dev_f1 - exported["dev_entity_f1"], 5)
        training = training_data(corpus_statistics, run)
        sizes = file_sizes(directory)
        card = model_card(f"released/{name}", tagger.settings, scores, corpus_statistics, training, sizes)
        card += smaller_note(tagger.settings, difference, training, sizes, file_sizes(Path("taggers") / name))
        (directory / "README.md").write_text(card, encoding="utf-8", newline="\n")
        size = sum(file_sizes(directory).values())
        if size > LIMIT:
            raise ReleaseError(f"release.{name}: expected {LIMIT:,} bytes at most. Received: {size:,}")
    with whole_file(Path("metrics/released") / f"{name}.json") as path:
        numbers = {
            "bytes": size,
            "bytes_exported": exported["bytes"],
            "dev_entity_f1": dev_f1,
            "dev_entity_f1_exported": exported["dev_entity_f1"],
            "dev_entity_f1_difference": difference,
        }
        write_json(path, numbers)


if __name__ == "__main__":
    run_stage(main, __doc__, "release")
