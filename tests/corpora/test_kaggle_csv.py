"""The reader of Kaggle's CSV: its variants, what counts as a word, and what it refuses."""

import re
from pathlib import Path

import pytest

from ner.core.sentence import Sentence
from ner.corpora.kaggle_csv import read_kaggle_csv
from ner.corpora.lines import CorpusFormatError, Located

DATA = Path(__file__).parents[1] / "data"
HEADER = "Sentence #,Word,POS,Tag"
MILA = Sentence(("Mila", "rows", "."), ("B-per", "O", "O"))
NORDHAVEN = Sentence(("Nordhaven", "waits"), ("B-geo", "O"))


def read(path: Path, rows: list[str]) -> list[Located]:
    path.write_bytes("".join(f"{row}\r\n" for row in [HEADER, *rows]).encode("cp1252"))
    return list(read_kaggle_csv(path, "cp1252"))


def words_of(path: Path, *words: str) -> tuple[str, ...]:
    """Read the tokens of a sentence whose Word cells are written like this in the file."""
    [located] = read(path, ["Sentence: 1,First,DT,O", *(f",{word},NN,O" for word in words)])
    return located.sentence.tokens[1:]


@pytest.mark.parametrize("name", ["first_row_only.csv", "filled_down.csv"])
def test_read_kaggle_csv_tells_sentences_by_their_names(name: str) -> None:
    located = read_kaggle_csv(DATA / name, "cp1252")
    assert [(one.sentence, one.line) for one in located] == [(MILA, 2), (NORDHAVEN, 5)]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=ascii)
@pytest.mark.parametrize("last", ["", "\n"], ids=["no final newline", "final newline"])
def test_read_kaggle_csv_keeps_the_last_sentence(tmp_path: Path, end: str, last: str) -> None:
    path = tmp_path / "corpus.csv"
    content = (DATA / "first_row_only.csv").read_text(encoding="utf-8").rstrip() + last
    path.write_bytes(content.replace("\n", end).encode())
    assert [located.sentence for located in read_kaggle_csv(path, "cp1252")] == [MILA, NORDHAVEN]


def test_read_kaggle_csv_keeps_a_last_sentence_that_was_cut_off(tmp_path: Path) -> None:
    located = read(tmp_path / "corpus.csv", ["Sentence: 1,Rain,NN,O", ",.,.,O", "Sentence: 2,Mila,NNP,B-per"])
    assert located[-1].sentence == Sentence(("Mila",), ("B-per",))


@pytest.mark.parametrize(
    "word", ["None", "nan", "NaN", "NULL", "NA", "N/A", "null", "TRUE", "1e5", "007", "-", "#", "'s"]
)
def test_read_kaggle_csv_takes_every_word_for_text(tmp_path: Path, word: str) -> None:
    assert words_of(tmp_path / "corpus.csv", word) == (word,)


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ('""""', '"'),
        ('""""""', '""'),
        ('","', ","),
        ('"1,000"', "1,000"),
        ('5"', '5"'),
        ("''", "''"),
        ('"Mila"', "Mila"),
    ],
)
def test_read_kaggle_csv_unwraps_quotes_as_csv_does(tmp_path: Path, written: str, word: str) -> None:
    assert words_of(tmp_path / "corpus.csv", written, "last") == (word, "last")


def test_read_kaggle_csv_keeps_a_non_breaking_space(tmp_path: Path) -> None:
    assert words_of(tmp_path / "corpus.csv", "5\u00a0storms") == ("5\u00a0storms",)


def test_read_kaggle_csv_decodes_cp1252(tmp_path: Path) -> None:
    path = tmp_path / "corpus.csv"
    path.write_bytes(HEADER.encode() + b"\r\nSentence: 1,\x93Caf\xe9\x94,NN,O\r\n")
    [located] = read_kaggle_csv(path, "cp1252")
    assert located.sentence.tokens == ("\u201cCaf\u00e9\u201d",)


def test_read_kaggle_csv_passes_over_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "corpus.csv"
    path.write_bytes(f"\ufeff{HEADER}\r\nSentence: 1,Nora,NNP,B-per\r\n".encode())
    assert [located.sentence.tokens for located in read_kaggle_csv(path, "utf-8")] == [("Nora",)]


