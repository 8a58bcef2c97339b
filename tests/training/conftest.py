"""Fixtures that these tests share with those of tests/model/."""

from tests.model.conftest import _reproducible, character_params, clusters, tagger, vectors

__all__ = ["_reproducible", "character_params", "clusters", "tagger", "vectors"]
