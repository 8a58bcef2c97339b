"""The `runs` section of params.yaml: which corpus, which network, how it is trained. No Keras here."""

from collections.abc import Mapping
from dataclasses import dataclass

from ner.core.normalisation import STEPS
from ner.core.params import one_of, within

ARCHITECTURES = ("lstm", "bilstm", "bilstm-lstm", "bilstm-crf")
SCHEDULES = ("constant", "linear", "cosine")
PARTS = ("words", "casings", "characters", "vectors", "clusters", "context", "lstm", "output")
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")


@dataclass(frozen=True)
class CharacterParams:
    """What is read of the characters of each token, and how."""

    network: str  # cnn (Ma and Hovy 2016, section 2.1) or lstm (Lample et al. 2016, section 4.1)
    min_count: int  # characters rarer than this in train are unknown
    dimensions: int
    features: int  # of a token: filters of the cnn; of the lstm, half from each direction
    width: int  # characters that a filter of the cnn sees
    longest: int  # of a longer token so many characters are read, half from either end

    def __post_init__(self) -> None:
        one_of("network", self.network, ("cnn", "lstm"))
        within("min_count", self.min_count, 1, 1000)
        within("dimensions", self.dimensions, 1, 1000)
        within("features", self.features, 1, 1000)
        within("width", self.width, 1, 10)
        within("longest", self.longest, 2, 100)
        if self.network == "lstm" and self.features % 2:
            raise ValueError(f"features: expected an even number, half for each direction. Received: {self.features}")


@dataclass(frozen=True)
class VectorParams:
    """What is done with word vectors, if the run names any in `embeddings`."""

    words: int  # the most frequent ones are carried, and those of train
    tuned: bool  # trained on, or left as they are

    def __post_init__(self) -> None:
        within("words", self.words, 0, 10_000_000)


@dataclass(frozen=True)
class ClusterParams:
    """What is done with word clusters, if the run names any in `embeddings`."""

    words: int  # the most frequent ones are carried, and those of train
    prefixes: tuple[int, ...]  # bits of the path that are a feature (Miller et al. 2004; Ratinov and Roth 2009)
    dimensions: int  # for each of them

    def __post_init__(self) -> None:
        within("words", self.words, 0, 10_000_000)
        within("dimensions", self.dimensions, 1, 1000)
        within("prefixes", len(self.prefixes), 1, 20)
        for bits in self.prefixes:
            within("prefixes", bits, 1, 100)


@dataclass(frozen=True)
class ModelParams:
    """The shape of the network. What has 0 dimensions, or is left out, is not read."""

    architecture: str
    normalisation: tuple[str, ...]  # of words before they are looked up: lowercase, digits, arabic
    min_count: int  # words rarer than this in train are unknown
    word_dimensions: int
    casing_dimensions: int
    lstm_layers: int  # bidirectional ones on top of one another
    lstm_units: int  # in each direction
    input_dropout: float  # whole dimensions of the input, SpatialDropout1D
    output_dropout: float  # of each LSTM's output
    characters: CharacterParams | None = None
    vectors: VectorParams | None = None
    clusters: ClusterParams | None = None
    context_units: int = 0  # of each of two language models over the word vectors, that of a base; 0: they are not read

    def __post_init__(self) -> None:
        one_of("architecture", self.architecture, ARCHITECTURES)
        for step in self.normalisation:
            one_of("normalisation", step, STEPS)
        within("min_count", self.min_count, 1, 1000)
        within("word_dimensions", self.word_dimensions, 0, 1000)
        within("casing_dimensions", self.casing_dimensions, 0, 100)
        within("context_units", self.context_units, 0, 2000)
        if self.context_units and (not self.vectors or self.vectors.tuned):
            raise ValueError("context_units: expected 0 without word vectors, and with those that are tuned")
        within("lstm_layers", self.lstm_layers, 1, 4)
        within("lstm_units", self.lstm_units, 1, 2000)
        within("input_dropout", self.input_dropout, 0, 0.9)
        within("output_dropout", self.output_dropout, 0, 0.9)
        if not self.word_dimensions and not self.vectors and not self.characters:
            raise ValueError("word_dimensions: expected 1 or more, since nothing else tells words apart. Received: 0")


