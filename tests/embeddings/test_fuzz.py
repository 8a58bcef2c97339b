"""Fuzzing of the readers with random bytes and damaged files: something is read, or one named error says why not.

NER_FUZZ multiplies the number of examples, as in tests/corpora/test_fuzz.py.
"""

import gzip
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.embeddings.clusters import read_clusters
from ner.embeddings.manifest import ManifestError, read_manifest
from ner.embeddings.packed import EmbeddingFileError
from ner.embeddings.texts import FORMATS, TextFormatError, read_text
from ner.embeddings.vector_files import store_vectors
from ner.features.embedding_files import Vectors, read_embedding
from tests.fuzzing import examples, zipped

PIECES = [
    *(
        b"\0",
        b"\r",
        b"\n",
        b"\r\n",
        b"\t",
        b" ",
        b"  ",
        b"\x85",
        b"\xff",
        b"\xc2\xa0",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xa8",
    ),
    *(b"nan", b"inf", b"1e999", b"1_0", b"-0", b"\xd9\xa1", b"9" * 5000, b"4294967296", b'"', b"[" * 2000, b"\\ud800"),
    *(b"<BODY>", b"</BODY>", b"<doc ", b"&#xD800;", b"&#9999999999;", b"{", b"null"),
]
GLOVE = b"the 0.5 -1 2e-1\n\xc3\x89va 1 2 3\nRome 4 5 6\n"
BINARY = b"2 3\n" + b"".join(word + b" " + struct.pack("<3f", 1, 2, 3) + b"\n" for word in (b"the", b"Rome"))
CLUSTERS = b"0000\tRome\t5\n0001\tOslo\t70\n1\tsaid\t5\n"
MANIFEST = b"path\tbytes\tsha256\tformat\tfields\turl\na.csv\t1\t" + b"0" * 64 + b"\tcsv\ta,b\thttps://example.org/a\n"
JSON = b'[{"a": "one", "b": ["two", "three"]}]'
TEXTS: dict[str, tuple[tuple[str, ...], bytes]] = {
    "text": ((), b"one\ntwo\n"),
    "sgml": (("BODY",), b"<BODY>one &lt; two\n   three</BODY>"),
    "wikiextractor": ((), b'<doc id="1">\none &amp; two <br>\n</doc>\n'),
    "zip-text": (("*",), b"one\n"),
    "zip-json": (("a", "b"), JSON),
    "json": (("a", "b"), JSON),
    "json-lines": (("a", "b"), b'{"a": "one", "b": ["two"]}\n{"a": "three", "b": ""}\n'),
    "openiti": ((), b"{}\n#META#Header#End#\none\n\n# | two\n\nthree\nfour\n"),
    "csv": (("a", "b"), b'a,b\none,"two, ""three"""\n'),
    "columns": (("1",), b"1\tone\n2\ttwo\n\n1\tthree\n"),
}


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Draw a damaged copy of `content`: a few bytes are deleted, inserted, changed, doubled or cut off."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 12)))
        piece = draw(st.sampled_from(PIECES) | st.binary(min_size=1, max_size=4))
        match draw(st.sampled_from(["delete", "insert", "change", "double", "cut"])):
            case "delete":
                content = content[:start] + content[end:]
            case "insert":
                content = content[:start] + piece + content[start:]
            case "change":
                content = content[:start] + piece + content[start + 1 :]
            case "double":
                content = content[:end] + content[start:]
            case "cut":
                content = content[:start]
    return content


def any_of(content: bytes) -> st.SearchStrategy[bytes]:
    return st.one_of(damaged(content), damaged(content), st.binary(max_size=100))


def check_message(error: Exception, path: Path) -> None:
    assert re.match(rf"{re.escape(str(path))}(:\d+)?: .*expected .+ Received: .", str(error)), str(error)
    assert len(str(error).splitlines()) == 1, str(error)


@pytest.mark.parametrize("bad_lines", ["error", "skip"])
@pytest.mark.parametrize("packing", ["txt", "gz", "zip"])
@pytest.mark.parametrize(
    ("format", "whole"), [("glove", GLOVE), ("word2vec-text", b"3 3\n" + GLOVE), ("word2vec-binary", BINARY)]
)
@examples(40)
@given(data=st.data())
def test_store_vectors_takes_any_bytes_or_says_why_not(
    tmp_path: Path,
    params: Callable[..., Any],
    format: str,
    whole: bytes,
    packing: str,
    bad_lines: str,
    data: st.DataObject,
) -> None:
    pack = {"txt": bytes, "gz": gzip.compress, "zip": zipped}[packing]
    content = data.draw(any_of(pack(whole)) | any_of(whole).map(pack))
    path = tmp_path / f"vectors.{packing}"
    path.write_bytes(content)
    try:
        counts = store_vectors(path, tmp_path, params("published", format=format, bad_lines=bad_lines))
    except EmbeddingFileError as error:
        check_message(error, path)
        return
    embedding = read_embedding(tmp_path)
    assert isinstance(embedding, Vectors)
    assert len(set(embedding.words)) == len(embedding.words) == counts["kept"] > 0
    assert embedding.vectors.shape == (counts["kept"], 3)
    assert np.isfinite(embedding.vectors).all()
    assert bad_lines == "skip" or set(counts) == {"kept"}


@pytest.mark.parametrize("bad_lines", ["error", "skip"])
@examples(80)
@given(data=st.data())
def test_read_clusters_takes_any_bytes_or_says_why_not(
    tmp_path: Path, params: Callable[..., Any], bad_lines: str, data: st.DataObject
) -> None:
    path = tmp_path / data.draw(st.sampled_from(["clusters", "clusters.gz"]))
    pack = gzip.compress if path.suffix else bytes
    path.write_bytes(data.draw(any_of(CLUSTERS).map(pack) | any_of(pack(CLUSTERS))))
    try:
        clusters, counts = read_clusters(path, params("clusters", bad_lines=bad_lines))
    except EmbeddingFileError as error:
        check_message(error, path)
        return
    assert len(set(clusters.words)) == counts["kept"] > 0
    assert not [word for word in clusters.words if "\n" in word]


@pytest.mark.parametrize("format", FORMATS)
@examples(80)
@given(data=st.data())
def test_read_text_takes_any_bytes_or_says_why_not(tmp_path: Path, format: str, data: st.DataObject) -> None:
    fields, whole = TEXTS[format]
    pack = zipped if format.startswith("zip") else bytes
    (tmp_path / "text").write_bytes(data.draw(any_of(whole).map(pack) | any_of(pack(whole))))
    try:
        lines = list(read_text(tmp_path / "text", format, fields))
    except TextFormatError as error:
        check_message(error, tmp_path / "text")
        return
    assert not [line for line in lines if not line.strip() or "\n" in line]


@examples(150)
@given(content=any_of(MANIFEST))
def test_read_manifest_takes_any_bytes_or_says_why_not(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "texts.tsv").write_bytes(content)
    try:
        assert read_manifest(tmp_path / "texts.tsv")
    except ManifestError as error:
        check_message(error, tmp_path / "texts.tsv")
