"""Sources of files: which paths are refused."""

import pytest

from ner.core.params import ParamsError, build
from ner.core.source_files import SourceFile

ENTRY = {"path": "corpus/train.txt", "sha256": "0" * 64}
OUTSIDE = ["", ".", "./.", "..", "corpus/..", "corpus/../..", "../corpus", "/corpus", "//corpus", "a\0b", "a\nb"]


@pytest.mark.parametrize("path", ["train.txt", "./train.txt", "corpus/train.txt", "corpus/", "..train", "new york.txt"])
def test_path_is_below_the_top(path: str) -> None:
    assert build(SourceFile, ENTRY | {"path": path}).path == path


@pytest.mark.parametrize("path", OUTSIDE)
def test_path_that_leaves_or_names_the_top_is_refused(path: str) -> None:
    with pytest.raises(ParamsError, match=r"^corpora\.mine\.path: expected the path of a file .* Received: '") as error:
        build(SourceFile, ENTRY | {"path": path}, "corpora.mine")
    assert str(error.value).endswith(repr(path))


@pytest.mark.parametrize("file", [*OUTSIDE, "a/b"])
def test_files_of_a_directory_are_names(file: str) -> None:
    with pytest.raises(ParamsError, match=r"^files: expected names of files. Received: '"):
        build(SourceFile, ENTRY | {"urls": ["https://example.org/encoder"], "files": [file]})
