"""TensorFlow takes thread counts only before its first operation: once, before any test here."""

import pytest

from ner.model.determinism import make_reproducible


@pytest.fixture(scope="session", autouse=True)
def _reproducible() -> None:
    make_reproducible(3)
