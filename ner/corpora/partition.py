"""Sentences -> the same without repeats, and train, dev and test cut from them: drawn by a seed, or the last ones."""

from collections.abc import Sequence
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from ner.core.errors import NerError
from ner.core.params import Params, Seed
from ner.core.sentence import Sentence

SPLITS = ("train", "dev", "test")


class SplitParams(Params):
    """Shares of the sentences that are cut off as dev and test; the rest is train.

    Sentences drawn at random come from the same articles as those of train, and share their names. Where a published
    test set does not, dev tells more of it if it is cut from the end, as whole articles but for the first.
    """

    dev: float = Field(ge=0, le=0.5)
    test: float = Field(ge=0, le=0.5)
    order: Literal["shuffled", "published"] = Field(
        default="shuffled",
        description="dev and test are drawn at random by the seed, or are the last sentences, dev before test",
    )
    seed: Seed | None = Field(default=None, description="of what is shuffled")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.seed is None) == (self.order == "shuffled"):
            raise ValueError(f"seed: expected for order shuffled alone. Received: {self.seed}, and {self.order}")
        if self.dev + self.test > 0.9:
            raise ValueError(f"test: expected to leave train a tenth. Received: {self.test}, and {self.dev} for dev")
        return self


class SplitError(NerError):
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
