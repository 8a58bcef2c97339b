"""The `embeddings` section of params.yaml: where vectors and clusters come from, or the text that they are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ner.core.normalisation import STEPS
from ner.core.params import ParamsError, build, one_of, within
from ner.core.source_files import SourceFile
from ner.text.tokenizer import PATTERNS

FORMATS = ("glove", "word2vec-text", "word2vec-binary")  # fastText's .vec is word2vec-text
BAD_LINES = ("error", "skip")


@dataclass(frozen=True)
class PublishedParams:
    """Vectors that others trained."""

    kind: str  # published
    corpora: tuple[str, ...]  # whose coverage is reported
    normalisation: tuple[str, ...]  # how the words of the file were normalised: lowercase, digits, arabic
    file: SourceFile  # .gz, .zip or plain
    format: str  # glove, word2vec-text or word2vec-binary
    dimensions: int
    bad_lines: str  # error, or skip: leave the line out and count it
    member: str | None = None  # of a zip archive of several files

    def __post_init__(self) -> None:
        _check(self.corpora, self.normalisation)
        one_of("format", self.format, FORMATS)
        within("dimensions", self.dimensions, 1, 10_000)
        one_of("bad_lines", self.bad_lines, BAD_LINES)


@dataclass(frozen=True)
class ClusterFileParams:
    """Word clusters as others made them: a bit string, a word and its count a line, with tabs between."""

    kind: str  # clusters
    corpora: tuple[str, ...]  # whose coverage is reported
    normalisation: tuple[str, ...]  # how the words of the file were normalised: lowercase, digits, arabic
    file: SourceFile  # .gz, .zip or plain
    bad_lines: str  # error, or skip: leave the line out and count it
    member: str | None = None  # of a zip archive of several files

    def __post_init__(self) -> None:
        _check(self.corpora, self.normalisation)
        one_of("bad_lines", self.bad_lines, BAD_LINES)


@dataclass(frozen=True)
class SubwordParams:
    """fastText adds to a word's vector those of its character n-grams (Bojanowski et al. 2017)."""

    shortest: int  # characters of an n-gram
    longest: int
    buckets: int  # n-grams are hashed to so many vectors

    def __post_init__(self) -> None:
        within("shortest", self.shortest, 1, 20)
        within("longest", self.longest, self.shortest, 20)
        within("buckets", self.buckets, 1, 10_000_000)


@dataclass(frozen=True)
class TrainedParams:
    """Vectors trained here (Mikolov et al. 2013)."""

    kind: str  # word2vec or fasttext
    corpora: tuple[str, ...]  # whose dev and test sentences may not be in the text, and whose coverage is reported
    normalisation: tuple[str, ...]  # of the text's tokens: lowercase, digits, arabic
    file: SourceFile  # the manifest of the text, ner/embeddings/manifest.py
    tokens: str  # how the text is cut: words or punctuation, ner/text/tokenizer.py
    architecture: str  # skip-gram or cbow
    dimensions: int
    window: int  # tokens to either side
    min_count: int  # rarer words have no vector of their own
    negative: int  # words drawn at random a word seen
    sample: float  # words more frequent than this share are passed over at random
    learning_rate: float  # at first; it falls to a thousandth
    epochs: int
    seed: int
    workers: int  # 1 gives identical bytes; more are faster
    subwords: SubwordParams | None = None  # fasttext has them, word2vec has not

    def __post_init__(self) -> None:
        _check(self.corpora, self.normalisation)
        one_of("tokens", self.tokens, PATTERNS)
        one_of("architecture", self.architecture, ("skip-gram", "cbow"))
        if (self.subwords is None) == (self.kind == "fasttext"):
            raise ValueError(f"subwords: expected for fasttext alone. Received: {self.subwords}")
        within("dimensions", self.dimensions, 1, 10_000)
        within("window", self.window, 1, 100)
        within("min_count", self.min_count, 1, 100_000)
        within("negative", self.negative, 1, 100)
        within("sample", self.sample, 0, 1)
        within("learning_rate", self.learning_rate, 1e-6, 1)
        within("epochs", self.epochs, 1, 1000)
        within("seed", self.seed, 0, 2**32 - 1)
        within("workers", self.workers, 1, 256)


EmbeddingParams = PublishedParams | ClusterFileParams | TrainedParams
KINDS: Mapping[str, type[EmbeddingParams]] = {
    "published": PublishedParams,
    "word2vec": TrainedParams,
    "fasttext": TrainedParams,
    "clusters": ClusterFileParams,
}


def build_embedding(value: Any, key: str) -> EmbeddingParams:
    """The record of the entry's kind.

    Raises:
        ParamsError: there is no such kind, or as `build` says.
    """
    if not isinstance(value, Mapping) or value.get("kind") not in tuple(KINDS):
        received = value.get("kind") if isinstance(value, Mapping) else value
        raise ParamsError(f"{key}.kind: expected one of {', '.join(KINDS)}. Received: {received!r}")
    return build(KINDS[value["kind"]], value, key)


def _check(corpora: tuple[str, ...], normalisation: tuple[str, ...]) -> None:
    if not 1 <= len(corpora) <= 2:  # dvc.yaml names the first and the last as dependencies
        raise ValueError(f"corpora: expected one or two names. Received: {list(corpora)}")
    for step in normalisation:
        one_of("normalisation", step, STEPS)
