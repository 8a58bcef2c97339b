"""The `corpora` section of params.yaml: where each corpus comes from, the format of its files, how it is split."""

from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ner.core.params import OneOf, Params
from ner.core.source_files import SourceFile
from ner.core.tagscheme import SCHEMES
from ner.corpora.conll import Columns
from ner.corpora.formats import FORMATS
from ner.corpora.mentions import MentionParams
from ner.corpora.partition import SPLITS, SplitParams
from ner.text.tokenizer import PATTERNS


class TagParams(Params):
    """How the tags of a corpus are read, for formats that have tags."""

    scheme: Annotated[str, OneOf(SCHEMES)]
    invalid: Literal["error", "repair"] = Field(
        description="for tags that the scheme does not allow; repair: read them as conlleval does, and count them"
    )


class CorpusParams(Params):
    """One corpus: `files` are the published splits, train and maybe dev and test; `split` cuts the rest from train."""

    language: str = Field(description="ISO 639-1 code")
    format: Annotated[str, OneOf(FORMATS)] = Field(
        description="format of the files; it decides which of the keys columns, tags and mentions are required"
    )
    encoding: str = Field(description="name of a Python encoding, such as utf-8")
    deduplicate: bool = Field(
        description="of sentences with the same tokens in a file, keep only the first; done before splitting"
    )
    tokens: Annotated[str, OneOf(PATTERNS)] = Field(
        description="how taggers trained on it tokenize raw text: punctuation splits at every punctuation mark, "
        "words only around words"
    )
    files: dict[str, SourceFile]
    split: SplitParams | None = None
    columns: Columns | None = None
    tags: TagParams | None = None
    mentions: MentionParams | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            b"a".decode(self.encoding)
        except (LookupError, ValueError):
            expected = "one that Python knows, in which a letter is a byte"
            raise ValueError(f"encoding: expected {expected}. Received: {self.encoding!r}") from None
        for name in ("columns", "tags", "mentions"):
            needed, received = name in FORMATS[self.format].settings, getattr(self, name)
            if needed != (received is not None):
                expected = f"{'keys' if needed else 'none'} for format {self.format}"
                raise ValueError(f"{name}: expected {expected}. Received: {received}")
        if self.mentions and self.tokens != "punctuation":
            raise ValueError(f"tokens: expected punctuation, by which mentions are cut. Received: {self.tokens!r}")
        if "train" not in self.files or not set(self.files) <= set(SPLITS):
            raise ValueError(f"files: expected train, and dev and test if published. Received: {list(self.files)}")
        if len({PurePosixPath(file.path).name for file in self.files.values()}) < len(self.files):
            received = [file.path for file in self.files.values()]
            raise ValueError(f"files: expected distinct file names. Received: {received}")
        for name in SPLITS[1:]:
            share = getattr(self.split, name) if self.split else 0
            if (name in self.files) == (share > 0):
                expected = "0, since files has it" if name in self.files else f"above 0, since files has no {name}"
                raise ValueError(f"split.{name}: expected {expected}. Received: {share}")
        return self
