"""The `embeddings` section of params.yaml: where vectors and clusters come from, or the text that they are made of."""

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
        description="whose coverage is reported; no text that vectors are trained on may hold their dev or test set",
    )
    file: SourceFile


class _Words(_Embedding):
    normalisation: tuple[Annotated[str, OneOf(STEPS)], ...] = Field(description="of the words")


class EncoderFileParams(_Embedding):
    """A pretrained encoder (Devlin et al. 2019) in a folder or a zip archive, such as a Python package."""

    kind: Literal["encoder"]
    member: str | None = Field(default=None, description="of an archive: the folder that holds it, or the one file")


class PublishedParams(_Words):
    """Vectors that others trained, in a file that is plain, .gz or .zip."""

    kind: Literal["published"]
    format: Literal["glove", "word2vec-text", "word2vec-binary"] = Field(description="fastText's .vec is word2vec-text")
    dimensions: int = Field(ge=1, le=10_000)
    bad_lines: Literal["error", "skip"] = Field(description="skip: leave the line out and count it")
    member: str | None = Field(default=None, description="of a zip archive of several files")


class ClusterFileParams(_Words):
    """Word clusters as others made them: a bit string, a word and its count a line, with tabs between."""

    kind: Literal["clusters"]
    bad_lines: Literal["error", "skip"] = Field(description="skip: leave the line out and count it")
    member: str | None = Field(default=None, description="of a zip archive of several files")


class SubwordParams(Params):
    """fastText adds to a word's vector those of its character n-grams (Bojanowski et al. 2017)."""

    shortest: int = Field(ge=1, le=20, description="characters of an n-gram")
    longest: int = Field(ge=1, le=20, description="characters of an n-gram")
    buckets: int = Field(ge=1, le=10_000_000, description="n-grams are hashed to so many vectors")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.longest < self.shortest:
            raise ValueError(f"longest: expected {self.shortest} or more. Received: {self.longest}")
        return self


class TrainedParams(_Words):
    """Vectors trained here (Mikolov et al. 2013); `file` is the manifest of the text, ner/embeddings/manifest.py."""

    kind: Literal["word2vec", "fasttext"]
    tokens: Annotated[str, OneOf(PATTERNS)] = Field(description="how the text is cut")
    architecture: Literal["skip-gram", "cbow"]
    dimensions: int = Field(ge=1, le=10_000)
    window: int = Field(ge=1, le=100, description="tokens to either side")
    min_count: int = Field(ge=1, le=100_000, description="rarer words have no vector of their own")
    negative: int = Field(ge=1, le=100, description="words drawn at random a word seen")
    sample: float = Field(ge=0, le=1, description="words more frequent than this share are passed over at random")
    learning_rate: float = Field(ge=1e-6, le=1, description="at first; it falls to a thousandth")
    epochs: int = Field(ge=1, le=1000)
    seed: Seed
    workers: int = Field(ge=1, le=256, description="1 gives identical bytes; more are faster")
    subwords: SubwordParams | None = Field(default=None, description="fasttext has them, word2vec has not")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.subwords is None) == (self.kind == "fasttext"):
            raise ValueError(f"subwords: expected for fasttext alone. Received: {self.subwords}")
        return self


EmbeddingParams = Annotated[
    PublishedParams | ClusterFileParams | TrainedParams | EncoderFileParams, Field(discriminator="kind")
]


def build_embedding(value: Any, key: str) -> PublishedParams | ClusterFileParams | TrainedParams | EncoderFileParams:
    """Make the model of the entry's kind; raise ParamsError as `build` does."""
    return build(RootModel[EmbeddingParams], value, key).root
