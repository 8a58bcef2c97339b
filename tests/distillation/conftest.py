"""The fixture that sets TensorFlow's threads before its first operation, shared with the tests of tests/model/."""

from tests.model.conftest import _reproducible

__all__ = ["_reproducible"]
