"""Lines of plain and zipped files: line ends, byte order marks, encodings, archives, and line numbers of errors."""

import re
import zipfile
from pathlib import Path

import pytest

from ner.corpora.lines import CorpusFormatError, read_lines


def lines_of(path: Path, content: bytes, encoding: str = "utf-8") -> list[str]:
    path.write_bytes(content)
    return list(read_lines(path, encoding))


def zipped(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\ntwo", ["one", "two"]),
        (b"one\r\ntwo\r\n", ["one", "two"]),
        (b"one\r\ntwo", ["one", "two"]),
        (b"one\r\ntwo\nthree", ["one", "two", "three"]),
        (b"one\n\n\ntwo\n\n", ["one", "", "", "two", ""]),
        (b"\r\n", [""]),
        (b" one\t\n", [" one\t"]),
    ],
)
def test_read_lines_takes_off_either_end(tmp_path: Path, content: bytes, lines: list[str]) -> None:
    assert lines_of(tmp_path / "corpus.txt", content) == lines


def test_read_lines_refuses_a_carriage_return_inside(tmp_path: Path) -> None:
    """Otherwise a file with the line ends of old Macs would be read as one line."""
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:1: ')}expected .*Received: "):
        lines_of(path, b"Nora B-PER\rsails O\r")


@pytest.mark.parametrize("character", ["\u0085", "\u2028", "\u2029", "\u00a0", "\x0b", "\x0c", "\x1c"], ids=ascii)
def test_read_lines_ends_no_line_at_other_separators(tmp_path: Path, character: str) -> None:
    line = f"No{character}ra"
    assert lines_of(tmp_path / "corpus.txt", f"{line}\n".encode()) == [line]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=ascii)
def test_read_lines_drops_a_byte_order_mark(tmp_path: Path, end: str) -> None:
    assert lines_of(tmp_path / "corpus.txt", f"\ufeffone{end}two{end}".encode()) == ["one", "two"]


def test_read_lines_keeps_such_a_mark_elsewhere(tmp_path: Path) -> None:
    assert lines_of(tmp_path / "corpus.txt", "o\ufeffne\n\ufefftwo\n".encode()) == ["o\ufeffne", "\ufefftwo"]


def test_read_lines_decodes_as_told(tmp_path: Path) -> None:
    assert lines_of(tmp_path / "corpus.txt", b"5\xa0\x93storms\x94", "cp1252") == ["5\u00a0\u201cstorms\u201d"]


@pytest.mark.parametrize(
    ("content", "encoding", "line"),
    [
        (b"one\n\x93two\x94\n", "utf-8", 2),
        (b"one\ntwo\nthr\x81e\n", "cp1252", 3),
        ("one\n".encode("utf-16"), "utf-8", 1),
        ("Stra\u00dfe\n".encode(), "ascii", 1),
        ("Stra\u00df".encode()[:-1], "utf-8", 1),
    ],
    ids=["cp1252 as utf-8", "hole of cp1252", "utf-16", "utf-8 as ascii", "cut inside a character"],
)
def test_read_lines_names_the_line_in_another_encoding(
    tmp_path: Path, content: bytes, encoding: str, line: int
) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:{line}: ')}expected {encoding}\\. Received: "):
        lines_of(path, content, encoding)


def test_read_lines_names_the_line_with_a_nul(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:2: ')}expected text. Received: a NUL"):
        lines_of(path, b"one\nt\0wo\n")


def test_read_lines_names_the_line_with_half_a_character(tmp_path: Path) -> None:
    """UTF-7 can encode a lone surrogate, which can't be written in UTF-8."""
    path = tmp_path / "corpus.txt"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:2: ')}expected .*Received: "):
        lines_of(path, b"one\nt+2AA-wo\n", "utf-7")


@pytest.mark.parametrize("encoding", ["punycode", "idna"])
def test_read_lines_says_in_one_line_what_is_not_in_an_odd_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "corpus.txt"
    expected = f"{path}:1: expected {encoding}. Received: other bytes, b'xn--999\\n'"
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(expected)}$"):
        lines_of(path, b"xn--999\n", encoding)


