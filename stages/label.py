"""Tag unlabelled text: taggers/<teacher>/, data/raw/embeddings/<text>/ -> data/pseudo_labels/<name>/train.conll.

The probabilities of two teachers are averaged. A sentence is left out if it shares ten words in a row with a dev or
test sentence of the teachers' corpus, or is itself one. metrics/pseudo_labels/<name>.json counts what was read, left
out and kept.
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
from ner.distillation.distill_parameters import DistillationError, DistillParams
from ner.distillation.pseudo_labels import COUNTS, Tokens, choose, draw_documents, with_ends
from ner.distillation.teachers import average, best_tags, chain_of, check_same_tags, columns_of
from ner.embeddings.catalogue import TrainedParams
from ner.embeddings.cleaning import COUNTS as TEXT_COUNTS
from ner.embeddings.making import clean_lines
from ner.pipeline.stage import run_stage
from ner.tagger.tagger import Tagger


def main(name: str) -> None:
    given = build(DistillParams, lookup(read_params(), "distill", name), f"distill.{name}")
    text = build(TrainedParams, lookup(read_params(), "embeddings", given.text), f"embeddings.{given.text}")
    corpus = Path("data/sentences") / given.corpus
    held_out = [one for split in ("dev", "test") for one in read_sentences(corpus / f"{split}.conll")]
    taggers = [Tagger.load(Path("taggers") / teacher) for teacher in given.teachers]
    tags = taggers[0].tags
    check_same_tags(dict(zip(given.teachers, (one.tags for one in taggers), strict=True)), f"distill.{name}.teachers")

    # Counts of the sentences that are cleaned, and of those that are tagged.
    text_counts, counts = (Counter(dict.fromkeys(names, 0)) for names in (TEXT_COUNTS, COUNTS))
    lines = clean_lines(text, Path("data/raw/embeddings") / given.text, taggers[0].split, held_out, text_counts)
    documents = draw_documents(lines, given.lines, given.seed)
    predicted = choose(_predicted(taggers, documents), tags, given, counts)
    sentences = list(tqdm(predicted, "tagging", given.sentences))
    if not sentences:
        received = ", ".join(f"{number} {name}" for name, number in counts.items())
        raise DistillationError(
            f"distill.{name}: expected sentences to keep; confidence may be lower. Received: {received}"
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


def _predicted(
    taggers: Sequence[Tagger], documents: Sequence[Sequence[Tokens]]
) -> Iterator[tuple[Sentence, NDArray[np.floating]]]:
    """Yield each sentence with its tags, the number of its document, and the probabilities of all K tags, `(T, K)`.

    One teacher gives its own best tags; of several, the tags are the best by their averaged probabilities.
    """
    tags = taggers[0].tags
    chain = chain_of(tags)
    document = 0
    for together in zip(*(_tagged(tagger, tags, documents) for tagger in taggers), strict=True):
        sentence, _ = together[0]
        if not sentence.tokens:
            document += 1
            continue
        probabilities = average([one for _, one in together])
        best = sentence.tags if len(taggers) == 1 else best_tags(probabilities, tags, chain)
        yield Sentence(sentence.tokens, best, document), probabilities


def _tagged(
    tagger: Tagger, tags: Sequence[str], documents: Iterable[Sequence[Tokens]]
) -> Iterator[tuple[Sentence, NDArray[np.float64]]]:
    """Yield each sentence as one teacher tags it, with its probabilities in the order of `tags`, `(T, K)`."""
    columns = columns_of(tags, tagger.tags)
    for one in tagger.tag(with_ends(documents), probabilities=True):
        if one.probabilities is None:
            raise AssertionError("probabilities were asked for")
        yield Sentence(one.tokens, one.tags), one.probabilities[:, columns]


if __name__ == "__main__":
    run_stage(main, __doc__, "distill")
