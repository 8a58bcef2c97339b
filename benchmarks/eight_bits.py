"""Measure how far predictions depend on the batch, in 32 and in eight bits.

The same sentences are tagged together and one by one, by the exported tagger (32 bits) and by the released one (eight
bits). Needs `dvc repro export@conll2003-crf release@conll2003-crf`.
"""

import argparse
from pathlib import Path

import numpy as np

from ner.core.sentence_files import read_sentences
from ner.tagger.tagger import Tagger

ROOT = Path(__file__).parents[1]
CORPUS, RUN = "conll2003", "conll2003-crf"


def main(sentences: int) -> None:
    dev = [sentence.tokens for sentence in read_sentences(ROOT / f"data/sentences/{CORPUS}/dev.conll")[:sentences]]
    print(f"{len(dev):,} sentences, {sum(map(len, dev)):,} tokens of {CORPUS}'s dev set, together and one by one\n")
    print("| tagger | sentences tagged otherwise | a probability changes by at most | of 95% of tokens by at most |")
    print("|---|---:|---:|---:|")
    for name, directory in (("32 bits", "taggers"), ("eight bits", "released")):
        tagger = Tagger.load(ROOT / directory / RUN)
        together = list(tagger.tag(dev, probabilities=True))
        alone = [next(tagger.tag([tokens], probabilities=True)) for tokens in dev]
        other = sum(one.tags != two.tags for one, two in zip(together, alone, strict=True))
        pairs = ((one.probabilities, two.probabilities) for one, two in zip(together, alone, strict=True))
        changes = np.concatenate([np.abs(one - two).max(axis=1) for one, two in pairs if one is not None])  # (N,)
        print(f"| {name} | {other} | {changes.max():.4f} | {np.percentile(changes, 95):.4f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--sentences", type=int, default=1200, help="number of dev sentences, from the first one on (default: 1200)"
    )
    main(parser.parse_args().sentences)
