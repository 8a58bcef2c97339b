"""Corpus entries of params.yaml: every contradiction is an error that says what was expected and what came."""

import re
from typing import Any

import pytest

from ner.core.source_files import SourceFile
from ner.core.tagscheme import SCHEMES
from ner.corpora.catalogue import CorpusParams, TagParams
from ner.corpora.conll import Columns
from ner.corpora.formats import FORMATS
from ner.corpora.mentions import MentionParams
from ner.corpora.partition import SplitParams

SETTINGS = {
    "columns": Columns(token=0, tag=1),
    "tags": TagParams(scheme="IOB1", invalid="repair"),
    "mentions": MentionParams(misfit="drop"),
}


def files(**paths: str) -> dict[str, SourceFile]:
    return {split: SourceFile(path=path, sha256="0" * 64) for split, path in paths.items()}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("invalid", ["error", "repair"])
def test_tag_params_take_every_scheme(scheme: str, invalid: str) -> None:
    assert TagParams(scheme=scheme, invalid=invalid).scheme == scheme


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("key", SETTINGS)
def test_corpus_params_want_exactly_the_settings_of_their_format(
    name: str, key: str, corpora: dict[str, CorpusParams]
) -> None:
    needed = key in FORMATS[name].settings
    expected = f"{key}: expected {'keys' if needed else 'none'} for format {name}. Received: "
    with pytest.raises(ValueError, match=re.escape(expected)):
        corpora[name].replace(**{key: None if needed else SETTINGS[key]})


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf-8-sig", "cp1252", "latin-1", "cp1256", "shift_jis"])
def test_corpus_params_take_an_encoding_by_any_name(encoding: str, corpora: dict[str, CorpusParams]) -> None:
    assert corpora["conll"].replace(encoding=encoding).encoding == encoding


@pytest.mark.parametrize(
    "encoding",
    ["utf-9", "", "utf-16", "utf-16-le", "utf-32", "rot13", "base64", "zlib", "undefined", "utf-8\0"],
    ids=ascii,
)
def test_corpus_params_refuse_an_encoding_that_lines_cannot_have(
    encoding: str, corpora: dict[str, CorpusParams]
) -> None:
    with pytest.raises(ValueError, match=f"encoding: expected .*{re.escape(f'Received: {encoding!r}')}"):
        corpora["conll"].replace(encoding=encoding)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"files": {}}, r"files: expected train, .* Received: \[\]"),
        ({"files": files(test="a")}, r"files: expected train, .* Received: \['test'\]"),
        ({"files": files(train="a", valid="b")}, r"files: expected train, .* Received: \['train', 'valid'\]"),
        ({"files": files(train="x/a", dev="y/a")}, r"files: expected distinct file names. Received: \['x/a', 'y/a'\]"),
        ({"files": files(train="a", dev="b")}, r"split.dev: expected 0, since files has it. Received: 0\.1"),
        ({"files": files(train="a", test="b")}, r"split.test: expected 0, since files has it. Received: 0\.1"),
        ({"split": None}, "split.dev: expected above 0, since files has no dev. Received: 0"),
        ({"split": None, "files": files(train="a", dev="b")}, "split.test: expected above 0, .* Received: 0"),
        ({"split": SplitParams(seed=1, dev=0, test=0.1)}, "split.dev: expected above 0, .* Received: 0"),
    ],
)
def test_corpus_params_refuse_what_cannot_be(
    changes: dict[str, Any], message: str, corpora: dict[str, CorpusParams]
) -> None:
    with pytest.raises(ValueError, match=message):
        corpora["conll"].replace(**changes)


@pytest.mark.parametrize(
    ("published", "split"),
    [
        (files(train="a", dev="b", test="c"), None),
        (files(train="a", dev="b", test="c"), SplitParams(seed=1, dev=0, test=0)),
        (files(train="a", test="c"), SplitParams(seed=1, dev=0.1, test=0)),
        (files(train="a", dev="b"), SplitParams(seed=1, dev=0, test=0.1)),
    ],
    ids=["all published", "and nothing cut", "dev cut", "test cut"],
)
def test_corpus_params_take_each_split_from_one_place(
    published: dict[str, SourceFile], split: SplitParams | None, corpora: dict[str, CorpusParams]
) -> None:
    assert corpora["conll"].replace(files=published, split=split).split == split
