"""Reading of column files: where a sentence ends, and the error for a line with another number of columns."""

import re
from pathlib import Path

import pytest

from ner.core.columns import read_columns, read_tab_columns, split_columns
from ner.core.errors import LineError


def sentences(text: str, **options: str) -> list[list[str]]:
    """Read the first column, one list per sentence."""
    rows = read_columns(enumerate(text.split("\n"), start=1), split_columns, **options)
    return [[row.cells[0] for row in sentence] for sentence in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [[]]),
        ("a", [["a"]]),
        ("a\n", [["a"]]),
        ("a x\nb\n\nc", [["a", "b"], ["c"]]),
        ("a\n \t\n\u2028\nb\n", [["a"], [], ["b"]]),
        ("\na", [[], ["a"]]),
    ],
)
def test_read_columns_ends_a_sentence_at_each_blank_line(text: str, expected: list[list[str]]) -> None:
    assert sentences(text) == expected


def test_read_columns_yields_a_boundary_as_a_sentence_of_its_own() -> None:
    text = "a\n-X- O\nb\n-X-O O"
    assert sentences(text, boundary=lambda cells: cells[0] == "-X-") == [["a"], ["-X-"], ["b", "-X-O"]]


def test_read_columns_passes_over_comments_before_a_sentence_alone() -> None:
    assert sentences("# one\na\n# two", comment="#") == [["a", "#"]]


@pytest.mark.parametrize(
    ("line", "cells"), [("New York\tB-LOC", ["New York", "B-LOC"]), (" a  b ", ["a", "b"]), ("\tO", ["", "O"])]
)
def test_split_columns_takes_tabs_before_spaces(line: str, cells: list[str]) -> None:
    assert split_columns(line) == cells


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("a\tO\n\nb\tO\tO\n", 3, "expected 2 columns, as above. Received: 3 columns, 'b\\tO\\tO'"),
        ("\na\n", 2, "expected 2 columns. Received: 1, 'a'"),
    ],
)
def test_read_tab_columns_names_the_line_with_other_columns(tmp_path: Path, content: str, line: int, says: str) -> None:
    path = tmp_path / "train.conll"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LineError, match=f"^{re.escape(f'{path}:{line}: {says}')}$"):
        list(read_tab_columns(path, 2))
