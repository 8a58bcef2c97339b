"""The reader of manifests: valid ones, and the error for each fault."""

from pathlib import Path

import pytest

from ner.embeddings.manifest import ManifestError, read_manifest, stored_name
from ner.embeddings.texts import FORMATS

ROOT = Path(__file__).parents[2]
HEADER = "path\tbytes\tsha256\tformat\tfields\turl\n"
ROW = f"text/a.csv\t12\t{'0' * 64}\tcsv\ttitle,abstract\thttps://example.org/a.csv\n"


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "texts.tsv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_read_manifest_gives_source_and_reader(tmp_path: Path) -> None:
    (file,) = read_manifest(written(tmp_path, HEADER + ROW))
    assert (file.source.path, file.source.urls) == ("text/a.csv", ("https://example.org/a.csv",))
    assert (file.format, file.fields) == ("csv", ("title", "abstract"))
    assert stored_name(file.source.path) == "text+a.csv"


@pytest.mark.parametrize(("name", "files"), [("english", 89), ("arabic", 19), ("arabic-more", 184), ("biomedical", 45)])
def test_committed_manifests_are_whole(name: str, files: int) -> None:
    entries = read_manifest(ROOT / "texts" / f"{name}.tsv")
    assert len(entries) == files
    assert {entry.format for entry in entries} <= set(FORMATS)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", r"0: expected a file a line\. Received: none"),
        (HEADER, r"0: expected a file a line\. Received: none"),
        ("path\turl\n", r"1: expected columns path, bytes, .+\. Received: \['path', 'url'\]"),
        (HEADER + "a\tb\n", r"2: expected 6 columns\. Received: 2"),
        (HEADER + ROW[10:], r"2: expected 6 columns"),
        (HEADER + ROW + ROW, r"3: expected each file once\. Received: 'text/a\.csv' again"),
        (HEADER + ROW.replace("0", "x"), r"2: sha256: expected 64 hexadecimal digits"),
        (HEADER + ROW.replace("https", "ftp"), r"2: urls: expected addresses that begin with https"),
        (b"\xff", r"0: expected UTF-8"),
        (HEADER + "a" * 200_000 + "\n", r"2: expected tab-separated values"),
    ],
)
def test_read_manifest_says_where_it_is_wrong(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(ManifestError, match=rf"texts\.tsv:{says}"):
        read_manifest(written(tmp_path, content))
