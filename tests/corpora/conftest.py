"""Entries of params.yaml for a corpus of each format."""

import pytest

from ner.core.source_files import SourceFile
from ner.corpora.catalogue import CorpusParams, TagParams
from ner.corpora.conll import Columns
from ner.corpora.formats import FORMATS
from ner.corpora.mentions import MentionParams
from ner.corpora.partition import SplitParams


@pytest.fixture(scope="session")
def corpora() -> dict[str, CorpusParams]:
    """Map each format to a corpus in UTF-8 with a train file only; its tags are IOB2, and all faults are errors."""
    settings = {
        "columns": Columns(token=0, tag=-1),
        "tags": TagParams(scheme="IOB2", invalid="error"),
        "mentions": MentionParams(misfit="error"),
    }
    return {
        name: CorpusParams(
            language="en",
            format=name,
            encoding="utf-8",
            deduplicate=False,
            tokens="punctuation",
            files={"train": SourceFile(path="corpus.txt", sha256="0" * 64)},
            split=SplitParams(seed=1, dev=0.1, test=0.1),
            **{key: settings[key] for key in row.settings},
        )
        for name, row in FORMATS.items()
    }
