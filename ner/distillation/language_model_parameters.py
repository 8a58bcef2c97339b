"""Records of the section `language_models` of params.yaml, without Keras."""

from typing import Self

from pydantic import Field, model_validator

from ner.core.errors import NerError
from ner.core.params import Name, Params, Seed


class LanguageModelError(NerError):
    """There is no usable text, or the language models learned nothing from it."""


class LanguageModelTraining(Params):
    """The classes that language models predict, and how they are trained."""

    seed: Seed
    frequent: int = Field(ge=0, le=1_000_000, description="most frequent words, which are a class each")
    classes: int = Field(ge=1, le=100_000, description="k-means classes that all other words share")
    epochs: int = Field(ge=1, le=1000)
    batch_size: int = Field(ge=1, le=10_000, description="sentences of a batch, all of one length")
    learning_rate: float = Field(
        ge=1e-7, le=1, description="learning rate at the first step; it falls to 0 along a cosine"
    )
    clip_norm: float = Field(ge=0, le=1e6, description="largest norm of the gradient over all weights; 0: no limit")
    dropout: float = Field(ge=0, le=0.9, description="rate of dropout on the components of word vectors")


class LanguageModelParams(Params):
    """An entry of `language_models`: a network whose language models alone are trained, for runs to name as `base`.

    It is written to `models/<name>`.
    """

    corpus: Name = Field(description="the corpus of the run")
    run: Name = Field(description="the run whose network and encoder it has")
    network: Name = Field(description="the network of the run")
    embeddings: tuple[Name, ...] = Field(description="the embeddings of the run, which the network reads")
    text: Name = Field(
        description="one of these embeddings that is trained here: the language models are trained on its text"
    )
    shortest: int = Field(ge=1, le=1000, description="tokens of the shortest sentence that is used")
    longest: int = Field(ge=1, le=1000, description="tokens of the longest sentence that is used")
    validation_every: int = Field(
        ge=2, le=1_000_000, description="one in so many sentences is held out, to measure perplexity on"
    )
    training: LanguageModelTraining

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.longest < self.shortest:
            raise ValueError(f"longest: expected {self.shortest} or more. Received: {self.longest}")
        return self
