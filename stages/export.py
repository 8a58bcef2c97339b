"""Export one tagger: models/<run>/ -> taggers/<run>/, which needs no TensorFlow; on dev it tags just as Keras does."""

import json
from pathlib import Path
from typing import Any

from ner.artifact import whole_directory, whole_file
from ner.card import file_sizes, model_card
from ner.corpus.catalogue import CorpusParams
from ner.corpus.splits import read_sentences
from ner.exported import Exported, Settings, save_exported
from ner.params import build, lookup, read_params
from ner.stage import quiet_import, run_stage
from ner.tagger import Tagger

with quiet_import():
    from ner.model.checkpoint import load_checkpoint
    from ner.model.determinism import make_reproducible
    from ner.model.onnx import chain_of, check_export, export_network

SCORES = ("entity_f1", "entity_precision", "entity_recall")


def main(name: str) -> None:
    make_reproducible(0)
    checkpoint = load_checkpoint(Path("models") / name)
    corpus = lookup(read_params(), "runs", name, "corpus")
    params = build(CorpusParams, lookup(read_params(), "corpora", corpus), f"corpora.{corpus}")
    scores, census = (_read(Path("metrics") / path) for path in (f"{name}.json", f"corpora/{corpus}.json"))
    settings = Settings(
        name=name,
        corpus=corpus,
        language=params.language,
        rule=params.token_rule,
        normalisation=checkpoint.params.normalisation,
        casings=checkpoint.encoder.casings,
        longest=checkpoint.encoder.longest,
        weights="float32",
        scores={score: scores[score] for score in SCORES},
    )
    dev = read_sentences(Path("data/sentences") / corpus / "dev.conll")
    with whole_directory(Path("taggers") / name) as directory:
        export_network(checkpoint, directory)
        chain = chain_of(checkpoint)
        save_exported(directory, Exported(settings, checkpoint.encoder, checkpoint.tags, chain))
        difference = check_export(checkpoint, Tagger.load(directory), dev)
        card = model_card(settings, scores, census, file_sizes(directory))
        (directory / "README.md").write_text(card, encoding="utf-8", newline="\n")
        size = sum(file_sizes(directory).values())
    with whole_file(Path("metrics/taggers") / f"{name}.json") as path:
        _write(path, {"bytes": size, "largest_logit_difference": float(f"{difference:.1e}")})


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    run_stage(main, __doc__, "runs")
