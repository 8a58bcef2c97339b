"""Tag the test set: models/<run>/ and data/sentences/<corpus>/test.conll -> data/predictions/<run>/test.tsv."""

from pathlib import Path

from ner.core.outputs import whole_directory
from ner.core.params import lookup, read_params
from ner.core.predictions import TaggedSentence, write_predictions
from ner.core.sentence_files import read_sentences
from ner.features.encoding import encode
from ner.pipeline.stage import quiet_import, run_stage

with quiet_import():
    from ner.model.checkpoint import load_checkpoint
    from ner.model.determinism import make_reproducible
    from ner.model.tagging import tag_corpus


def main(name: str) -> None:
    make_reproducible(0)
    checkpoint = load_checkpoint(Path("models") / name)
    corpus = lookup(read_params(), "runs", name, "corpus")
    sentences = read_sentences(Path("data/sentences") / corpus / "test.conll")
    tagged = tag_corpus(checkpoint.network, encode(sentences, checkpoint.encoder), checkpoint.tags)

    with whole_directory(Path("data/predictions") / name) as directory:
        write_predictions(
            directory / "test.tsv",
            (
                TaggedSentence(
                    sentence.tokens,
                    sentence.tags,
                    predicted.tags,
                    tuple(predicted.tag_confidences.tolist()),
                    tuple(predicted.entity_confidences.tolist()),
                )
                for sentence, predicted in zip(sentences, tagged, strict=True)
            ),
        )


if __name__ == "__main__":
    run_stage(main, __doc__, "runs")
