"""Sentences -> the same without duplicates, and train, dev and test cut from them, at random or in published order."""

from collections.abc import Sequence
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from ner.core.errors import NerError
from ner.core.params import Params, Seed
from ner.core.sentence import Sentence

SPLITS = ("train", "dev", "test")


class SplitParams(Params):
    """The shares of sentences that become dev and test; the rest is train.

    Sentences drawn at random come from the same articles as the training sentences, and share names with them. If the
    published test set has other articles, a dev set cut from the end of the file predicts test scores better, since its
    articles, except possibly the first, are not in train either.
    """

    dev: float = Field(ge=0, le=0.5)
    test: float = Field(ge=0, le=0.5)
    order: Literal["shuffled", "published"] = Field(
        default="shuffled",
        description="shuffled: draw dev and test at random; published: take the last sentences, dev before test",
    )
    seed: Seed | None = Field(default=None, description="seed of the draw; only for order shuffled")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.seed is None) == (self.order == "shuffled"):
            expected = "a number for order shuffled, none for order published"
            raise ValueError(f"seed: expected {expected}. Received: {self.seed}, and {self.order}")
        if self.dev + self.test > 0.9:
            expected = "dev and test to leave train a tenth or more"
            raise ValueError(f"test: expected {expected}. Received: {self.test}, and {self.dev} for dev")
        return self


class SplitError(NerError):
    """A corpus has too few sentences to cut dev and test from it."""


def deduplicate(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Keep only the first of the sentences with the same tokens, whatever their tags; keep the order."""
    first: dict[tuple[str, ...], Sentence] = {}
    for sentence in sentences:
        first.setdefault(sentence.tokens, sentence)
    return list(first.values())


def cut(sentences: Sequence[Sentence], split: SplitParams) -> dict[str, list[Sentence]]:
    """Split sentences into disjoint `train`, `dev` and `test`, each in file order; shares round to whole sentences.

    Raises:
        SplitError: train, or a split whose share is above 0, would be empty.
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
