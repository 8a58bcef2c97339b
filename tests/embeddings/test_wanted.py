"""Which embeddings runs name."""

from pathlib import Path

from ner.embeddings.wanted import is_wanted, wanted_names, write_wanted


def test_wanted_names_are_those_of_any_run(tmp_path: Path) -> None:
    runs = {"one": {"embeddings": ["glove", "clusters"]}, "two": {"embeddings": ["none"]}, "three": {}}
    names = wanted_names({"embeddings": {"glove": {}, "clusters": {}, "other": {}}, "runs": runs})
    assert names == {"glove": True, "clusters": True, "other": False}
    write_wanted(tmp_path, names)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "glove": b"yes\n",
        "clusters": b"yes\n",
        "other": b"no\n",
    }
    assert [is_wanted(name, tmp_path) for name in names] == [True, True, False]
