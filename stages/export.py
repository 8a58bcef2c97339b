"""Export one tagger: models/<run>/ -> taggers/<run>/, which needs no TensorFlow; on dev it tags just as Keras does."""

import json
from pathlib import Path

from ner.artifact import whole_directory, whole_file, write_json
from ner.card import file_sizes, model_card
from ner.corpus.catalogue import CorpusParams
from ner.corpus.splits import read_sentences
from ner.learnt import training_data
from ner.metrics import entity_f1
from ner.params import build, lookup, read_params
from ner.stage import quiet_import, run_stage

with quiet_import():
    from ner.model.checkpoint import load_checkpoint
    from ner.model.determinism import make_reproducible
    from ner.model.onnx import check_export, export_tagger

SCORES = ("entity_f1", "entity_precision", "entity_recall")


def main(name: str) -> None:
    make_reproducible(0)
    checkpoint = load_checkpoint(Path("models") / name)
    run = lookup(read_params(), "runs", name)
    params = build(CorpusParams, lookup(read_params(), "corpora", run["corpus"]), f"corpora.{run['corpus']}")
    scores = json.loads((Path("metrics") / f"{name}.json").read_text(encoding="utf-8"))
    census = json.loads((Path("metrics/corpora") / f"{run['corpus']}.json").read_text(encoding="utf-8"))
    dev = read_sentences(Path("data/sentences") / run["corpus"] / "dev.conll")
    with whole_directory(Path("taggers") / name) as directory:
        tagger = export_tagger(
            directory,
            checkpoint,
            name=name,
            corpus=run["corpus"],
            language=params.language,
            rule=params.token_rule,
            scores={score: scores[score] for score in SCORES},
        )
        tagged = [sentence.tags for sentence in tagger.tag(sentence.tokens for sentence in dev)]
        difference = check_export(checkpoint, tagger, dev, tagged)
        dev_f1 = entity_f1([sentence.tags for sentence in dev], tagged)
        learnt = training_data(census, run)
        card = model_card(f"taggers/{name}", tagger.settings, scores, census, learnt, file_sizes(directory))
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
