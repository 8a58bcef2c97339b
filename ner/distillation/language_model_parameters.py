"""The `language_models` section of params.yaml: what is read, and by the network of which run. No Keras here."""

from typing import Self

from pydantic import Field, model_validator

from ner.core.errors import NerError
from ner.core.params import Name, Params, Seed


class LanguageModelError(NerError):
    """There is nothing to read, or nothing is learnt from it."""


class LanguageModelTraining(Params):
    """What is guessed, how long and how fast."""

    seed: Seed
    frequent: int = Field(ge=0, le=1_000_000, description="words that are a class each")
    classes: int = Field(ge=1, le=100_000, description="of all others")
    epochs: int = Field(ge=1, le=1000)
    batch_size: int = Field(ge=1, le=10_000, description="sentences of one length")
    learning_rate: float = Field(ge=1e-7, le=1, description="at the first step; it falls to 0 as a cosine")
    clip_norm: float = Field(ge=0, le=1e6, description="of the gradient over all weights; 0: no limit")
    dropout: float = Field(ge=0, le=0.9, description="of numbers of the word vectors")


class LanguageModelParams(Params):
    """A network of which only the context has learnt anything, `models/<name>`, for runs to name as their base."""

    corpus: Name = Field(description="of the run")
    run: Name = Field(description="it is built as the network of this run is")
    network: Name = Field(description="that of the run")
    embeddings: tuple[Name, ...] = Field(description="that the network reads: those of the run")
    text: Name = Field(description="one of these that is trained here: the text that it is trained on")
    shortest: int = Field(ge=1, le=1000, description="tokens of a sentence")
    longest: int = Field(ge=1, le=1000, description="tokens of a sentence")
    validation_every: int = Field(ge=2, le=1_000_000, description="of so many sentences one is held out, to measure on")
    training: LanguageModelTraining

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.longest < self.shortest:
            raise ValueError(f"longest: expected {self.shortest} or more. Received: {self.longest}")
        return self
