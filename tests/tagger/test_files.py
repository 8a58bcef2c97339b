"""Exported taggers load as they were saved; damaged files and other directories are refused in one line."""

import contextlib
import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner.features.encoding import Encoder
from ner.tagger.files import TOKENS, Exported, TaggerError, load_exported, save_exported
from ner.tagger.tagger import Tagger
from tests.file_contents import contents
from tests.tagger.toy_tagger import ARRAYS, FILES, TEXTS, TOKENS_GRAPH, refusal, relisted, save


def test_what_is_saved_comes_back(saved: Path, exported: Exported) -> None:
    loaded = load_exported(saved)
    assert (loaded.settings, loaded.tags) == (exported.settings, exported.tags)
    for name in ("start", "transitions", "end"):
        np.testing.assert_array_equal(getattr(loaded.chain, name), getattr(exported.chain, name))
    for name in ("words", "casings", "characters", "longest", "clusters"):
        assert getattr(loaded.encoder, name) == getattr(exported.encoder, name)
    vectors, expected = loaded.encoder.vectors, exported.encoder.vectors
    assert vectors is not None
    assert expected is not None
    assert (vectors.words, vectors.normalisation) == (expected.words, expected.normalisation)
    np.testing.assert_array_equal(vectors.table, expected.table)
    np.testing.assert_array_equal(vectors.scales, expected.scales)


def test_what_comes_back_is_saved_alike(saved: Path, tmp_path: Path) -> None:
    save(tmp_path / "again", load_exported(saved))
    assert contents(tmp_path / "again") == contents(saved)


def test_an_exported_tagger_is_plain_files(saved: Path) -> None:
    files = contents(saved)
    assert sorted(files) == sorted([*FILES, "README.md"])
    for name in ARRAYS:
        np.load(saved / name, allow_pickle=False)
    assert json.loads(files["chain.json"])["start"] == [0.5, None, 0.0]
    assert sorted(json.loads(files["tagger.json"])["files"]) == [name for name in FILES if name != "tagger.json"]


def test_parts_that_are_not_read_are_not_written(exported: Exported, tmp_path: Path) -> None:
    save_exported(tmp_path, dataclasses.replace(exported, encoder=Encoder(None, False)))
    assert sorted(contents(tmp_path)) == ["chain.json", "tagger.json", "tags.txt"]
    assert load_exported(tmp_path).encoder == Encoder(None, True, None, 5)


def test_the_toy_tags(saved: Path) -> None:
    tagged = Tagger.load(saved).tag([("Rome", "in", "Oslo"), ("x" * 99, "")], probabilities=True)
    for one in tagged:
        assert one.probabilities is not None
        np.testing.assert_allclose(one.probabilities.sum(axis=1), 1)


@pytest.mark.parametrize(
    "damage", ["missing", "empty", "half", "all but the end", "more", "noise", "a bit", "directory"]
)
@pytest.mark.parametrize("name", FILES)
def test_load_says_that_a_file_is_damaged(copy: Path, name: str, damage: str) -> None:
    path = copy / name
    data = path.read_bytes()
    path.unlink()
    middle = len(data) // 2
    damaged = {
        "empty": b"",
        "half": data[:middle],
        "all but the end": data.rstrip()[:-1],
        "more": data + b"\x00",
        "noise": b"\xff\x00\xfe" * 50,
        "a bit": data[:middle] + bytes([data[middle] ^ 0x80]) + data[middle + 1 :],
    }
    if damage == "directory":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes(damaged[damage])
    message = refusal(copy)
    if name != "tagger.json":
        assert f" {name} is " in message


@pytest.mark.parametrize("name", FILES)
def test_load_refuses_another_file_of_the_same_kind(copy: Path, name: str) -> None:
    others = (other for other in FILES if other != name and Path(other).suffix == Path(name).suffix)
    shutil.copyfile(copy / next(others), copy / name)
    refusal(copy)


def test_files_that_are_not_listed_are_not_checked(copy: Path) -> None:
    """People may edit the model card, and other files do not matter."""
    (copy / "README.md").write_text("changed", encoding="utf-8")
    (copy / ".DS_Store").write_bytes(b"\x00")
    Tagger.load(copy)


@pytest.mark.parametrize("damage", ["missing", "empty", "half", "noise"])
@pytest.mark.parametrize("name", [name for name in FILES if name not in TEXTS])
def test_most_damage_is_seen_with_another_list_too(copy: Path, name: str, damage: str) -> None:
    path = copy / name
    data = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes({"empty": b"", "half": data[: len(data) // 2], "noise": b"\xff\x00\xfe" * 50}[damage])
    refusal(copy if name == "tagger.json" else relisted(copy))


def test_load_says_that_there_is_no_tagger(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert "No such file or directory" in refusal(tmp_path / "none")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    refusal(tmp_path / "file")
    refusal(tmp_path)
    assert capfd.readouterr() == ("", "")


def test_a_damaged_graph_is_not_talked_about_elsewhere(copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (copy / TOKENS).write_bytes(TOKENS_GRAPH[:-20])
    refusal(relisted(copy))
    assert capfd.readouterr() == ("", "")


@settings(max_examples=60)
@given(
    st.sampled_from([name for name in FILES if name != "tagger.json"]),
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 7),
)
def test_every_flipped_bit_is_seen(copy: Path, name: str, place: float, bit: int) -> None:
    data = (copy / name).read_bytes()
    damaged = bytearray(data)
    damaged[int(place * len(data))] ^= 1 << bit
    (copy / name).write_bytes(damaged)
    try:
        assert f" {name} is damaged" in refusal(copy)
    finally:
        (copy / name).write_bytes(data)


@settings(max_examples=80)
@given(
    st.sampled_from(FILES),
    st.floats(0, 1, exclude_max=True),
    st.binary(max_size=4),
    st.integers(0, 20),
)
def test_any_damage_is_refused_or_harmless(copy: Path, name: str, place: float, put: bytes, taken: int) -> None:
    """Even with checksums of the damage, it gives a TaggerError, or a tagger that loads."""
    original = contents(copy)
    data = (copy / name).read_bytes()
    start = int(place * len(data))
    (copy / name).write_bytes(data[:start] + put + data[start + taken :])
    if name != "tagger.json":
        relisted(copy)
    try:
        with contextlib.suppress(TaggerError):
            Tagger.load(copy)
    finally:
        for one, its in original.items():
            (copy / one).write_bytes(its)
