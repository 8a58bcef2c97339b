"""The readers of unlabelled text: small hand-written files of each format, and one error for damaged ones."""

import json
import zipfile
from pathlib import Path

import pytest

from ner.embeddings.texts import FORMATS, TextFormatError, read_text

REUTERS = """<!DOCTYPE lewis SYSTEM "lewis.dtd">
<REUTERS NEWID="1"><TOPICS><D>cocoa</D></TOPICS><TEXT>&#2;
<TITLE>RAIN</TITLE><DATELINE>    OSLO, Feb 26 - </DATELINE><BODY>Showers fell &lt;ACME&amp;CO> on
the coast.
    They were late.
 Reuter
&#3;</BODY></TEXT>
</REUTERS>
<REUTERS NEWID="2"><TEXT><TITLE>NONE</TITLE></TEXT></REUTERS>
"""
WIKI = """<doc id="1" url="http://example.org" title="Oslo">
Oslo

Oslo is a city&nbsp;&amp; a <b>port</b>.
</doc>
<doc id="2" title="Rome">
Rome
</doc>
"""
BOOK = """######OpenITI#


{
    "BookTitle": "كتاب النهر"
}


#META#Header#End#


باب المطر\u200f

باب الريح\u200f


# | كتاب النهر\x20



# | باب المطر\u200f


نزل المطر على
المدينة\u200f ليلا.
\x20
وجرى النهر\r
إلى البحر.

٢

# بلا عنوان

"""
PARAGRAPHS = ["كتاب النهر", "باب المطر", "نزل المطر على المدينة ليلا.", "وجرى النهر إلى البحر.", "٢", "# بلا عنوان"]


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("format", "fields", "content", "lines"),
    [
        ("text", (), "One line\r\n\n  two \t lines\x05\n", ["One line", "two lines"]),
        ("text", (), b"\xef\xbb\xbfcaf\xc3\xa9\ncaf\xe9\r", ["café", "café"]),
        ("sgml", ("BODY",), REUTERS, ["Showers fell <ACME&CO> on the coast.", "They were late.", "Reuter"]),
        ("sgml", ("TITLE",), REUTERS, ["RAIN", "NONE"]),
        ("wikiextractor", (), WIKI, ["Oslo", "Oslo is a city & a port .", "Rome"]),
        ("json", ("Q", "C"), '{"1": {"Q": "why?", "C": ["a b", "c"], "X": 1}}', ["why?", "a b", "c"]),
        ("json", ("t",), '{"a": {"t": "one \\ud83d"}}', ["one"]),
        ("json", ("t",), '[{"t": "one\\ntwo"}, {"t": "three"}]', ["one", "two", "three"]),
        ("json-lines", ("t", "u"), '{"t": "one\\ntwo", "u": "3"}\r\n \n{"u": "5", "t": ["4"]}', ["one", "two", *"345"]),
        ("json-lines", ("t",), "", []),
        ("openiti", (), BOOK, PARAGRAPHS),
        ("openiti", (), "#META#Header#End#\n# | One\nTwo", ["One Two"]),
        ("csv", ("t", "b"), 'i,t,b\n1,One,"Two\nlines, ""all"""\n2,,x\n3,y\n', ["One", "Two", 'lines, "all"', *"xy"]),
        ("columns", ("0",), "Rome\tB-LOC\nfell\tO\n\n\n.\tO\n", ["Rome fell", "."]),
        ("columns", ("1",), "1\tRome\n2\tfell", ["Rome fell"]),
    ],
)  # fmt: skip
def test_read_text_gives_lines(
    tmp_path: Path, format: str, fields: tuple[str, ...], content: str | bytes, lines: list[str]
) -> None:
    assert list(read_text(written(tmp_path, "file", content), format, fields)) == lines


def test_read_text_reads_archives_by_name(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"b/2.txt": b"two", "b/1.txt": b"one \xa3", "README": b"not this"})
    assert list(read_text(path, "zip-text", ("*.txt",))) == ["one £", "two"]
    path = zipped(tmp_path / "b.zip", {"a.json": json.dumps([{"title": "one", "content": "two\nthree"}]).encode()})
    assert list(read_text(path, "zip-json", ("title", "content"))) == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("format", "fields", "content", "says"),
    [
        ("html", (), "", r"expected a format of text, sgml, .+ Received: 'html'"),
        ("json", ("t",), "{", r"expected JSON\. Received: "),
        ("json", ("t",), "[" * 100_000, r"expected JSON\. Received: "),
        ("json", ("t",), "1", r"expected a list or an object\. Received: '1'"),
        ("json", ("t",), "[1]", r"expected objects\. Received: '1'"),
        ("json", ("t",), '[{"t": 1}]', r"expected text at 't'\. Received: '1'"),
        ("json", ("t",), "[{}]", r"expected text at 't'\. Received: 'None'"),
        ("json-lines", ("t",), '{"t": "a"}\n[', r"expected JSON in line 2\. Received: "),
        ("json-lines", ("t",), "1", r"expected objects\. Received: '1'"),
        ("json-lines", ("t",), '{"u": "a"}', r"expected text at 't'\. Received: 'None'"),
        ("openiti", (), "# | One\n", r"expected a head that ends at #META#Header#End#\. Received: '# \| One"),
        (
            "openiti",
            (),
            "#META#Header#End#\n\nOne\n",
            r"expected a heading, a line that begins with `# \|`\. Received: none",
        ),
        ("csv", ("title",), "id,text\n1,a\n", r"expected columns title\. Received: \['id', 'text'\]"),
        ("csv", ("title",), "", r"expected columns title\. Received: None"),
        ("columns", ("2",), "Rome\tB-LOC\n", r"expected a column 2 in line 1\. Received: 'Rome\\tB-LOC'"),
        ("columns", (), "Rome\n", r"expected the number of a column\. Received: \(\)"),
        ("columns", ("x",), "Rome\n", r"expected the number of a column"),
        ("zip-text", ("*.txt",), "no archive", r"expected a zip archive\. Received: "),
        ("zip-json", ("t",), b"PK\x03\x04", r"expected a zip archive\. Received: "),
    ],
)
def test_read_text_names_the_file_that_is_wrong(
    tmp_path: Path, format: str, fields: tuple[str, ...], content: str | bytes, says: str
) -> None:
    with pytest.raises(TextFormatError, match=rf"file: {says}"):
        list(read_text(written(tmp_path, "file", content), format, fields))


def test_formats_are_all_tried_above() -> None:
    tried = {"text", "sgml", "wikiextractor", "zip-text", "zip-json", "json", "json-lines", "openiti", "csv", "columns"}
    assert set(FORMATS) == tried
