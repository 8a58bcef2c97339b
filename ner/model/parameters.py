"""The `runs` section of params.yaml: which corpus, which network, how it is trained. No Keras here."""

from dataclasses import dataclass

from ner.normalisation import STEPS
from ner.params import one_of, within

ARCHITECTURES = ("bilstm", "bilstm-crf")


@dataclass(frozen=True)
class CharacterParams:
    """A convolution over the characters of each token (Ma and Hovy 2016, section 2.1)."""

    minimum_count: int  # characters rarer than this in train are unknown
    dimensions: int
    filters: int
    width: int  # characters that a filter sees
    longest: int  # of a longer token so many characters are read, half from either end

    def __post_init__(self) -> None:
        within("minimum_count", self.minimum_count, 1, 1000)
        within("dimensions", self.dimensions, 1, 1000)
        within("filters", self.filters, 1, 1000)
        within("width", self.width, 1, 10)
        within("longest", self.longest, 2, 100)


@dataclass(frozen=True)
class ModelParams:
    """The shape of the network."""

    architecture: str
    normalisation: tuple[str, ...]  # of words before they are looked up: lowercase, digits, arabic
    minimum_count: int  # words rarer than this in train are unknown
    word_dimensions: int
    casing_dimensions: int
    lstm_units: int  # in each direction
    input_dropout: float  # whole dimensions of the input, SpatialDropout1D
    output_dropout: float  # of the LSTM's output
    characters: CharacterParams | None = None  # bilstm-crf reads characters, bilstm does not

    def __post_init__(self) -> None:
        one_of("architecture", self.architecture, ARCHITECTURES)
        if (self.characters is None) == (self.architecture == "bilstm-crf"):
            raise ValueError(f"characters: expected for bilstm-crf alone. Received: {self.characters}")
        for step in self.normalisation:
            one_of("normalisation", step, STEPS)
        within("minimum_count", self.minimum_count, 1, 1000)
        within("word_dimensions", self.word_dimensions, 1, 1000)
        within("casing_dimensions", self.casing_dimensions, 1, 100)
        within("lstm_units", self.lstm_units, 1, 2000)
        within("input_dropout", self.input_dropout, 0, 0.9)
        within("output_dropout", self.output_dropout, 0, 0.9)


@dataclass(frozen=True)
class TrainingParams:
    """How the network is trained: Adam, an average of the weights, early stopping on dev entity F1.

    Rare words are forgotten at random as by Kiperwasser and Goldberg (2016, section 4.1).
    """

    seed: int
    epochs: int  # at most
    patience: int  # epochs without a better dev entity F1 until training stops
    batch_size: int  # sentences of one length
    learning_rate: float
    clip_norm: float  # of the gradient over all weights
    ema_momentum: float  # of the exponential moving average of the weights, which is what is kept
    forgetting: float  # a: a word seen c times is shown as unknown with probability a / (a + c)

    def __post_init__(self) -> None:
        within("seed", self.seed, 0, 2**32 - 1)
        within("epochs", self.epochs, 1, 1000)
        within("patience", self.patience, 1, 1000)
        within("batch_size", self.batch_size, 1, 10_000)
        within("learning_rate", self.learning_rate, 1e-7, 1)
        within("clip_norm", self.clip_norm, 1e-3, 1e6)
        within("ema_momentum", self.ema_momentum, 0, 0.99999)
        within("forgetting", self.forgetting, 0, 100)


@dataclass(frozen=True)
class RunParams:
    """One tagger: `models/<run>`, `metrics/<run>.json`, `plots/<run>`."""

    corpus: str
    model: ModelParams
    training: TrainingParams
