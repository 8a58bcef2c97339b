"""The reader of column files: variants in real files, and what it refuses."""

import re
from pathlib import Path
from typing import IO, Any

import pytest

from ner.core.sentence import Sentence
from ner.corpora.conll import Columns, read_conll
from ner.corpora.lines import CorpusFormatError, Located

DATA = Path(__file__).parents[1] / "data"
FIRST_AND_LAST = Columns(token=0, tag=-1)


def read(path: Path, content: str | bytes, columns: Columns = FIRST_AND_LAST) -> list[Located]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_conll(path, "utf-8", columns))


def sentences_in(path: Path, content: str | bytes, columns: Columns = FIRST_AND_LAST) -> list[Sentence]:
    return [located.sentence for located in read(path, content, columns)]


NORA = Sentence(("Nora", "sails"), ("B-PER", "O"))
RAIN = Sentence(("Rain",), ("O",))


def test_read_conll_takes_tokens_and_tags_of_four_columns() -> None:
    first = next(iter(read_conll(DATA / "iob1.conll", "utf-8", FIRST_AND_LAST))).sentence
    assert first.tokens == ("Harbour", "Office", "Nordhaven", "hired", "Mila", "Okoro", "and", "Jonas", ".")
    assert first.tags == ("I-LOC", "I-LOC", "B-LOC", "O", "I-PER", "I-PER", "O", "I-PER", "O")


def test_read_conll_gives_the_line_of_each_first_token() -> None:
    assert [located.line for located in read_conll(DATA / "iob1.conll", "utf-8", FIRST_AND_LAST)] == [3, 13, 21]


def test_read_conll_makes_no_sentence_of_docstart() -> None:
    tokens = {
        token
        for located in read_conll(DATA / "iob1.conll", "utf-8", FIRST_AND_LAST)
        for token in located.sentence.tokens
    }
    assert not any("DOCSTART" in token for token in tokens)


def test_read_conll_ends_a_sentence_at_docstart_without_blank_lines(tmp_path: Path) -> None:
    content = "Nora B-PER\nsails O\n-DOCSTART- O\nRain O\n"
    assert sentences_in(tmp_path / "corpus.txt", content) == [NORA, RAIN]


def test_read_conll_tells_documents_apart(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_text("-DOCSTART- O\n\na O\n\nb O\n\n-DOCSTART- O\n\nc O\n", encoding="utf-8")
    documents = [located.document for located in read_conll(path, "utf-8", FIRST_AND_LAST)]
    assert [number - documents[0] for number in documents] == [0, 0, 1]


def test_read_conll_keeps_tatweel_and_diacritics() -> None:
    second = list(read_conll(DATA / "lone_inside.txt", "utf-8", FIRST_AND_LAST))[1].sentence
    assert second.tokens[1:3] == ("\u0633\u0640\u0644\u064a\u0640\u0645", "\u0645\u064f\u0646\u064e\u0649")


def test_read_conll_reads_tabs() -> None:
    assert [len(located.sentence) for located in read_conll(DATA / "tabs.tsv", "utf-8", FIRST_AND_LAST)] == [11, 6]


@pytest.mark.parametrize(
    ("columns", "token", "tag"),
    [
        (Columns(token=0, tag=3), "Nora", "B-PER"),
        (Columns(token=0, tag=-1), "Nora", "B-PER"),
        (Columns(token=1, tag=-2), "NNP", "B-NP"),
        (Columns(token=-4, tag=3), "Nora", "B-PER"),
    ],
    ids=str,
)
def test_read_conll_counts_columns_from_either_end(tmp_path: Path, columns: Columns, token: str, tag: str) -> None:
    assert sentences_in(tmp_path / "corpus.txt", "Nora NNP B-NP B-PER\n", columns) == [Sentence((token,), (tag,))]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"Nora B-PER\nsails O\n\nRain O\n\n", id="usual"),
        pytest.param(b"Nora B-PER\nsails O\n\nRain O\n", id="no blank line at the end"),
        pytest.param(b"Nora B-PER\nsails O\n\nRain O", id="no final newline"),
        pytest.param(b"\n\n\nNora B-PER\nsails O\n\n\n\nRain O\n\n\n", id="many blank lines"),
        pytest.param(b"Nora B-PER\r\nsails O\r\n\r\nRain O\r\n\r\n", id="Windows"),
        pytest.param(b"Nora B-PER\r\nsails O\r\n\r\nRain O", id="Windows, no end"),
        pytest.param(b"\xef\xbb\xbfNora B-PER\nsails O\n\nRain O\n", id="mark"),
        pytest.param(b"\xef\xbb\xbf\r\nNora B-PER\r\nsails O\r\n\r\nRain O\r\n", id="mark on a blank line"),
        pytest.param(b"Nora\tB-PER\nsails\tO\n\nRain\tO\n", id="tabs"),
        pytest.param(b"Nora\tB-PER\nsails O\n\nRain  O\n", id="tabs and blanks"),
        pytest.param(b"Nora   B-PER\nsails O \n\n Rain O\n", id="many blanks"),
        pytest.param(b"Nora B-PER\nsails O\n \nRain O\n\t\n", id="blanks between"),
        pytest.param(b"-DOCSTART- O\n\nNora B-PER\nsails O\n\nRain O\n\n-DOCSTART- O\n", id="DOCSTART"),
        pytest.param(b"-DOCSTART-\n\nNora B-PER\nsails O\n-DOCSTART- -X- O O\nRain O\n", id="DOCSTART of other widths"),
    ],
)
def test_read_conll_finds_the_same_sentences_however_written(tmp_path: Path, content: bytes) -> None:
    assert sentences_in(tmp_path / "corpus.txt", content) == [NORA, RAIN]


