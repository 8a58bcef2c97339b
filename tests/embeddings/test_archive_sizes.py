"""Archives that hold far more than they should are refused by every reader before anything is unpacked."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ner.core.archive_sizes import IN_MEMORY, check_sizes
from ner.core.errors import NerError
from ner.corpora.lines import read_lines
from ner.embeddings.catalogue import EncoderFileParams
from ner.embeddings.encoder_archives import store_encoder
from ner.embeddings.packed import open_packed
from ner.embeddings.texts import read_text

ENCODER = EncoderFileParams.model_validate(
    {"kind": "encoder", "corpora": ["news"], "file": {"path": "x.zip", "sha256": "0" * 64}}
)


def open_member(path: Path) -> None:
    with open_packed(path, None):
        pass


READERS: dict[str, Callable[[Path], Any]] = {
    "a corpus": lambda path: list(read_lines(path, "utf-8")),
    "vectors": open_member,
    "an encoder": lambda path: store_encoder(path, path.parent, ENCODER),
    "text": lambda path: list(read_text(path, "zip-text", ("*",))),
}


@pytest.fixture(scope="module")
def bomb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 MB of zeros in 20 kB."""
    path = tmp_path_factory.mktemp("bomb") / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", bytes(20 << 20))
    return path


@pytest.mark.parametrize("reader", READERS)
def test_archive_of_zeros_is_not_unpacked(bomb: Path, reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unpack(*_: object, **__: object) -> NoReturn:
        raise AssertionError("it is unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", unpack)
    with pytest.raises(NerError, match=r"20,971,520 bytes packed in [0-9,]+, over 100 times as many"):
        READERS[reader](bomb)


def test_file_that_does_not_fit_into_memory_is_refused() -> None:
    members = [zipfile.ZipInfo("one"), zipfile.ZipInfo("two")]
    members[1].file_size = IN_MEMORY
    check_sizes(members, IN_MEMORY, IN_MEMORY)
    members[1].file_size += 1
    check_sizes(members, IN_MEMORY)
    with pytest.raises(zipfile.BadZipFile, match=r"^1,073,741,825 bytes, over 1,073,741,824$"):
        check_sizes(members, IN_MEMORY, IN_MEMORY)


def test_small_archives_may_repeat_themselves(tmp_path: Path) -> None:
    path = tmp_path / "corpus.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("corpus.txt", "a O\n" * 1_000_000)
    assert path.stat().st_size < 40_000
    assert sum(1 for _ in read_lines(path, "utf-8")) == 1_000_000
