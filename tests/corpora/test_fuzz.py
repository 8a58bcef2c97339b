"""Fuzzing of the readers with random bytes and damaged files: each gives sentences that can be written, or one error.

NER_FUZZ multiplies the number of examples: `NER_FUZZ=50 python -m pytest tests/corpora/test_fuzz.py`.
"""

import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.core.sentence_files import read_sentences, write_sentences
from ner.core.tagscheme import SCHEMES, violations
from ner.corpora.catalogue import CorpusParams, TagParams
from ner.corpora.formats import FORMATS
from ner.corpora.lines import MOST_SHOWN, CorpusFormatError
from ner.corpora.mentions import MentionParams
from ner.corpora.reading import SplitRead, read_split
from tests.fuzzing import examples, zipped

WHOLE = {
    "conll": (
        "-DOCSTART- -X- O O\n\nÉva NNP I-NP B-PER\nNagy NNP I-NP I-PER\nsaw VBD I-VP O\nOslo NNP I-NP B-LOC\n"
        ". . O O\n\nRain NN I-NP O\nin IN O O\nRome NNP I-NP B-LOC\n"
    ),
    "kaggle-csv": (
        'Sentence #,Word,POS,Tag\r\nSentence: 1,Éva,NNP,B-per\r\n,said,VBD,O\r\n,"""",``,O\r\n,",",",",O\r\n'
        "Sentence: 2,None,NN,O\r\n,Oslo,NNP,B-geo\r\n,Fjord,NNP,I-geo\r\n"
    ),
    "jsonl-tokens": (
        '{"tokens": ["Éva", "Nagy", "saw", "Oslo"], "tags": ["B-PER", "I-PER", "O", "B-LOC"]}\n\n'
        '{"id": 7, "tokens": ["\\u00c9va", "\\ud83d\\ude00"], "ner_tags": ["B-PER", "O"]}\n'
    ),
    "jsonl-spans": (
        '{"text": "Éva saw Oslo. Rain fell.", "entities": [[0, 3, "PER"], [8, 12, "LOC"]]}\n'
        '{"text": "Rain in \\u00c5s.", "spans": [{"start": 8, "end": 10, "label": "LOC"}]}\n'
        '{"text": "Nora", "label": [{"start_offset": 0, "end_offset": 4, "label": "PER"}]}\n'
    ),
    "pubtator": (
        "7|t|Éva and pain.\n7|a|Mice eased | slowly. Rash.\n7\t8\t12\tpain\tDisease\tD1\n7\t35\t39\tRash\tDisease\tD2\n"
        "7\tCID\tD1\tD2\n\n8|t|Pain\n8|a|\n8\t0\t4\tPain\tDisease\tD1\n"
    ),
}
PIECES = [
    *(b"\0", b"\r", b"\n", b"\n\n", b"\r\n", b"\t", b" ", b"\x1c", b"\x0b"),
    *(b'"', b"\\", b",", b"|", b"-", b"{", b"}", b"[", b"]", b":", b"[" * 2_000),
    *(b"O", b"I-", b"B-", b"B-PER", b"I-LOC", b"OO", b"-DOCSTART-", b"7|t|", b"Sentence: 1"),
    *(b"\xef\xbb\xbf", b"\xff", b"\x85", b"\xa0", b"\xc2\xa0", b"\xc3", b"\xcc\x81"),
    *(b"\xe2\x80\xa8", b"\xe2\x80\x8f", b"\xf0\x9f\x98\x80", b"+AGE-", b"+2AA-"),
    *(b"\\ud800", b"\\udc00", b"\\u0000", b"\\n", b"\\u2028"),
    *(b"0", b"-1", b"1e999", b"NaN", b"null", b"true", b"9" * 5_000),
    *(b"x" * 2_000, b"x " * 20),
]
# Encodings that params.yaml may name, and encodings that a file may really have; params.yaml can't name UTF-16.
ENCODINGS = st.sampled_from(["utf-8", "utf-8", "cp1252", "utf-7", "shift_jis"])
WRITTEN_IN = st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8", "cp1252", "utf-16"])
COMPRESSIONS = st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])


