"""Sentences -> the same without repeats, and train, dev and test cut from them: drawn by a seed, or the last ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ner.core.params import one_of, within
from ner.core.sentence import Sentence

SPLITS = ("train", "dev", "test")
ORDERS = ("shuffled", "published")


@dataclass(frozen=True)
class SplitParams:
    """Shares of the sentences that are cut off as dev and test; the rest is train.

    Sentences drawn at random come from the same articles as those of train, and share their names. Where a published
    test set does not, dev tells more of it if it is cut from the end, as whole articles but for the first.
    """

    dev: float
    test: float
    order: str = "shuffled"  # dev and test are drawn at random by the seed; published: the last ones, dev before test
    seed: int | None = None  # of what is shuffled

    def __post_init__(self) -> None:
        one_of("order", self.order, ORDERS)
        if (self.seed is None) == (self.order == "shuffled"):
            raise ValueError(f"seed: expected for order shuffled alone. Received: {self.seed}, and {self.order}")
        within("seed", self.seed or 0, 0, 2**32 - 1)
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
    """`train`, `dev` and `test`: shares rounded to whole sentences, each in file order, no sentence in two of them.

    Raises:
        SplitError: a share that is not 0 would get no sentence, or train none.
    """
    count = len(sentences)
    dev, test = (round(share * count) for share in (split.dev, split.test))
    if (split.dev and not dev) or (split.test and not test) or dev + test >= count:
        raise SplitError(f"expected enough sentences to cut {split.dev} and {split.test} from. Received: {count}")
    if split.order == "shuffled":
        order = np.random.default_rng(split.seed).permutation(count)
    else:
        order = np.roll(np.arange(count), dev + test)
    drawn = {"dev": order[:dev], "test": order[dev : dev + test], "train": order[dev + test :]}
    return {name: [sentences[index] for index in sorted(indices)] for name, indices in drawn.items()}
