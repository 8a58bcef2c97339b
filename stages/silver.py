"""Tag unlabelled text: taggers/<teacher>/ and data/raw/embeddings/<text>/ -> data/silver/<name>/train.conll, counted.

Nothing of the dev or test set of the teacher's corpus is in it.
"""

from collections import Counter
from pathlib import Path

from tqdm import tqdm

from ner.artifact import whole_directory, whole_file, write_json
from ner.corpus.splits import read_sentences, write_sentences
from ner.embedding.catalogue import TrainedParams
from ner.embedding.cleaning import HeldOut, clean
from ner.embedding.making import text_lines
from ner.params import build, lookup, read_params
from ner.sentence import Sentence
from ner.silver import SilverParams, choose, draw
from ner.stage import run_stage
from ner.tagger import Tagger
from ner.tagscheme import tags_to_spans
from ner.tokenizer import PATTERNS


def main(name: str) -> None:
    silver = build(SilverParams, lookup(read_params(), "silver", name), f"silver.{name}")
    text = build(TrainedParams, lookup(read_params(), "embeddings", silver.text), f"embeddings.{silver.text}")
    corpus = Path("data/sentences") / silver.corpus
    held_out = [one.tokens for split in ("dev", "test") for one in read_sentences(corpus / f"{split}.conll")]
    tagger = Tagger.load(Path("taggers") / silver.teacher)

    lines_read, looked_at = Counter[str](), Counter[str]()
    lines = text_lines(text, Path("data/raw/embeddings") / silver.text)
    cleaned = clean(lines, PATTERNS[text.tokens].findall, text.normalisation, HeldOut.of(held_out), lines_read)
    cut = (sentence.tokens for tokens in cleaned for sentence in tagger.split(" ".join(tokens)))
    tagged = (
        (Sentence(one.tokens, one.tags), one.probabilities)
        for one in tagger.tag(draw(cut, silver), probabilities=True)
        if one.probabilities is not None  # they are asked for
    )
    sentences = list(tqdm(choose(tagged, tagger.tags, silver, looked_at), "tagging", silver.sentences))
    labels = Counter(span.label for sentence in sentences for span in tags_to_spans(sentence.tags))

    with whole_directory(Path("data/silver") / name) as directory:
        write_sentences(directory / "train.conll", sentences)
    with whole_file(Path("metrics/silver") / f"{name}.json") as path:
        numbers = {
            "text": dict(lines_read),
            "sentences": dict(looked_at),
            "tokens": sum(map(len, sentences)),
            "labels": dict(sorted(labels.items())),
        }
        write_json(path, numbers)


if __name__ == "__main__":
    run_stage(main, __doc__, "silver")
