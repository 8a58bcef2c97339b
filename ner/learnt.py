"""What a run has learnt from: train, and dev too if the run trains on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Learnt:
    """What a tagger has learnt from."""

    base: str  # the run, silver or language models that it started from; none if there is none
    splits: tuple[str, ...]
    sentences: int
    tokens: int
    entities: int


def learnt_splits(run: Mapping[str, Any]) -> tuple[str, ...]:
    """By the run's entry in params.yaml.

    >>> learnt_splits({"training": {"dev": "train"}})
    ('train', 'dev')
    """
    return ("train", "dev") if run["training"]["dev"] == "train" else ("train",)


def learnt_from(census: Mapping[str, Any], run: Mapping[str, Any]) -> Learnt:
    """By `metrics/corpora/<corpus>.json` and the run's entry in params.yaml."""
    splits = learnt_splits(run)
    counts = [census["splits"][split] for split in splits]
    sums = (sum(count[unit] for count in counts) for unit in ("sentences", "tokens", "entities"))
    return Learnt(run["base"], splits, *sums)
