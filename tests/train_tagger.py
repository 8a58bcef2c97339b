"""Train a tagger on the demo's news and export it, as the stages do: `python -m tests.train_tagger DIRECTORY`.

In a process of its own, so that tests of what a tagger needs keep clear of TensorFlow. Its parameters are those of
demo-news, with a CRF and characters.
"""

import sys
from pathlib import Path

from ner.core.params import build, read_params
from ner.corpora.catalogue import CorpusParams
from ner.corpora.partition import cut
from ner.corpora.reading import read_split
from ner.model.checkpoint import load_checkpoint, save_checkpoint
from ner.model.determinism import make_reproducible
from ner.model.parameters import RunParams
from ner.tagger.onnx_export import check_export, export_tagger
from ner.training.run import train_run

PROJECT = Path(__file__).parents[1]
CHARACTERS = {"network": "cnn", "min_count": 1, "dimensions": 8, "features": 16, "width": 3, "longest": 12}


def main(directory: Path) -> None:
    params = read_params(PROJECT / "params.yaml")
    corpus = build(CorpusParams, params["corpora"]["demo-news"], "corpora.demo-news")
    model = params["runs"]["demo-news"]["model"] | {"architecture": "bilstm-crf", "characters": CHARACTERS}
    run = build(RunParams, params["runs"]["demo-news"] | {"model": model}, "runs.demo-news")
    make_reproducible(run.training.seed)
    parts = cut(read_split(PROJECT / corpus.files["train"].path, corpus).sentences, corpus.split)
    checkpoint, epochs = train_run(run, parts["train"], parts["dev"])
    directory.mkdir(parents=True, exist_ok=True)
    keras_directory = directory.with_name("keras")
    keras_directory.mkdir()
    save_checkpoint(keras_directory, checkpoint)
    tagger = export_tagger(
        directory,
        load_checkpoint(keras_directory),
        name="demo-news",
        corpus="demo-news",
        language=corpus.language,
        rule=corpus.tokens,
        scores={"entity_f1": max(epoch.dev_entity_f1 for epoch in epochs)},
    )
    dev = parts["dev"]
    check_export(checkpoint, tagger, dev, [tagged.tags for tagged in tagger.tag(one.tokens for one in dev)])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
