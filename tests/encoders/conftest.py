"""Fixtures: TensorFlow's threads, as for tests of networks, and small encoders with random weights."""

from pathlib import Path

import pytest

from ner.encoders.files import PretrainedEncoder, read_encoder
from tests.model.conftest import _reproducible
from tests.tiny_encoders import write_bert, write_xlm_r

__all__ = ["_reproducible", "bert", "bert_folder", "xlm_r", "xlm_r_folder"]


@pytest.fixture
def bert_folder(tmp_path: Path) -> Path:
    write_bert(tmp_path / "bert")
    return tmp_path / "bert"


@pytest.fixture
def xlm_r_folder(tmp_path: Path) -> Path:
    write_xlm_r(tmp_path / "xlm-r")
    return tmp_path / "xlm-r"


@pytest.fixture
def bert(bert_folder: Path) -> PretrainedEncoder:
    return read_encoder(bert_folder)


@pytest.fixture
def xlm_r(xlm_r_folder: Path) -> PretrainedEncoder:
    return read_encoder(xlm_r_folder)
