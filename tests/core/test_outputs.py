"""Atomic writing: outputs appear whole or not at all, whatever stops the writing, and leave no temporary files."""

from pathlib import Path

import pytest

from ner.core.outputs import whole_directory, whole_file

STOPS = (ValueError, KeyboardInterrupt, SystemExit)


def tree(directory: Path) -> dict[str, str | None]:
    """Every path below `directory`: the text of a file, None for a directory."""
    return {
        path.relative_to(directory).as_posix(): None if path.is_dir() else path.read_text(encoding="utf-8")
        for path in directory.rglob("*")
    }


def write_half_a_file(path: Path, stop: type[BaseException]) -> None:
    with whole_file(path) as part:
        part.write_text("half", encoding="utf-8")
        raise stop


def test_whole_file_makes_the_file_and_its_parents(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a" / "b" / "out.json") as path:
        path.write_text("new", encoding="utf-8")
    assert tree(tmp_path) == {"a": None, "a/b": None, "a/b/out.json": "new"}


def test_whole_file_replaces_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("old and longer", encoding="utf-8")
    with whole_file(tmp_path / "out.json") as path:
        path.write_text("new", encoding="utf-8")
    assert tree(tmp_path) == {"out.json": "new"}


def test_whole_file_shows_the_old_one_while_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("old", encoding="utf-8")
    with whole_file(tmp_path / "out.json") as path:
        path.write_text("new", encoding="utf-8")
        assert (tmp_path / "out.json").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("before", [{}, {"out.json": "old"}], ids=["nothing", "old"])
def test_whole_file_leaves_all_as_it_was_when_writing_stops(
    tmp_path: Path, before: dict[str, str], stop: type[BaseException]
) -> None:
    for name, text in before.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(stop):
        write_half_a_file(tmp_path / "out.json", stop)
    assert tree(tmp_path) == before


def test_whole_file_is_an_error_if_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("old", encoding="utf-8")
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "out.json"):
        pass
    assert tree(tmp_path) == {"out.json": "old"}


def test_whole_file_discards_the_leftover_of_a_killed_attempt(tmp_path: Path) -> None:
    with whole_file(tmp_path / "out.json") as path:
        leftover = path
        path.write_text("whole", encoding="utf-8")
    leftover.write_text("left by a killed attempt", encoding="utf-8")
    with whole_file(tmp_path / "out.json") as path:
        assert not path.exists()
        path.write_text("new", encoding="utf-8")
    assert tree(tmp_path) == {"out.json": "new"}


def test_whole_file_writes_beside_its_place_under_a_hidden_name(tmp_path: Path) -> None:
    with whole_file(tmp_path / "out.json") as path:
        assert (path.parent, path.name) == (tmp_path, ".out.json.part")  # as .gitignore and .dvcignore have it
        path.touch()


def fill(directory: Path, text: str) -> None:
    (directory / "sub").mkdir(parents=True)
    (directory / "sub" / f"{text}.txt").write_text(text, encoding="utf-8")


def fill_half_a_directory(path: Path, stop: type[BaseException]) -> None:
    with whole_directory(path) as part:
        fill(part, "half")
        raise stop


def test_whole_directory_makes_the_directory_and_its_parents(tmp_path: Path) -> None:
    with whole_directory(tmp_path / "a" / "out") as path:
        fill(path, "new")
    assert tree(tmp_path) == {"a": None, "a/out": None, "a/out/sub": None, "a/out/sub/new.txt": "new"}


def test_whole_directory_replaces_all_that_was_there(tmp_path: Path) -> None:
    fill(tmp_path / "out", "old")
    with whole_directory(tmp_path / "out") as path:
        fill(path, "new")
    assert tree(tmp_path) == {"out": None, "out/sub": None, "out/sub/new.txt": "new"}


def test_whole_directory_may_stay_empty(tmp_path: Path) -> None:
    fill(tmp_path / "out", "old")
    with whole_directory(tmp_path / "out"):
        pass
    assert tree(tmp_path) == {"out": None}


def test_whole_directory_shows_the_old_one_while_it_is_filled(tmp_path: Path) -> None:
    fill(tmp_path / "out", "old")
    with whole_directory(tmp_path / "out") as path:
        fill(path, "new")
        assert tree(tmp_path / "out") == {"sub": None, "sub/old.txt": "old"}


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("exists", [False, True], ids=["nothing", "old"])
def test_whole_directory_leaves_all_as_it_was_when_filling_stops(
    tmp_path: Path, exists: bool, stop: type[BaseException]
) -> None:
    if exists:
        fill(tmp_path / "out", "old")
    before = tree(tmp_path)
    with pytest.raises(stop):
        fill_half_a_directory(tmp_path / "out", stop)
    assert tree(tmp_path) == before


def test_whole_directory_leaves_the_old_one_if_the_exchange_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "out", "old")
    rename = Path.rename

    def refuse_the_new_one(self: Path, target: Path) -> Path:
        if (self / "sub" / "half.txt").exists():
            raise PermissionError
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_the_new_one)
    with pytest.raises(PermissionError), whole_directory(tmp_path / "out") as path:
        fill(path, "half")
    assert tree(tmp_path) == {"out": None, "out/sub": None, "out/sub/old.txt": "old"}


@pytest.mark.parametrize("leftover", [".out.part", ".out.old.part"])
def test_whole_directory_discards_the_leftover_of_a_killed_attempt(tmp_path: Path, leftover: str) -> None:
    fill(tmp_path / "out", "old")
    fill(tmp_path / leftover, "left")
    with whole_directory(tmp_path / "out") as path:
        assert (path, tree(path)) == (tmp_path / ".out.part", {})
        fill(path, "new")
    assert tree(tmp_path) == {"out": None, "out/sub": None, "out/sub/new.txt": "new"}