def test_read_conll_finds_no_sentence_in_an_empty_file(tmp_path: Path) -> None:
    assert read(tmp_path / "corpus.txt", "") == []


@pytest.mark.parametrize("token", ["\u200fنادية", "قمر\u200f", "\u202bنا", "ك\u200cب"], ids=ascii)
def test_read_conll_keeps_directional_marks_in_tokens(tmp_path: Path, token: str) -> None:
    assert sentences_in(tmp_path / "corpus.txt", f"{token} O\n") == [Sentence((token,), ("O",))]


@pytest.mark.parametrize("token", ["New York", " x", "5\u00a0storms", "a\u2028b"], ids=ascii)
def test_read_conll_keeps_blanks_in_tokens_between_tabs(tmp_path: Path, token: str) -> None:
    assert sentences_in(tmp_path / "corpus.txt", f"{token}\tO\n") == [Sentence((token,), ("O",))]


@pytest.mark.parametrize("token", ["5\u00a0storms", "a\u2028b", "a\u0085b", "漢\u3000字", "a\x1cb"], ids=ascii)
def test_read_conll_separates_columns_at_plain_blanks_alone(tmp_path: Path, token: str) -> None:
    assert sentences_in(tmp_path / "corpus.txt", f"Nora B-PER\n{token} O\n") == [
        Sentence(("Nora", token), ("B-PER", "O"))
    ]


def test_read_conll_reads_hashes_as_tokens(tmp_path: Path) -> None:
    assert sentences_in(tmp_path / "corpus.txt", "# O\n3 O\n") == [Sentence(("#", "3"), ("O", "O"))]


def test_read_conll_keeps_a_sentence_of_any_length(tmp_path: Path) -> None:
    [sentence] = sentences_in(tmp_path / "corpus.txt", "قال O\n" * 5_000)
    assert len(sentence) == 5_000


