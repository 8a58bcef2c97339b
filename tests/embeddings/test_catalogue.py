"""Embedding entries of params.yaml: the keys that each kind needs, and the errors for wrong ones."""

from collections.abc import Callable
from typing import Any

import pytest

from ner.core.params import ParamsError
from ner.embeddings.catalogue import ClusterFileParams, PublishedParams, SubwordParams, TrainedParams, build_embedding


@pytest.mark.parametrize(
    ("kind", "record"),
    [("published", PublishedParams), ("clusters", ClusterFileParams), ("word2vec", TrainedParams)],
)
def test_build_embedding_gives_the_record_of_the_kind(
    kind: str, record: type, entry: Callable[..., dict[str, Any]]
) -> None:
    assert isinstance(build_embedding(entry(kind), "embeddings.one"), record)


def test_build_embedding_gives_fasttext_its_subwords(params: Callable[..., Any]) -> None:
    assert params("fasttext").subwords == SubwordParams(shortest=3, longest=4, buckets=500)


@pytest.mark.parametrize(
    ("kind", "changes", "says"),
    [
        ("published", {"kind": "glove"}, r"one\.kind: expected one of 'published', 'clusters', 'word2vec', 'fasttext'"),
        ("published", {"kind": ["published"]}, r"one\.kind: expected one of 'published'"),
        (
            "published",
            {"format": "text"},
            r"one\.format: expected one of 'glove', 'word2vec-text' or 'word2vec-binary'",
        ),
        ("published", {"dimensions": 0}, r"one\.dimensions: expected 1 or more"),
        ("published", {"bad_lines": "drop"}, r"one\.bad_lines: expected one of 'error' or 'skip'"),
        ("published", {"normalisation": ["lower"]}, r"one\.normalisation\[0\]: expected one of 'lowercase'"),
        ("published", {"corpora": []}, r"one\.corpora: expected a list of 1 or more\. Received: \[\]"),
        ("published", {"corpora": ["a", "b", "c"]}, r"one\.corpora: expected a list of at most 2"),
        ("published", {"epochs": 3}, r"one\.epochs: unknown key"),
        ("published", {"file": {"path": "a", "sha256": "b"}}, r"one\.file\.sha256: expected 64 hexadecimal digits"),
        ("clusters", {"format": "glove"}, r"one\.format: unknown key"),
        ("clusters", {"bad_lines": "drop"}, r"one\.bad_lines: expected one of 'error' or 'skip'"),
        ("word2vec", {"architecture": "glove"}, r"one\.architecture: expected one of 'skip-gram' or 'cbow'"),
        ("word2vec", {"tokens": "spaces"}, r"one\.tokens: expected one of 'words' or 'punctuation'"),
        ("word2vec", {"workers": 0}, r"one\.workers: expected 1 or more"),
        ("word2vec", {"kind": "fasttext"}, r"one\.subwords: expected for fasttext alone\. Received: None"),
        ("fasttext", {"kind": "word2vec"}, r"one\.subwords: expected for fasttext alone\. Received: shortest="),
        ("fasttext", {"subwords": {"shortest": 4, "longest": 3, "buckets": 9}}, r"one\.subwords\.longest: expected"),
    ],
)
def test_build_embedding_names_the_key_that_is_wrong(
    kind: str, changes: dict[str, Any], says: str, entry: Callable[..., dict[str, Any]]
) -> None:
    with pytest.raises(ParamsError, match=says):
        build_embedding(entry(kind, **changes), "one")


@pytest.mark.parametrize("value", [None, [], "published"])
def test_build_embedding_takes_keys_alone(value: object) -> None:
    with pytest.raises(ParamsError, match=r"^one: expected keys with values"):
        build_embedding(value, "one")


def test_build_embedding_builds_the_entry_that_the_page_has_readers_add(documented_embedding: dict[str, Any]) -> None:
    built = build_embedding(documented_embedding, "embeddings.glove-6b-100d")
    assert isinstance(built, PublishedParams)
    assert (built.format, built.dimensions, built.member) == ("glove", 100, "glove.6B.100d.txt")
    assert built.file.urls == ("https://nlp.stanford.edu/data/glove.6B.zip",)
