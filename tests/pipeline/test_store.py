"""store/, the remote that lies in the repository: what it holds, and what a newcomer gets from it."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ner.pipeline.store import LIMIT, StoreError, released_objects

ROOT = Path(__file__).parents[2]
STORE = ROOT / "store/files/md5"
SENTENCES = {"en": "Kofi Annan visited Berlin with aspirin.", "ar": "زار محمد مدينة الرباط ."}


def test_the_store_holds_what_the_lock_refers_to_and_no_more() -> None:
    lies = {path.relative_to(STORE).as_posix() for path in STORE.glob("*/*")}
    assert lies == set(released_objects(ROOT / "dvc.lock", STORE))
    assert lies


def test_every_object_has_the_name_of_its_content() -> None:
    for path in STORE.glob("*/*"):
        digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        assert (path.parent.name + path.name)[:32] == digest


def test_the_store_is_small() -> None:
    sizes = {path: path.stat().st_size for path in STORE.glob("*/*")}
    assert sum(sizes.values()) <= LIMIT
    for path in STORE.glob("*/*.dir"):
        parts = [entry["md5"] for entry in json.loads(path.read_text(encoding="utf-8"))]
        assert sum(sizes[STORE / part[:2] / part[2:]] for part in parts) <= 8_000_000


@pytest.mark.parametrize("there", [None, b"damaged"])
def test_a_missing_or_damaged_object_is_told(there: bytes | None, tmp_path: Path) -> None:
    content = json.dumps([{"md5": "0" * 32, "relpath": "tags.txt"}]).encode()
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    (tmp_path / digest[:2]).mkdir()
    (tmp_path / digest[:2] / f"{digest[2:]}.dir").write_bytes(content)
    if there is not None:
        (tmp_path / "00").mkdir()
        (tmp_path / "00" / ("0" * 30)).write_bytes(there)
    lock = tmp_path / "dvc.lock"
    lock.write_text(
        yaml.safe_dump({"stages": {"release@a": {"outs": [{"path": "released/a", "md5": f"{digest}.dir"}]}}}),
        encoding="utf-8",
    )
    with pytest.raises(StoreError, match=r"00/0{30}: missing or damaged"):
        released_objects(lock, tmp_path)


def test_a_newcomer_pulls_the_taggers_and_tags(released: Path) -> None:
    clone = released.parent
    runs = set(yaml.safe_load((clone / "params.yaml").read_text(encoding="utf-8"))["release"])
    assert {path.name for path in released.iterdir() if path.is_dir()} == runs
    for run in runs:
        language = json.loads((released / run / "tagger.json").read_text(encoding="utf-8"))["language"]
        command = [sys.executable, "-m", "ner", "tag", "-m", run]
        said = subprocess.run(command, cwd=clone, input=SENTENCES[language].encode(), capture_output=True, check=True)
        assert b"[" in said.stdout, run
