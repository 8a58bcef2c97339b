"""All errors of a corpus are told at once."""

from pathlib import Path

import pytest

from ner.core.sentence import Sentence
from ner.corpora.catalogue import CorpusParams
from ner.corpora.lines import CorpusFormatError
from ner.corpora.reading import read_split
from tests.corpora.writers import WRITERS


def told(path: Path, corpus: CorpusParams) -> list[str]:
    """Return the lines of the message, without the path."""
    with pytest.raises(CorpusFormatError) as error:
        read_split(path, corpus)
    return [line.replace(str(path), "") for line in str(error.value).splitlines()]


def test_mistyped_tags_are_told_with_their_lines(tmp_path: Path, corpora: dict[str, CorpusParams]) -> None:
    """As in files that were tagged by hand: letters too many or too few, and a token that got lost."""
    path = tmp_path / "corpus"
    path.write_text("Nora B-PER\nOkoro IO\n O\nsails OO\n\nMila B-ERS\nsaw O\nVik MIS0\n", encoding="utf-8")
    expected = "expected a tag: O, or a prefix, a hyphen and a label, as in B-PER"
    assert told(path, corpora["conll"]) == [
        f":2: {expected}. Received: 'IO'",
        ":3: expected 2 columns, as above. Received: 1 columns, ' O'",
        f":4: {expected}. Received: 'OO'",
        f":8: {expected}. Received: 'MIS0'",
    ]


def test_the_first_twenty_errors_are_shown_and_the_rest_counted(
    tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    path = tmp_path / "corpus"
    path.write_text("a O\nb OO\n\n" * 30, encoding="utf-8")
    *lines, rest = told(path, corpora["conll"])
    assert [line.partition(": ")[0] for line in lines] == [f":{3 * number + 2}" for number in range(20)]
    assert rest == "and 10 more errors"


@pytest.mark.parametrize("name", ["kaggle-csv", "jsonl-tokens", "conll"])
def test_tags_are_told_in_every_format_that_has_them(
    name: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    path = tmp_path / "corpus"
    WRITERS[name](path, [Sentence(("a", "b"), ("OO", "O")), Sentence(("c",), ("IO",))])
    assert [line.rpartition(" ")[2] for line in told(path, corpora[name])] == ["'OO'", "'IO'"]


def test_an_error_alone_is_told_as_such(tmp_path: Path, corpora: dict[str, CorpusParams]) -> None:
    path = tmp_path / "corpus"
    path.write_text("a O\n\t O\n", encoding="utf-8")
    assert told(path, corpora["conll"]) == [":2: expected a token and a tag. Received: '\\t O'"]


def test_errors_of_a_folder_are_told_file_by_file(tmp_path: Path, corpora: dict[str, CorpusParams]) -> None:
    for name, content in (("a", b"a OO\n"), ("b", b"b O\n\xff\n"), ("c", b"c IO\n")):
        (tmp_path / name).write_bytes(content)
    assert [line.partition(": ")[0] for line in told(tmp_path, corpora["conll"])] == ["/a:1", "/b:2", "/c:1"]


def test_a_tag_beside_a_line_that_was_left_out_is_not_called_wrong(
    tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    path = tmp_path / "corpus"
    path.write_text("a O\nB-PER\nb I-PER\n", encoding="utf-8")
    corpus = corpora["conll"]
    assert corpus.tags
    strict = corpus.replace(tags=corpus.tags.replace(scheme="IOB2", invalid="error"))
    assert told(path, strict) == [":2: expected 2 columns, as above. Received: 1 columns, 'B-PER'"]
