"""Fixtures that these tests share with those of tests/model/."""

from tests.model.conftest import _reproducible, clusters, spelling, tagger, vectors

__all__ = ["_reproducible", "clusters", "spelling", "tagger", "vectors"]
