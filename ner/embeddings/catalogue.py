"""The `embeddings` section of params.yaml: sources of published vectors and clusters, and settings of trained ones."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, RootModel, model_validator

from ner.core.normalisation import STEPS
from ner.core.params import Name, OneOf, Params, Seed, build
from ner.core.source_files import SourceFile
from ner.text.tokenizer import PATTERNS


class _Embedding(Params):
    corpora: tuple[Name, ...] = Field(
        min_length=1,  # dvc.yaml names the first and the last as dependencies
        max_length=2,
        description="corpora whose coverage is reported; their dev and test sentences are kept out of training text",
    )
    file: SourceFile


class _Words(_Embedding):
    normalisation: tuple[Annotated[str, OneOf(STEPS)], ...] = Field(
        description="how the embedding's words are normalised; tokens are normalised alike before they are looked up"
    )


class EncoderFileParams(_Embedding):
    """A pretrained encoder (Devlin et al. 2019) in a folder or a zip archive, such as a Python package."""

    kind: Literal["encoder"]
    member: str | None = Field(default=None, description="of an archive: the folder that holds it, or the one file")


class PublishedParams(_Words):
    """Published pre-trained vectors, in a plain, .gz or .zip file."""

    kind: Literal["published"]
    format: Literal["glove", "word2vec-text", "word2vec-binary"] = Field(description="fastText's .vec is word2vec-text")
    dimensions: int = Field(ge=1, le=10_000)
    bad_lines: Literal["error", "skip"] = Field(description="skip: leave malformed lines out and count them")
    member: str | None = Field(default=None, description="which file of a zip archive; needed if it has several")


class ClusterFileParams(_Words):
    """Published word clusters: each line a bit string, a word and its count, separated by tabs."""

    kind: Literal["clusters"]
    bad_lines: Literal["error", "skip"] = Field(description="skip: leave malformed lines out and count them")
    member: str | None = Field(default=None, description="which file of a zip archive; needed if it has several")


class SubwordParams(Params):
    """Character n-grams of fastText, whose vectors are added to those of words (Bojanowski et al. 2017)."""

    shortest: int = Field(ge=1, le=20, description="length of the shortest n-grams, in characters")
    longest: int = Field(ge=1, le=20, description="length of the longest n-grams, in characters")
    buckets: int = Field(ge=1, le=10_000_000, description="number of vectors to which n-grams are hashed")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.longest < self.shortest:
            raise ValueError(f"longest: expected {self.shortest} or more. Received: {self.longest}")
        return self


class TrainedParams(_Words):
    """Vectors trained here (Mikolov et al. 2013); `file` is the manifest of the training text (`manifest.py`)."""

    kind: Literal["word2vec", "fasttext"]
    tokens: Annotated[str, OneOf(PATTERNS)] = Field(description="how the text is tokenized")
    architecture: Literal["skip-gram", "cbow"]
    dimensions: int = Field(ge=1, le=10_000)
    window: int = Field(ge=1, le=100, description="context tokens on either side of a word")
    min_count: int = Field(ge=1, le=100_000, description="rarer words have no vector of their own")
    negative: int = Field(ge=1, le=100, description="negative samples per word")
    sample: float = Field(ge=0, le=1, description="words more frequent than this share are subsampled")
    learning_rate: float = Field(ge=1e-6, le=1, description="initial value; it falls linearly to a thousandth of it")
    epochs: int = Field(ge=1, le=1000)
    seed: Seed
    workers: int = Field(ge=1, le=256, description="threads; 1 gives the same bytes each time, more are faster")
    subwords: SubwordParams | None = Field(default=None, description="only for kind fasttext, which needs them")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.subwords is None) == (self.kind == "fasttext"):
            raise ValueError(f"subwords: expected for fasttext alone. Received: {self.subwords}")
        return self


EmbeddingParams = Annotated[
    PublishedParams | ClusterFileParams | TrainedParams | EncoderFileParams, Field(discriminator="kind")
]


def build_embedding(value: Any, key: str) -> PublishedParams | ClusterFileParams | TrainedParams | EncoderFileParams:
    """Validate an entry as the model of its `kind`; raise ParamsError as `build` does."""
    return build(RootModel[EmbeddingParams], value, key).root