def test_read_kaggle_csv_ends_a_sentence_where_a_name_comes_back_later(tmp_path: Path) -> None:
    located = read(tmp_path / "corpus.csv", ["Sentence: 1,a,DT,O", "Sentence: 2,b,DT,O", "Sentence: 1,c,DT,O"])
    assert [one.sentence.tokens for one in located] == [("a",), ("b",), ("c",)]


def test_read_kaggle_csv_finds_no_sentence_below_a_header_alone(tmp_path: Path) -> None:
    assert read(tmp_path / "corpus.csv", []) == []


@pytest.mark.parametrize(
    "header",
    ["", "Sentence #,Word,Tag", "sentence #,word,pos,tag", "Sentence #;Word;POS;Tag", "Sentence: 1,Nora,NNP,B-per"],
)
def test_read_kaggle_csv_names_another_header(tmp_path: Path, header: str) -> None:
    path = tmp_path / "corpus.csv"
    path.write_text(f"{header}\n" if header else "", encoding="utf-8")
    with pytest.raises(
        CorpusFormatError, match=f"^{re.escape(f'{path}:1: expected the header {HEADER}. Received: {header!r}')}$"
    ):
        list(read_kaggle_csv(path, "utf-8"))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("", id="blank row"),
        pytest.param(",rows,VBZ", id="three cells"),
        pytest.param(",rows,VBZ,O,", id="five cells"),
        pytest.param(",,VBZ,O", id="no word"),
        pytest.param(",rows,VBZ,", id="no tag"),
        pytest.param(", ,VBZ,O", id="blank word"),
        pytest.param(",\u00a0,VBZ,O", id="non-breaking space alone"),
        pytest.param(',"two\nlines",NN,O', id="line end in a word"),
        pytest.param(",a\tb,NN,O", id="tab in a word"),
        pytest.param(',"rows"s,VBZ,O', id="text behind a quote"),
        pytest.param(',"rows,VBZ,O', id="quote without its partner"),
    ],
)
def test_read_kaggle_csv_names_the_wrong_row(tmp_path: Path, row: str) -> None:
    path = tmp_path / "corpus.csv"
    with pytest.raises(CorpusFormatError, match=rf"^{re.escape(str(path))}:[34]: expected .*Received: "):
        read(path, ["Sentence: 1,Mila,NNP,B-per", row])


def test_read_kaggle_csv_refuses_rows_swallowed_between_bare_quotes(tmp_path: Path) -> None:
    """In a file written without a CSV writer, a bare quote opens a cell that the next bare quote closes, rows later."""
    path = tmp_path / "corpus.csv"
    with pytest.raises(CorpusFormatError, match=rf"^{re.escape(str(path))}:[35]: expected .*Received: "):
        read(path, ["Sentence: 1,She,PRP,O", ',",``,O', ",said,VBD,O", ",\",'',O", ",.,.,O"])


@pytest.mark.parametrize(
    "rows",
    [
        ["Sentence: 1,She,PRP,O", ',said,",O', ",rows,NNS,O", ',fell,",O'],
        ["Sentence: 1,She,PRP,O", '"Sentence: 2,said,VBD,O', 'Sentence: 3",rows,NNS,O', ",fell,VBD,O"],
    ],
    ids=["part of speech", "name"],
)
def test_read_kaggle_csv_refuses_rows_swallowed_by_a_cell_that_is_not_read(tmp_path: Path, rows: list[str]) -> None:
    """Otherwise words would be lost, and the line numbers of later errors wrong."""
    path = tmp_path / "corpus.csv"
    with pytest.raises(CorpusFormatError, match=rf"^{re.escape(str(path))}:[345]: expected .*Received: "):
        read(path, rows)


@pytest.mark.parametrize(("rows", "line"), [([",Mila,NNP,B-per"], 2), (["", "Sentence: 1,Mila,NNP,B-per"], 2)], ids=str)
def test_read_kaggle_csv_names_a_first_row_without_sentence(tmp_path: Path, rows: list[str], line: int) -> None:
    path = tmp_path / "corpus.csv"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:{line}: expected ')}.*Received: "):
        read(path, rows)


def test_read_kaggle_csv_names_the_line_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "corpus.csv"
    path.write_bytes(HEADER.encode() + b"\r\nSentence: 1,Caf\xe9,NN,O\r\n")
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:2: expected utf-8. Received: ')}"):
        list(read_kaggle_csv(path, "utf-8"))
