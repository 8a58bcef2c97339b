"""The `language_models` section of params.yaml: what is read, and by the network of which run. No Keras here."""

from dataclasses import dataclass

from ner.core.params import within


class LanguageModelError(ValueError):
    """There is nothing to read, or nothing is learnt from it."""


@dataclass(frozen=True)
class LanguageModelTraining:
    """What is guessed, how long and how fast."""

    seed: int
    frequent: int  # words that are a class each
    classes: int  # of all others
    epochs: int
    batch_size: int  # sentences of one length
    learning_rate: float  # at the first step; it falls to 0 as a cosine
    clip_norm: float  # of the gradient over all weights; 0: no limit
    dropout: float  # of numbers of the word vectors

    def __post_init__(self) -> None:
        within("seed", self.seed, 0, 2**32 - 1)
        within("frequent", self.frequent, 0, 1_000_000)
        within("classes", self.classes, 1, 100_000)
        within("epochs", self.epochs, 1, 1000)
        within("batch_size", self.batch_size, 1, 10_000)
        within("learning_rate", self.learning_rate, 1e-7, 1)
        within("clip_norm", self.clip_norm, 0, 1e6)
        within("dropout", self.dropout, 0, 0.9)


@dataclass(frozen=True)
class LanguageModelParams:
    """A network of which only the context has learnt anything, `models/<name>`, for runs to name as their base."""

    corpus: str  # of the run
    run: str  # it is built as the network of this run is
    network: str  # that of the run
    embeddings: tuple[str, ...]  # that the network reads: those of the run
    text: str  # one of these that is trained here: the text that it is trained on
    shortest: int  # tokens of a sentence
    longest: int
    validation_every: int  # of so many sentences one is not learnt: on these it is measured
    training: LanguageModelTraining

    def __post_init__(self) -> None:
        within("shortest", self.shortest, 1, 1000)
        within("longest", self.longest, self.shortest, 1000)
        within("validation_every", self.validation_every, 2, 1_000_000)
