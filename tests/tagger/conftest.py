"""Fixtures that these tests share with those of tests/model/, and a toy tagger."""

from tests.model.conftest import _reproducible, character_params, clusters, tagger, vectors
from tests.tagger.toy_tagger import copy, exported, saved

__all__ = ["_reproducible", "character_params", "clusters", "copy", "exported", "saved", "tagger", "vectors"]
