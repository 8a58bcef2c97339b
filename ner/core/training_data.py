"""The data a run was trained on: base, splits, and their numbers of sentences, tokens and entities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TrainingData:
    """The data a tagger was trained on; counts are summed over `splits`."""

    base: str  # what training started from: a run, or a student of `distill`; `none` if from scratch
    splits: tuple[str, ...]
    sentences: int
    tokens: int
    entities: int


def trained_on(run: Mapping[str, Any]) -> tuple[str, ...]:
    """List the splits that a run is trained on: train, and dev too if its `training.dev` in params.yaml is `train`.

    >>> trained_on({"training": {"dev": "train"}})
    ('train', 'dev')
    """
    return ("train", "dev") if run["training"]["dev"] == "train" else ("train",)


def training_data(corpus_statistics: Mapping[str, Any], run: Mapping[str, Any]) -> TrainingData:
    """Describe a run's training data from `metrics/corpora/<corpus>.json` and the run's entry in params.yaml."""
    splits = trained_on(run)
    counts = [corpus_statistics["splits"][split] for split in splits]
    sums = (sum(count[unit] for count in counts) for unit in ("sentences", "tokens", "entities"))
    return TrainingData(run["base"], splits, *sums)
