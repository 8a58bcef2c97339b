"""Records of the section `distill` of params.yaml, and the parameters of a student, without Keras."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from ner.core.errors import NerError
from ner.core.params import Name, Params, Seed, build, lookup
from ner.model.parameters import ComputeParams, ModelParams, RunParams, TrainingParams


class DistillationError(NerError):
    """The teachers do not fit each other, or no sentence of the text can be used for training."""


class DistillParams(Params):
    """An entry of `distill`: a student trained on what its teachers predict, for runs to name as `base`.

    It is written to `models/<name>`.
    """

    corpus: Name = Field(description="the corpus of the teachers")
    teachers: tuple[Name, ...] = Field(
        description="one or two runs whose exported taggers tag the text; the probabilities of two are averaged"
    )
    text: Name = Field(description="an entry of `embeddings` that is trained here: its text is tagged")
    lines: int = Field(
        ge=1, le=1000, description="neighbouring lines of the text that are tagged together, as one document"
    )
    shortest: int = Field(ge=1, le=1000, description="tokens of the shortest sentence that is kept")
    longest: int = Field(ge=1, le=1000, description="tokens of the longest sentence that is kept")
    sentences: int = Field(ge=1, le=10_000_000, description="maximal number of sentences that are kept")
    confidence: float = Field(
        ge=0, le=1, description="a sentence is kept if each of its predicted tags has at least this probability"
    )
    seed: Seed = Field(description="of the random order in which documents are tagged")
    network: Name = Field(description="the network of the student, an entry of `networks`")
    embeddings: tuple[Name, ...] = Field(description="the embeddings that the student reads")
    min_count: int = Field(
        ge=1, le=1000, description="words rarer than this in the pseudo-labelled sentences are unknown"
    )
    training: TrainingParams

    @model_validator(mode="after")
    def _check(self) -> Self:
        # dvc.yaml names the first and the last of them as dependencies, and there is no way to name more.
        if not 1 <= len(self.teachers) <= 2 or len(set(self.teachers)) != len(self.teachers):
            raise ValueError(f"teachers: expected one run, or two. Received: {list(self.teachers)}")
        if self.longest < self.shortest:
            raise ValueError(f"longest: expected {self.shortest} or more. Received: {self.longest}")
        return self


def student_run(params: Mapping[str, Any], name: str) -> RunParams:
    """Build the parameters of a student's training, as those of a run from scratch.

    The network is the entry of `networks` that the student names, with the student's own `min_count`.

    Args:
        params: the content of params.yaml.
        name: of the entry of `distill`.

    Raises:
        ParamsError: the entry or its network is missing or not valid.
    """
    given = build(DistillParams, lookup(params, "distill", name), f"distill.{name}")
    network = build(ModelParams, lookup(params, "networks", given.network), f"networks.{given.network}")
    run = {
        "corpus": given.corpus,
        "base": "none",
        "embeddings": given.embeddings,
        "model": network.replace(min_count=given.min_count),
        "training": given.training,
        "compute": build(ComputeParams, lookup(params, "compute"), "compute"),
    }
    return build(RunParams, run, f"distill.{name}")
