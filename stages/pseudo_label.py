"""Tag unlabelled text: taggers/<teacher>/, data/raw/embeddings/<text>/ -> data/pseudo_labels/<name>/train.conll.

A sentence is left out if it shares ten words in a row with a dev or test sentence of the teacher's corpus, or is itself
one. metrics/pseudo_labels/<name>.json counts what was read, left out and kept.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ner.core.mentions import label_counts
from ner.core.outputs import whole_directory, whole_file, write_json
from ner.core.params import build, lookup, read_params
from ner.core.sentence import Sentence
from ner.core.sentence_files import read_sentences, write_sentences
from ner.distillation.pseudo_labels import PseudoLabelError, PseudoLabelParams, choose, draw
from ner.embeddings.catalogue import TrainedParams
from ner.embeddings.cleaning import COUNTS as TEXT_COUNTS
from ner.embeddings.making import clean_sentences
from ner.pipeline.stage import run_stage
from ner.tagger.tagger import Tagger

COUNTS = ("under_shortest", "over_longest", "tagged", "without_entity", "unsure", "kept")


def main(name: str) -> None:
    labels = build(PseudoLabelParams, lookup(read_params(), "pseudo_labels", name), f"pseudo_labels.{name}")
    text = build(TrainedParams, lookup(read_params(), "embeddings", labels.text), f"embeddings.{labels.text}")
    corpus = Path("data/sentences") / labels.corpus
    held_out = [one for split in ("dev", "test") for one in read_sentences(corpus / f"{split}.conll")]
    tagger = Tagger.load(Path("taggers") / labels.teacher)

    # Counts of the sentences that are cleaned, and of those that are left to tag.
    text_counts, counts = _zeros(TEXT_COUNTS), _zeros(COUNTS)
    cleaned = clean_sentences(text, Path("data/raw/embeddings") / labels.text, tagger.split, held_out, text_counts)
    drawn = draw(cleaned, labels, counts)
    sentences = list(tqdm(choose(_tagged(tagger, drawn), tagger.tags, labels, counts), "tagging", labels.sentences))
    if not sentences:
        received = ", ".join(f"{number} {name}" for name, number in counts.items())
        raise PseudoLabelError(
            f"pseudo_labels.{name}: expected sentences to keep; confidence may be lower. Received: {received}"
        )

    with whole_directory(Path("data/pseudo_labels") / name) as directory:
        write_sentences(directory / "train.conll", sentences)
    with whole_file(Path("metrics/pseudo_labels") / f"{name}.json") as path:
        numbers = {
            "text": dict(text_counts),
            "sentences": dict(counts),
            "tokens": sum(map(len, sentences)),
            "labels": dict(sorted(label_counts(sentences).items())),
        }
        write_json(path, numbers)


def _zeros(names: Iterable[str]) -> Counter[str]:
    return Counter(dict.fromkeys(names, 0))


def _tagged(tagger: Tagger, sentences: Iterable[Sequence[str]]) -> Iterator[tuple[Sentence, NDArray[np.float64]]]:
    for one in tagger.tag(sentences, probabilities=True):
        if one.probabilities is None:
            raise AssertionError("probabilities were asked for")
        yield Sentence(one.tokens, one.tags), one.probabilities


if __name__ == "__main__":
    run_stage(main, __doc__, "pseudo_labels")
