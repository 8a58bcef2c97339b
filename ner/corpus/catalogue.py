"""The `corpora` section of params.yaml: where each corpus comes from, how its files are written, how it is split."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from ner.params import one_of, within

FORMATS = ("conll", "kaggle-csv", "pubtator")
SPLITS = ("train", "dev", "test")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class SourceFile:
    """One published file. Without `urls` it is a local file, and `path` starts at the project's top."""

    path: str  # below the mirror, if NER_MIRROR names one
    sha256: str
    urls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"sha256: expected 64 hexadecimal digits. Received: {self.sha256!r}")
        for url in self.urls:
            address = urlsplit(url)
            if address.scheme != "https" and not (address.scheme == "http" and address.hostname in _LOOPBACK):
                raise ValueError(f"urls: expected addresses that begin with https://. Received: {url!r}")


@dataclass(frozen=True)
class Columns:
    """Which column of a line holds what, counted from 0; negative numbers count from the last, -1."""

    token: int
    tag: int


@dataclass(frozen=True)
class SplitParams:
    """Shares of the sentences that are cut off at random, by a seed, as dev and test; the rest is train."""

    seed: int
    dev: float
    test: float

    def __post_init__(self) -> None:
        within("dev", self.dev, 0, 0.5)
        within("test", self.test, 0, 0.5)


@dataclass(frozen=True)
class CorpusParams:
    """One corpus: `files` holds train, dev and test as far as published; `split` cuts the others from train."""

    language: str  # ISO 639-1
    format: str
    encoding: str
    scheme: str  # the tag scheme of the files
    repair: bool  # read tags that the scheme forbids as conlleval does, and count them; else they are an error
    deduplicate: bool  # keep the first of sentences with the same tokens, before splitting
    files: Mapping[str, SourceFile]
    split: SplitParams | None = None
    columns: Columns | None = None  # of format conll

    def __post_init__(self) -> None:
        one_of("format", self.format, FORMATS)
        one_of("scheme", self.scheme, ("IOB1", "IOB2"))
        if (self.columns is None) == (self.format == "conll"):
            raise ValueError(f"columns: expected for format conll, and for no other. Received: {self.columns}")
        if "train" not in self.files or not set(self.files) <= set(SPLITS):
            raise ValueError(f"files: expected train, and dev and test if published. Received: {', '.join(self.files)}")
        if len({PurePosixPath(file.path).name for file in self.files.values()}) < len(self.files):
            raise ValueError(f"files: expected distinct file names. Received: {[file.path for file in self.files.values()]}")
        for name in SPLITS[1:]:
            share = getattr(self.split, name) if self.split else 0
            if (name in self.files) == (share > 0):
                wanted = "0, since files has it" if name in self.files else f"above 0, since files has no {name}"
                raise ValueError(f"split.{name}: expected {wanted}. Received: {share}")