@dataclass(frozen=True)
class TrainingParams:
    """How the network is trained: Adam, an average of the weights, early stopping on dev entity F1.

    Rare words are forgotten at random as by Kiperwasser and Goldberg (2016, section 4.1).
    """

    seed: int
    dev: str  # choose: it chooses the epoch; train: it is trained on as well, and the last epoch is kept
    epochs: int  # at most
    patience: int  # epochs without a better dev entity F1 until training stops
    batch_size: int  # sentences of one length
    learning_rate: float  # at the first step
    schedule: str  # constant, or falling to 0 at the end of the last epoch: linear, cosine
    clip_norm: float  # of the gradient over all weights; 0: no limit
    ema_momentum: float  # of the exponential moving average of the weights, which is what is kept; 0: no average
    missed_entity_cost: (
        float  # what a token of an entity that is read as O costs besides, in nats; more finds more entities
    )
    word_dropout_alpha: float  # a word seen c times is shown as unknown with probability alpha / (alpha + c)

    def __post_init__(self) -> None:
        within("seed", self.seed, 0, 2**32 - 1)
        one_of("dev", self.dev, ("choose", "train"))
        within("epochs", self.epochs, 1, 1000)
        within("patience", self.patience, 1, 1000)
        within("batch_size", self.batch_size, 1, 10_000)
        within("learning_rate", self.learning_rate, 1e-7, 1)
        one_of("schedule", self.schedule, SCHEDULES)
        within("clip_norm", self.clip_norm, 0, 1e6)
        within("ema_momentum", self.ema_momentum, 0, 0.99999)
        within("missed_entity_cost", self.missed_entity_cost, 0, 100)
        within("word_dropout_alpha", self.word_dropout_alpha, 0, 100)


@dataclass(frozen=True)
class ComputeParams:
    """On what it is trained. Other values than these give other bytes, though not other scores but by chance."""

    deterministic: bool  # the same bytes each time
    precision: str  # float32, or mixed_float16 and mixed_bfloat16 for GPUs

    def __post_init__(self) -> None:
        one_of("precision", self.precision, PRECISIONS)


@dataclass(frozen=True)
class TransferParams:
    """How a tagger that starts from another learns (Howard and Ruder 2018, sections 3.2 and 3.3)."""

    frozen: tuple[str, ...]  # parts that do not change
    frozen_epochs: int  # in so many epochs
    rates: Mapping[str, float]  # learning rate by part, as a multiple of the run's; 1 if it is not named

    def __post_init__(self) -> None:
        for part in (*self.frozen, *self.rates):
            one_of("part", part, PARTS)
        within("frozen_epochs", self.frozen_epochs, 0, 1000)
        for rate in self.rates.values():
            within("rates", rate, 0, 100)


@dataclass(frozen=True)
class RunParams:
    """One tagger: `models/<run>`, `metrics/<run>.json`, `plots/<run>`."""

    corpus: str
    base: str  # the run whose tagger it starts from, or none
    embeddings: tuple[str, ...]  # names of the section `embeddings`: vectors, clusters, or one of each; or none
    model: ModelParams
    training: TrainingParams
    compute: ComputeParams
    transfer: TransferParams | None = None  # with a base alone

    def __post_init__(self) -> None:
        # dvc.yaml names the first and the last of them as dependencies, and there is no way to name more.
        if not 1 <= len(self.embeddings) <= 2 or len(set(self.embeddings)) != len(self.embeddings):
            raise ValueError(f"embeddings: expected [none], one name, or two. Received: {list(self.embeddings)}")
        if "none" in self.embeddings and len(self.embeddings) > 1:
            raise ValueError(f"embeddings: expected none by itself. Received: {list(self.embeddings)}")
        if (self.base == "none") != (self.transfer is None):
            raise ValueError(f"transfer: expected with a base, and without one not. Received: {self.transfer}")