def test_read_lines_gives_the_lines_before_a_wrong_one(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"one\n\xff\n")
    assert next(read_lines(path, "utf-8")) == "one"


@pytest.mark.parametrize("members", [{"a.csv": b"one\r\ntwo"}, {"data/": b"", "data/a.csv": b"one\ntwo\n"}], ids=list)
def test_read_lines_reads_the_one_file_of_an_archive(tmp_path: Path, members: dict[str, bytes]) -> None:
    assert list(read_lines(zipped(tmp_path / "corpus.csv.zip", members), "utf-8")) == ["one", "two"]


@pytest.mark.parametrize(
    ("members", "received"),
    [({"a.csv": b"one\n", "b.csv": b"two\n"}, "2 files"), ({}, "0 files"), ({"data/": b""}, "0 files")],
    ids=["two", "none", "a folder"],
)
def test_read_lines_refuses_an_archive_of_other_than_one_file(
    tmp_path: Path, members: dict[str, bytes], received: str
) -> None:
    path = zipped(tmp_path / "corpus.zip", members)
    with pytest.raises(
        CorpusFormatError, match=f"^{re.escape(f'{path}:0: expected an archive of one file. Received: {received}')}$"
    ):
        list(read_lines(path, "utf-8"))


@pytest.mark.parametrize("content", [b"", b"one\ntwo\n", b"PK\x03\x04 and no more"], ids=["empty", "text", "cut"])
def test_read_lines_refuses_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "corpus.zip"
    path.write_bytes(content)
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:0: expected a zip archive. Received: ')}"):
        list(read_lines(path, "utf-8"))


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("offset", [0, 4, 8, 12])
def test_read_lines_refuses_an_archive_with_damaged_content(tmp_path: Path, compression: int, offset: int) -> None:
    path = zipped(tmp_path / "corpus.zip", {"a.csv": b"one two three four five\n" * 40}, compression)
    content = bytearray(path.read_bytes())
    begin = 30 + len("a.csv") + offset  # where the compressed bytes begin
    content[begin : begin + 8] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:0: expected a zip archive. Received: ')}."):
        list(read_lines(path, "utf-8"))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(b"PK\x01\x02", {8: 0x00, 9: 0x08, 46: 0xFF}, id="a name that is not UTF-8"),
        pytest.param(b"PK\x01\x02", {10: 99}, id="unknown compression"),
        pytest.param(b"PK\x01\x02", {42: 0xFF}, id="a member beyond the file"),
        pytest.param(b"PK\x05\x06", {16: 0xFF, 17: 0xFF}, id="members before the file"),
        pytest.param(b"PK\x05\x06", {12: 0xFF}, id="too long a list of members"),
        pytest.param(b"PK\x03\x04", {26: 0xFF}, id="another name"),
    ],
)
def test_read_lines_refuses_an_archive_with_a_damaged_record(
    tmp_path: Path, place: bytes, value: dict[int, int]
) -> None:
    path = zipped(tmp_path / "corpus.zip", {"a.csv": b"one\n"})
    content = bytearray(path.read_bytes())
    for offset, byte in value.items():
        content[content.index(place) + offset] = byte
    path.write_bytes(content)
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:0: expected a zip archive. Received: ')}."):
        list(read_lines(path, "utf-8"))


def test_read_lines_refuses_an_archive_that_lost_its_beginning(tmp_path: Path) -> None:
    path = zipped(tmp_path / "corpus.zip", {"a.csv": b"one two three\n"})
    path.write_bytes(path.read_bytes()[27:])
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:0: expected a zip archive. Received: ')}."):
        list(read_lines(path, "utf-8"))


def test_read_lines_refuses_an_encrypted_archive(tmp_path: Path) -> None:
    path = zipped(tmp_path / "corpus.zip", {"a.csv": b"one\n"})
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flag, at both places where a zip file has it
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:0: expected ')}"):
        list(read_lines(path, "utf-8"))
