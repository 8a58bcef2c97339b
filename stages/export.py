"""Export one tagger: models/<run>/ -> taggers/<run>/, ONNX and plain files, and metrics/taggers/<run>.json.

The exported tagger needs no TensorFlow. It must give the dev set the same tags as Keras does, or the stage fails.
"""

import json
from pathlib import Path

from ner.core.entity_f1 import entity_f1
from ner.core.outputs import whole_directory, whole_file, write_json
from ner.core.params import lookup, read_params
from ner.core.sentence import tokens_of
from ner.core.sentence_files import read_sentences
from ner.core.training_data import training_data
from ner.pipeline.stage import quiet_import, run_stage
from ner.tagger.model_card import file_sizes, model_card

with quiet_import():
    from ner.model.checkpoint import load_checkpoint
    from ner.model.determinism import make_reproducible
    from ner.tagger.onnx_export import check_export, export_tagger

SCORES = ("entity_f1", "entity_precision", "entity_recall")


def main(name: str) -> None:
    make_reproducible(0)
    checkpoint = load_checkpoint(Path("models") / name)
    run = lookup(read_params(), "runs", name)
    corpus = lookup(read_params(), "corpora", run["corpus"])
    scores = json.loads((Path("metrics") / f"{name}.json").read_text(encoding="utf-8"))
    corpus_statistics = json.loads((Path("metrics/corpora") / f"{run['corpus']}.json").read_text(encoding="utf-8"))
    dev = read_sentences(Path("data/sentences") / run["corpus"] / "dev.conll")
    with whole_directory(Path("taggers") / name) as directory:
        tagger = export_tagger(
            directory,
            checkpoint,
            name=name,
            corpus=run["corpus"],
            language=corpus["language"],
            rule=corpus["tokens"],
            scores={score: scores[score] for score in SCORES},
        )
        tagged = [sentence.tags for sentence in tagger.tag(tokens_of(dev)) if sentence.tokens]
        difference = check_export(checkpoint, tagger, dev, tagged)
        dev_f1 = entity_f1([sentence.tags for sentence in dev], tagged)
        training = training_data(corpus_statistics, run)
        card = model_card(
            f"taggers/{name}", tagger.settings, scores, corpus_statistics, training, file_sizes(directory)
        )
        (directory / "README.md").write_text(card, encoding="utf-8", newline="\n")
        size = sum(file_sizes(directory).values())
    with whole_file(Path("metrics/taggers") / f"{name}.json") as path:
        numbers = {
            "bytes": size,
            "dev_entity_f1": round(dev_f1, 5),
            "largest_logit_difference": float(f"{difference:.1e}"),
        }
        write_json(path, numbers)


if __name__ == "__main__":
    run_stage(main, __doc__, "runs")
