"""Reading of a corpus from a directory: its files, also archives, in the order of their names, or one error."""

import re
import zipfile
from pathlib import Path

import pytest

from ner.core.sentence import Sentence
from ner.corpora.catalogue import CorpusParams, TagParams
from ner.corpora.formats import FORMATS
from ner.corpora.lines import CorpusFormatError
from ner.corpora.reading import read_split
from tests.corpora.writers import WRITERS


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_read_split_reads_a_directory_in_the_order_of_names(
    name: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    for place in ("b", "a/2", "a/10", "c/d/e", "B"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        WRITERS[name](tmp_path / place, [Sentence((place[-1],), ("O",)), Sentence(("Rain",), ("O",))])
    words = [sentence.tokens[0] for sentence in read_split(tmp_path, corpora[name]).sentences]
    assert words[::2] == ["B", "0", "2", "b", "e"]


def test_read_split_adds_up_the_repairs_of_a_directory(tmp_path: Path, corpora: dict[str, CorpusParams]) -> None:
    write(tmp_path / "one", "Oslo I-LOC\n")
    write(tmp_path / "two", "Oslo I-LOC\n\nAda I-PER\n")
    split = read_split(tmp_path, corpora["conll"].replace(tags=TagParams(scheme="IOB2", invalid="repair")))
    assert split.repaired == {"I-LOC -> B-LOC": 2, "I-PER -> B-PER": 1}


def test_read_split_lets_each_file_of_a_directory_have_its_own_columns(
    tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    write(tmp_path / "one", "Oslo B-LOC\n")
    write(tmp_path / "two", "Rome NNP B-LOC\n")
    assert [one.tags for one in read_split(tmp_path, corpora["conll"]).sentences] == [("B-LOC",), ("B-LOC",)]


def test_read_split_reads_archives_in_a_directory(tmp_path: Path, corpora: dict[str, CorpusParams]) -> None:
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
        archive.writestr("one.conll", "Oslo B-LOC\n")
    write(tmp_path / "two", "Rome B-LOC\n")
    assert [one.tokens for one in read_split(tmp_path, corpora["conll"]).sentences] == [("Oslo",), ("Rome",)]


@pytest.mark.parametrize("content", ["", "\n", "Oslo\n"], ids=ascii)
def test_read_split_names_the_wrong_file_of_a_directory(
    content: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    write(tmp_path / "one", "Oslo B-LOC\n")
    path = write(tmp_path / "two", content)
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:1: expected ')}"):
        read_split(tmp_path, corpora["conll"])


@pytest.mark.parametrize("inside", ["", "empty/empty"], ids=["empty", "empty ones"])
def test_read_split_refuses_a_directory_without_files(
    inside: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    (tmp_path / inside).mkdir(parents=True, exist_ok=True)
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(str(tmp_path))}:0: expected .*Received: "):
        read_split(tmp_path, corpora["conll"])
