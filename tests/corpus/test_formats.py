"""A file and its entry in params.yaml -> sentences in IOB2, with all that was repaired or dropped, or one error."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ner.corpus.catalogue import Columns, CorpusParams, SplitParams
from ner.corpus.formats import Split, read_split
from ner.corpus.lines import CorpusFormatError
from ner.corpus.source import SourceFile
from ner.sentence import Sentence

DATA = Path(__file__).parents[1] / "data"
COLUMNS = CorpusParams(
    language="en",
    format="conll",
    encoding="utf-8",
    scheme="IOB2",
    repair=False,
    deduplicate=False,
    files={"train": SourceFile("corpus.txt", "0" * 64)},
    split=SplitParams(seed=1, dev=0.1, test=0.1),
    columns=Columns(token=0, tag=-1),
)
CSV = replace(COLUMNS, format="kaggle-csv", columns=None)
PUBTATOR = replace(COLUMNS, format="pubtator", columns=None)
MENTIONS = """7|t|Of mice.
7|a|Mice eat.

8|t|Pain
8|a|Rats eat. Mice
8\t5\t8\tRat\tAnimal\tD1
8\t15\t19\tMice\tAnimal\tD1
"""


def read(path: Path, content: str, corpus: CorpusParams) -> Split:
    path.write_text(content, encoding=corpus.encoding, newline="")
    return read_split(path, corpus)


def test_read_split_converts_iob1_and_counts_superfluous_openings() -> None:
    split = read_split(DATA / "iob1.conll", replace(COLUMNS, scheme="IOB1", repair=True))
    assert [sentence.tags for sentence in split.sentences] == [
        ("B-LOC", "I-LOC", "B-LOC", "O", "B-PER", "I-PER", "O", "B-PER", "O"),
        ("O", "O", "B-MISC", "I-MISC", "O"),
        ("B-LOC", "O"),
    ]
    assert (split.repaired, split.dropped) == (1, 0)


def test_read_split_without_repair_names_a_superfluous_opening() -> None:
    path = DATA / "iob1.conll"
    with pytest.raises(CorpusFormatError) as caught:
        read_split(path, replace(COLUMNS, scheme="IOB1"))
    assert str(caught.value) == (
        f"{path}:15: expected I-MISC here in IOB1. Received: 'B-MISC'; "
        "`repair: true` reads 'Lanterncup' as conlleval does"
    )


def test_read_split_repairs_and_counts_lone_inside_tags() -> None:
    split = read_split(DATA / "lone_inside.txt", replace(COLUMNS, language="ar", repair=True))
    assert [sentence.tags for sentence in split.sentences] == [
        ("O", "B-PERS", "I-PERS", "O", "B-LOC", "O"),
        ("O", "B-PERS", "I-PERS", "O", "B-LOC", "I-LOC", "O"),
    ]
    assert (split.repaired, split.dropped) == (1, 0)


def test_read_split_without_repair_names_a_lone_inside_tag() -> None:
    path = DATA / "lone_inside.txt"
    with pytest.raises(
        CorpusFormatError, match=rf"^{re.escape(f'{path}:9: expected B-PERS')}.* Received: 'I-PERS'; `repair: true`"
    ):
        read_split(path, replace(COLUMNS, language="ar"))


def test_read_split_reads_tabs_without_a_repair() -> None:
    split = read_split(DATA / "tabs.tsv", COLUMNS)
    assert split.sentences[1] == Sentence(("No", "rash", ",", "#", "3", "."), ("O", "B-Disease", "O", "O", "O", "O"))
    assert (split.repaired, split.dropped) == (0, 0)


def test_read_split_reads_a_kaggle_csv() -> None:
    assert read_split(DATA / "filled_down.csv", CSV) == read_split(DATA / "first_row_only.csv", CSV)


def test_read_split_reads_pubtator_that_fits_without_repair() -> None:
    split = read_split(DATA / "abstracts.PubTator.txt", PUBTATOR)
    assert (len(split.sentences), split.repaired, split.dropped) == (4, 0, 0)


def test_read_split_counts_dropped_mentions(tmp_path: Path) -> None:
    split = read(tmp_path / "corpus.txt", MENTIONS, replace(PUBTATOR, repair=True))
    assert (split.repaired, split.dropped) == (0, 1)
    assert split.sentences[-1] == Sentence(("Mice",), ("B-Animal",))


def test_read_split_without_repair_names_the_document_with_mentions_to_drop(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(
        CorpusFormatError,
        match=f"^{re.escape(f'{path}:')}[46]: expected mentions that .*Received: 1 that do not; `repair: true` drops",
    ):
        read(path, MENTIONS, PUBTATOR)


def test_read_split_reads_what_is_iob2_by_its_format_whatever_the_scheme(tmp_path: Path) -> None:
    """PubTator has no tags, so that no scheme of tags can be broken in it."""
    split = read(tmp_path / "corpus.txt", MENTIONS, replace(PUBTATOR, scheme="IOB1", repair=True))
    assert (split.repaired, split.dropped) == (0, 1)


@pytest.mark.parametrize("tag", ["OO", "IO", "MIS0", "o", "B-", "ERS", "B_PER", "O\u200f"], ids=ascii)
@pytest.mark.parametrize("repair", [True, False], ids=["repair", "no repair"])
def test_read_split_names_the_line_of_what_is_no_tag(tmp_path: Path, tag: str, repair: bool) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(
        CorpusFormatError,
        match=f"^{re.escape(f'{path}:5: expected a tag: O, ')}.*{re.escape(f'Received: {tag!r}')}$",
    ):
        read(path, f"\nNora B-PER\n\nMila B-PER\nOkoro {tag}\nrows O\n", replace(COLUMNS, repair=repair))


@pytest.mark.parametrize("end", [" ", "\u00a0", "\u200f"], ids=ascii)
def test_read_split_takes_no_label_with_something_invisible_behind_for_another(tmp_path: Path, end: str) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:2: expected a tag')}"):
        read(path, f"Nora\tB-PER\nMila\tB-PER{end}\n", COLUMNS)


def test_read_split_names_a_line_of_the_document_with_an_unwritable_label(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=rf"^{re.escape(str(path))}:[123]: expected .*Received: "):
        read(path, "7|t|Of ten mice and men, one had pain\n7|a|\n7\t33\t37\tpain\tDisease\u200f\tD1\n", PUBTATOR)


def test_read_split_takes_a_misspelt_label_as_it_stands(tmp_path: Path) -> None:
    split = read(tmp_path / "corpus.txt", "Nora B-ERS\n", COLUMNS)
    assert split == Split([Sentence(("Nora",), ("B-ERS",))], 0, 0)


def test_read_split_names_the_line_of_a_wrong_tag_in_a_kaggle_csv(tmp_path: Path) -> None:
    path = tmp_path / "corpus.csv"
    content = "Sentence #,Word,POS,Tag\r\nSentence: 1,Mila,NNP,B-per\r\n,rows,VBZ,O\r\n,on,IN,OO\r\n"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:4: expected a tag')}.*Received: 'OO'"):
        read(path, content, CSV)


def test_read_split_does_not_offer_a_repair_that_is_on_already(tmp_path: Path) -> None:
    with pytest.raises(CorpusFormatError) as caught:
        read(tmp_path / "corpus.txt", "Nora OO\n", replace(COLUMNS, repair=True))
    assert "repair" not in str(caught.value)


def test_read_split_does_not_offer_a_repair_that_would_not_help(tmp_path: Path) -> None:
    with pytest.raises(CorpusFormatError) as caught:
        read(tmp_path / "corpus.txt", "Nora OO\n", COLUMNS)
    assert "repair" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "corpus"),
    [
        ("", COLUMNS),
        ("\n\n \n", COLUMNS),
        ("\ufeff", COLUMNS),
        ("-DOCSTART- -X- O O\n\n", COLUMNS),
        ("", CSV),
        ("Sentence #,Word,POS,Tag\n", CSV),
        ("", PUBTATOR),
        ("7|t|\n7|a|\n", PUBTATOR),
    ],
)
def test_read_split_refuses_a_file_without_sentences(tmp_path: Path, content: str, corpus: CorpusParams) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=rf"^{re.escape(f'{path}:1: expected ')}.*Received: "):
        read(path, content, corpus)


@pytest.mark.parametrize("corpus", [COLUMNS, CSV, PUBTATOR], ids=lambda corpus: corpus.format)
def test_read_split_refuses_a_file_of_another_format(tmp_path: Path, corpus: CorpusParams) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=rf"^{re.escape(str(path))}:1: expected .*Received: "):
        read(path, '{"tokens": ["Nora", "sails"], "tags": ["B-PER", "O"]}\n', corpus)


def test_read_split_keeps_repeated_sentences(tmp_path: Path) -> None:
    assert len(read(tmp_path / "corpus.txt", "Nora B-PER\n\nNora O\n", COLUMNS).sentences) == 2
