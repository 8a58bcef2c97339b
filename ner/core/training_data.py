"""What a run has learnt from: train, and dev too if the run trains on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TrainingData:
    """What a tagger has learnt from."""

    base: str  # what it started from: a run, pseudo-labels or language models; none if nothing
    splits: tuple[str, ...]
    sentences: int
    tokens: int
    entities: int


def trained_on(run: Mapping[str, Any]) -> tuple[str, ...]:
    """By the run's entry in params.yaml.

    >>> trained_on({"training": {"dev": "train"}})
    ('train', 'dev')
    """
    return ("train", "dev") if run["training"]["dev"] == "train" else ("train",)


def training_data(corpus_statistics: Mapping[str, Any], run: Mapping[str, Any]) -> TrainingData:
    """By `metrics/corpora/<corpus>.json` and the run's entry in params.yaml."""
    splits = trained_on(run)
    counts = [corpus_statistics["splits"][split] for split in splits]
    sums = (sum(count[unit] for count in counts) for unit in ("sentences", "tokens", "entities"))
    return TrainingData(run["base"], splits, *sums)