@st.composite
def edits(draw: st.DrawFn, content: bytes, most: int = 5) -> bytes:
    """Draw a damaged copy of `content`: a few bytes or lines are deleted, inserted, changed, swapped or doubled."""
    for _ in range(draw(st.integers(1, most))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 12)))
        lines = content.splitlines(keepends=True) or [b""]
        one, two = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        match draw(st.sampled_from(["delete", "insert", "insert", "change", "double", "swap", "cut", "line", "copy"])):
            case "delete":
                content = content[:start] + content[end:]
            case "insert":
                piece = draw(st.sampled_from(PIECES) | st.binary(min_size=1, max_size=4))
                content = content[:start] + piece + content[start:]
            case "change":
                content = content[:start] + draw(st.binary(min_size=1, max_size=2)) + content[start + 1 :]
            case "double":
                content = content[:end] + content[start:]
            case "swap":
                lines[one], lines[two] = lines[two], lines[one]
                content = b"".join(lines)
            case "cut":
                content = content[:start]
            case "line":
                del lines[one]
                content = b"".join(lines)
            case "copy":
                lines.insert(one, lines[two])
                content = b"".join(lines)
    return content


@st.composite
def damaged(draw: st.DrawFn, name: str) -> bytes:
    return draw(edits(WHOLE[name].encode(draw(WRITTEN_IN), "replace")))


def variants(corpus: CorpusParams, scheme: str) -> list[CorpusParams]:
    """List two settings of a corpus: one that refuses faults, and one that repairs or drops them."""
    if corpus.tags:
        return [corpus.replace(tags=TagParams(scheme=scheme, invalid=invalid)) for invalid in ("error", "repair")]
    return [corpus.replace(mentions=MentionParams(misfit=misfit)) for misfit in ("error", "drop")]


def check(path: Path, corpus: CorpusParams) -> SplitRead | None:
    """Check that the reader gives sentences that can be written and read back, or errors, each a line with the path."""
    try:
        split = read_split(path, corpus)
    except CorpusFormatError as error:
        message = str(error)
    else:
        message = ""
    if message:
        *lines, last = message.splitlines()
        if not re.fullmatch(r"and \d+ more errors", last):
            lines.append(last)
        assert len(lines) <= MOST_SHOWN
        for line in lines:
            assert re.match(rf"{re.escape(str(path))}:\d+: expected .+ Received: .", line), message
        return None
    write_sentences(path.with_name("kept"), split.sentences)
    assert read_sentences(path.with_name("kept")) == split.sentences != []
    assert not [wrong for sentence in split.sentences for wrong in violations(sentence.tags, "IOB2")]
    return split


def check_both(path: Path, content: bytes, corpus: CorpusParams, scheme: str) -> None:
    """Check that a file that is valid by the strict settings gives the same sentences by the lenient ones."""
    path.write_bytes(content)
    strict, lenient = (check(path, variant) for variant in variants(corpus, scheme))
    if strict is not None:
        assert strict == lenient
        assert (strict.repaired, strict.dropped) == ({}, {})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.mark.parametrize("name", FORMATS)
def test_read_split_reads_the_files_that_are_damaged_below(
    name: str, folder: Path, corpora: dict[str, CorpusParams]
) -> None:
    path = folder / "corpus"
    path.write_text(WHOLE[name], encoding="utf-8", newline="")
    assert check(path, corpora[name]) is not None


@pytest.mark.parametrize("name", FORMATS)
@examples(40)
@given(content=st.binary(max_size=200), encoding=ENCODINGS, scheme=st.sampled_from(list(SCHEMES)))
def test_read_split_takes_any_bytes_or_says_why_not(
    name: str, folder: Path, corpora: dict[str, CorpusParams], content: bytes, encoding: str, scheme: str
) -> None:
    check_both(folder / "corpus", content, corpora[name].replace(encoding=encoding), scheme)


@pytest.mark.parametrize("name", FORMATS)
@examples(250)
@given(data=st.data(), encoding=ENCODINGS, scheme=st.sampled_from(list(SCHEMES)))
def test_read_split_takes_a_damaged_file_or_says_why_not(
    name: str, folder: Path, corpora: dict[str, CorpusParams], data: st.DataObject, encoding: str, scheme: str
) -> None:
    content = data.draw(damaged(name))
    check_both(folder / "corpus", content, corpora[name].replace(encoding=encoding), scheme)


@pytest.mark.parametrize("name", FORMATS)
@examples(40)
@given(data=st.data(), compression=COMPRESSIONS)
def test_read_split_takes_a_damaged_file_in_an_archive_or_says_why_not(
    name: str, folder: Path, corpora: dict[str, CorpusParams], data: st.DataObject, compression: int
) -> None:
    content = data.draw(damaged(name))
    check_both(folder / "corpus.zip", zipped(content, compression), corpora[name], "IOB2")


@examples(200)
@given(data=st.data(), compression=COMPRESSIONS)
def test_read_split_takes_a_damaged_archive_or_says_why_not(
    folder: Path, corpora: dict[str, CorpusParams], data: st.DataObject, compression: int
) -> None:
    content = data.draw(edits(zipped(WHOLE["conll"].encode(), compression)))
    check_both(folder / "corpus.zip", content, corpora["conll"], "IOB2")