@pytest.mark.parametrize(
    ("content", "line", "expected", "received"),
    [
        ("Nora B-PER\nsails\n", 2, "2 columns, as above", "1 columns, 'sails'"),
        ("Nora B-PER\nsails VBZ O\n", 2, "2 columns, as above", "3 columns, 'sails VBZ O'"),
        ("Nora B-PER\n\nRain O\nfalls\tfast\tO\n", 4, "2 columns, as above", r"3 columns, 'falls\tfast\tO'"),
        ("Nora B-PER\n O\n", 2, "2 columns, as above", "1 columns, ' O'"),
        ("Nora\tB-PER\n\tO\n", 2, "a token and a tag", r"'\tO'"),
        ("Nora\tB-PER\nsails\t\n", 2, "a token and a tag", r"'sails\t'"),
        ("\n\nNora\n", 3, "", "1 columns, 'Nora'"),
        ("Nora B-PER\n# sent_id = 2\nRain O\n", 2, "2 columns, as above", "4 columns, '# sent_id = 2'"),
    ],
)
def test_read_conll_names_the_line_with_other_columns(
    tmp_path: Path, content: str, line: int, expected: str, received: str
) -> None:
    path = tmp_path / "corpus.txt"
    columns = Columns(token=0, tag=1)
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:{line}: expected {expected}')}") as caught:
        read(path, content, columns)
    assert str(caught.value).endswith(f"Received: {received}")


def test_read_conll_refuses_one_column_as_token_and_tag(tmp_path: Path) -> None:
    """A line whose token is blank has only the column `O`, so that first and last column are the same."""
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:1: ')}expected .*Received: .*'O'"):
        read(path, "O\nO\n")


@pytest.mark.parametrize("token", [" ", "\u00a0", "\u2003 "], ids=ascii)
def test_read_conll_refuses_a_blank_token(tmp_path: Path, token: str) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:2: expected a token and a tag. Received: ')}"):
        read(path, f"Nora\tB-PER\n{token}\tO\n")


@pytest.mark.parametrize(
    "content", [b"Nora B-PER\nsai\0ls O\n", b"Nora B-PER\nM\xfcller O\n"], ids=["NUL", "another encoding"]
)
def test_read_conll_names_the_line_that_is_no_text(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:2: expected ')}.*Received: "):
        read(path, content)


@pytest.mark.parametrize("content", ["Nora B-PER\nsails\n", "Nora\n"], ids=["other columns", "too few columns"])
def test_read_conll_leaves_no_file_open_after_an_error(
    tmp_path: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "corpus.txt"
    path.write_text(content, encoding="utf-8")
    opened, open_path = [], Path.open

    def open_and_note(self: Path, *arguments: Any, **more: Any) -> IO[Any]:
        opened.append(open_path(self, *arguments, **more))
        return opened[-1]

    monkeypatch.setattr(Path, "open", open_and_note)
    with pytest.raises(
        CorpusFormatError
    ) as caught:  # keeps the frames alive, so that nothing closes a file by garbage collection
        list(read_conll(path, "utf-8", Columns(token=0, tag=1)))
    assert [file.closed for file in opened] == [True], caught


def test_read_conll_shows_no_more_than_the_beginning_of_a_long_line(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError) as caught:
        read(path, "Nora B-PER\n" + "x " * 5_000)
    assert len(str(caught.value)) < len(str(path)) + 200


@pytest.mark.parametrize(
    "content",
    [
        "# sent_id = 1\n# text = Nora sails\nNora B-PER\nsails O\n\n# sent_id = 2\nRain O\n",
        "# a page of comments\n\n# sent_id = 1\nNora B-PER\nsails O\n\nRain O\n\n# the end\n",
        "#\n-DOCSTART- O\n#\nNora\tB-PER\nsails\tO\n\n#\tO\tO\nRain\tO",
    ],
)
def test_read_conll_passes_over_comments_before_a_sentence(tmp_path: Path, content: str) -> None:
    columns = Columns(token=0, tag=-1, comment="#")
    assert sentences_in(tmp_path / "corpus.txt", content, columns) == [NORA, RAIN]


def test_read_conll_keeps_hashes_within_a_sentence_that_may_have_comments(tmp_path: Path) -> None:
    columns = Columns(token=0, tag=-1, comment="#")
    assert sentences_in(tmp_path / "corpus.txt", "Rain O\n# O\n3 O\n", columns) == [
        Sentence(("Rain", "#", "3"), ("O", "O", "O"))
    ]


def test_read_conll_names_lines_after_comments(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:4: expected 2 columns')}"):
        read(path, "# one\n# two\nNora B-PER\nsails\n", Columns(token=0, tag=-1, comment="#"))
