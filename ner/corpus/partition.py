"""Sentences -> the same without repeats, and train, dev and test cut from them by a seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ner.params import within
from ner.sentence import Sentence

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True)
class SplitParams:
    """Shares of the sentences that are cut off at random, by a seed, as dev and test; the rest is train."""

    seed: int
    dev: float
    test: float

    def __post_init__(self) -> None:
        within("seed", self.seed, 0, 2**32 - 1)
        within("dev", self.dev, 0, 0.5)
        within("test", self.test, 0, 0.5)
        if self.dev + self.test > 0.9:
            raise ValueError(f"test: expected to leave train a tenth. Received: {self.test}, and {self.dev} for dev")


class SplitError(ValueError):
    """There are too few sentences to cut dev and test from them."""


def deduplicate(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The first of all sentences with the same tokens, whatever their tags, in the order given."""
    first: dict[tuple[str, ...], Sentence] = {}
    for sentence in sentences:
        first.setdefault(sentence.tokens, sentence)
    return list(first.values())


def cut(sentences: Sequence[Sentence], split: SplitParams) -> dict[str, list[Sentence]]:
    """`train`, `dev` and `test`: shares rounded to whole sentences, drawn without replacement, each in file order.

    Raises:
        SplitError: a share that is not 0 would get no sentence, or train none.
    """
    order = np.random.default_rng(split.seed).permutation(len(sentences))
    dev, test = (round(share * len(sentences)) for share in (split.dev, split.test))
    if (split.dev and not dev) or (split.test and not test) or dev + test >= len(sentences):
        raise SplitError(
            f"expected enough sentences to cut {split.dev} and {split.test} from. Received: {len(sentences)}"
        )
    drawn = {"dev": order[:dev], "test": order[dev : dev + test], "train": order[dev + test :]}
    return {name: [sentences[index] for index in sorted(indices)] for name, indices in drawn.items()}
