"""Records of the sections `networks`, `training`, `compute`, `runs` and `finetune` of params.yaml, without Keras."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ner.core.normalisation import STEPS
from ner.core.params import Name, OneOf, Params, Seed

PARTS = ("words", "casings", "characters", "vectors", "clusters", "encoder", "lstm", "output")

Architecture = Literal["lstm", "bilstm", "bilstm-lstm", "bilstm-crf", "crf"]
Part = Annotated[str, OneOf(PARTS)]
Step = Annotated[str, OneOf(STEPS)]


class CharacterParams(Params):
    """The network that reads the characters of each token."""

    network: Literal["cnn", "lstm"] = Field(
        description="cnn (Ma and Hovy 2016, section 2.1) or lstm (Lample et al. 2016, section 4.1)"
    )
    min_count: int = Field(ge=1, le=1000, description="characters rarer than this in train are unknown")
    dimensions: int = Field(ge=1, le=1000, description="size of a character's vector")
    features: int = Field(
        ge=1,
        le=1000,
        description="size of a token's output: filters of the cnn, or units of both directions of the lstm together",
    )
    width: int = Field(ge=1, le=10, description="filter width of the cnn, in characters")
    longest: int = Field(
        ge=2,
        le=100,
        description="of a token with more characters, only so many are read: half at its beginning, half at its end",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.network == "lstm" and self.features % 2:
            raise ValueError(f"features: expected an even number, half for each direction. Received: {self.features}")
        return self


class VectorParams(Params):
    """How pretrained word vectors are used, if the run names any in `embeddings`."""

    words: int = Field(
        ge=0, le=10_000_000, description="most frequent words that the tagger keeps, besides those of train"
    )
    tuned: bool = Field(description="whether the vectors are trained further, or frozen")


class ClusterParams(Params):
    """How word clusters are used, if the run names any in `embeddings`."""

    words: int = Field(
        ge=0, le=10_000_000, description="most frequent words that the tagger keeps, besides those of train"
    )
    prefixes: tuple[Annotated[int, Field(ge=1, le=100)], ...] = Field(
        min_length=1,
        max_length=20,
        description="lengths in bits of the path prefixes, a feature each (Miller et al. 2004; Ratinov and Roth 2009)",
    )
    dimensions: int = Field(ge=1, le=1000, description="size of each prefix's vector")


class EncoderParams(Params):
    """What is done with a pretrained encoder, if the run names one in `embeddings`."""

    context_pieces: int = Field(
        ge=0, le=512, description="word pieces of a window of neighbouring sentences; 0: each sentence by itself"
    )
    casings: bool = Field(description="whether it is told the casing of each token; for one that lowercases")
    dropout: float = Field(ge=0, le=0.9, description="inside it, and of its vectors")
    rate: float = Field(ge=0, le=1, description="its learning rate, as a multiple of the run's; 0: it is not tuned")
    frozen_layers: int = Field(
        default=0, ge=0, le=100, description="first layers that are not tuned; above 0, its embeddings are not either"
    )
    mixture: bool = Field(
        default=False,
        description="whether a token's vector is a trained mixture of those of all layers, not the last's",
    )


class ModelParams(Params):
    """The architecture of a network. A feature with 0 dimensions, or without a section, is not read."""

    architecture: Architecture
    normalisation: tuple[Step, ...] = Field(description="steps that change a word before it is looked up, in order")
    min_count: int = Field(ge=1, le=1000, description="words rarer than this in train are unknown")
    word_dimensions: int = Field(ge=0, le=1000, description="size of the trained vector of a word; 0: no such vectors")
    casing_dimensions: int = Field(
        ge=0, le=100, description="size of the vector of a token's casing; 0: casing is not read"
    )
    lstm_layers: int = Field(ge=0, le=4, description="stacked bidirectional layers")
    lstm_units: int = Field(ge=0, le=2000, description="units of each direction")
    input_dropout: float = Field(
        ge=0, le=0.9, description="rate of SpatialDropout1D, which drops whole dimensions of the input"
    )
    output_dropout: float = Field(ge=0, le=0.9, description="rate of dropout on each LSTM's output")
    characters: CharacterParams | None = None
    vectors: VectorParams | None = None
    clusters: ClusterParams | None = None
    encoder: EncoderParams | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in ("lstm_layers", "lstm_units"):
            if (getattr(self, name) == 0) != (self.architecture == "crf"):
                expected = "0 for architecture crf alone"
                raise ValueError(f"{name}: expected {expected}. Received: {getattr(self, name)}, {self.architecture}")
        if not self.word_dimensions and not self.vectors and not self.characters and not self.encoder:
            raise ValueError("word_dimensions: expected 1 or more, since nothing else tells words apart. Received: 0")
        return self


class TrainingParams(Params):
    """How a network is trained: Adam, a moving average of the weights, early stopping on dev entity F1.

    Word dropout replaces words by the unknown word at random, rare ones more often (Kiperwasser and Goldberg 2016,
    section 4.1).
    """

    seed: Seed
    dev: Literal["choose", "train"] = Field(
        description="choose: dev chooses the epoch; train: dev is trained on as well, and the last epoch is kept"
    )
    epochs: int = Field(ge=1, le=1000, description="maximal number of epochs")
    patience: int = Field(ge=1, le=1000, description="epochs without a better dev entity F1 after which training stops")
    batch_size: int = Field(
        ge=1, le=10_000, description="sentences of a batch, all of one length, or windows of an encoder"
    )
    learning_rate: float = Field(ge=1e-7, le=1, description="learning rate at the first step")
    schedule: Literal["constant", "linear", "cosine"] = Field(
        description="course of the learning rate: constant, or falling to 0 at the end of the last epoch"
    )
    warmup: float = Field(
        default=0, ge=0, le=0.9, description="share of the steps in which a linear learning rate first rises from 0"
    )
    clip_norm: float = Field(ge=0, le=1e6, description="largest norm of the gradient over all weights; 0: no limit")
    ema_momentum: float = Field(
        ge=0,
        le=0.99999,
        description="momentum of the moving average of the weights, which the tagger gets; 0: no average",
    )
    missed_entity_cost: float = Field(
        ge=0,
        le=100,
        description="cost in nats of tagging a token of an entity O (softmax-margin, Gimpel and Smith 2010); 0: none",
    )
    word_dropout_alpha: float = Field(
        ge=0,
        le=100,
        description="a word with c occurrences in train becomes the unknown word with probability alpha / (alpha + c)",
    )


class ComputeParams(Params):
    """How all runs are computed. Other values change bytes, but scores only by chance."""

    deterministic: bool = Field(description="whether each repetition gives the same bytes")
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = Field(
        description="number format of the computation; the mixed ones are for GPUs"
    )


class TransferParams(Params):
    """How a tagger is fine-tuned: gradual unfreezing and discriminative rates (Howard and Ruder 2018, section 3)."""

    frozen: tuple[Part, ...] = Field(description="parts of the network that are frozen at first")
    frozen_epochs: int = Field(ge=0, le=1000, description="epochs for which they stay frozen")
    rates: dict[Part, Annotated[float, Field(ge=0, le=100)]] = Field(
        description="learning rate of each part, as a multiple of the run's; 1 for parts that are not named"
    )


class RunParams(Params):
    """One run, with the presets that it names filled in: `models/<run>`, `metrics/<run>.json`, `plots/<run>`."""

    corpus: str
    base: str  # the run whose tagger it starts from, or "none"
    embeddings: tuple[str, ...]
    model: ModelParams
    training: TrainingParams
    compute: ComputeParams
    transfer: TransferParams | None = None  # None if and only if there is no base

    @model_validator(mode="after")
    def _check(self) -> Self:
        # dvc.yaml names the first and the last of them as dependencies, and there is no way to name more.
        if not 1 <= len(self.embeddings) <= 2 or len(set(self.embeddings)) != len(self.embeddings):
            raise ValueError(f"embeddings: expected [none], one name, or two. Received: {list(self.embeddings)}")
        if "none" in self.embeddings and len(self.embeddings) > 1:
            raise ValueError(f"embeddings: expected none by itself. Received: {list(self.embeddings)}")
        if (self.base == "none") != (self.transfer is None):
            raise ValueError(f"transfer: expected with a base, and without one not. Received: {self.transfer}")
        return self


class RunEntry(Params):
    """A run as it stands in params.yaml: a tagger that is trained from scratch."""

    corpus: Name
    embeddings: tuple[Name, ...] = Field(
        description="entries of `embeddings`: word vectors, clusters, one of each, or none"
    )
    network: Name = Field(description="an entry of `networks`")
    training: Name = Field(description="an entry of `training`")


class FinetuneEntry(RunEntry):
    """A run that starts from another one, or from an entry of `distill`."""

    base: Name = Field(description="the run or entry whose network it starts from")
    transfer: TransferParams
