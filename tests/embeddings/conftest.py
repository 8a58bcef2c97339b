"""Entries of params.yaml for each kind of embedding."""

from collections.abc import Callable
from typing import Any

import pytest

from ner.embeddings.catalogue import build_embedding

FILE = {"path": "file", "sha256": "0" * 64}
COMMON = {"corpora": ["news"], "normalisation": [], "file": FILE}
ENTRIES: dict[str, dict[str, Any]] = {
    "published": {**COMMON, "kind": "published", "format": "glove", "dimensions": 3, "bad_lines": "error"},
    "clusters": {**COMMON, "kind": "clusters", "bad_lines": "error"},
    "word2vec": {
        **COMMON,
        "kind": "word2vec",
        "normalisation": ["lowercase", "digits"],
        "tokens": "words",
        "architecture": "skip-gram",
        "dimensions": 8,
        "window": 2,
        "min_count": 2,
        "negative": 3,
        "sample": 0.01,
        "learning_rate": 0.025,
        "epochs": 2,
        "seed": 7,
        "workers": 1,
    },
}
ENTRIES["fasttext"] = ENTRIES["word2vec"] | {
    "kind": "fasttext",
    "subwords": {"shortest": 3, "longest": 4, "buckets": 500},
}


@pytest.fixture
def entry() -> Callable[..., dict[str, Any]]:
    """Return a function: `entry(kind, key=value, ...)` gives an entry of params.yaml with some keys changed."""
    return lambda kind, /, **changes: ENTRIES[kind] | changes


@pytest.fixture
def params() -> Callable[..., Any]:
    """Return a function: `params(kind, key=value, ...)` gives the validated model of such an entry."""
    return lambda kind, /, **changes: build_embedding(ENTRIES[kind] | changes, f"embeddings.{kind}")
