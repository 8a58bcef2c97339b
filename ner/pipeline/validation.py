"""Check all of params.yaml, and write its JSON Schema.

Every stage calls `check_params` before it starts, so a mistake is found before the first stage, not hours into the
last. No stage has this module in its `deps`: it can stop a stage, but not change its result.
`make schema` writes params.schema.json, by which editors complete and check params.yaml.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from ner.core.outputs import whole_file
from ner.core.params import Name, Params, ParamsError, braced, build, resolve
from ner.corpora.catalogue import CorpusParams
from ner.distillation.distill_parameters import DistillParams, student_run
from ner.embeddings.catalogue import EmbeddingParams, TrainedParams
from ner.model.parameters import ComputeParams, FinetuneEntry, ModelParams, RunEntry, RunParams, TrainingParams
from ner.tagger.compression import ReleaseParams

SCHEMA = Path("params.schema.json")


class ParamsFile(Params):
    """params.yaml: every value that changes a result."""

    corpora: dict[Name, CorpusParams] = Field(
        description="corpora: where their files come from, how they are read and split"
    )
    embeddings: dict[Name, EmbeddingParams] = Field(description="word vectors and clusters, published or trained here")
    distill: dict[Name, DistillParams] = Field(
        default={}, description="unlabelled text that taggers tag, and the training of a student on it"
    )
    release: dict[Name, ReleaseParams] = Field(
        default={}, description="small taggers that are published with the repository, by run"
    )
    compute: ComputeParams = Field(description="numerics of all runs")
    networks: dict[Name, ModelParams] = Field(description="networks, by the name that runs give as `network`")
    training: dict[Name, TrainingParams] = Field(description="trainings, by the name that runs give as `training`")
    runs: dict[Name, RunEntry] = Field(description="taggers that are trained from scratch")
    finetune: dict[Name, FinetuneEntry] = Field(
        default={}, description="taggers that start from a base: another tagger, or a distilled student"
    )


def check_params(content: Mapping[str, Any]) -> None:
    """Check the content of params.yaml, as `read_yaml` returns it: every key by itself, then what keys name.

    Raises:
        ParamsError: a key is unknown, is missing or has a value that is not allowed; the first such key is named.
    """
    resolved = resolve(content)["runs"] if "runs" in content else {}  # first, since its errors say more
    params = build(ParamsFile, content)
    runs = {name: build(RunParams, run, f"runs.{name}") for name, run in resolved.items()}
    for name, embedding in params.embeddings.items():
        if name == "none":
            raise ParamsError("embeddings: expected a name other than none, which says that a run uses none")
        for corpus in embedding.corpora:
            _one_of(f"embeddings.{name}.corpora", corpus, params.corpora)
    for name, run in runs.items():
        _one_of(f"runs.{name}.corpus", run.corpus, params.corpora)
        _check_embeddings(params, f"runs.{name}", run.embeddings, run.model)
    for name, given in params.distill.items():
        _check_distill(params, runs, name, given)
    _check_names(params, runs)
    for name, run in runs.items():
        _check_base(params, runs, name, run)
    for name, released in params.release.items():
        _one_of("release", name, runs)
        _same(f"release.{name}.corpus", released.corpus, runs[name].corpus, f"as runs.{name} has it")


def write_schema(path: Path = SCHEMA) -> None:
    """Write the JSON Schema of params.yaml."""
    with whole_file(path) as part:
        part.write_text(json.dumps(ParamsFile.model_json_schema(), indent=1) + "\n", encoding="utf-8", newline="\n")


def _one_of(key: str, received: object, names: Mapping[str, Any] | list[str]) -> None:
    if received not in names:
        raise ParamsError(f"{key}: expected one of {braced(names)}. Received: {received!r}")


def _same(key: str, received: object, expected: object, why: str) -> None:
    if received != expected:
        raise ParamsError(f"{key}: expected {expected!r}, {why}. Received: {received!r}")


def _check_embeddings(params: ParamsFile, key: str, names: tuple[str, ...], model: ModelParams) -> None:
    """Check that the network reads every embedding that is named.

    A network may be able to read more than that, so that `dvc exp run -S` can leave an embedding out.
    """
    for name in names:
        _one_of(f"{key}.embeddings", name, ["none", *params.embeddings])
    read_as = {"clusters": "clusters", "encoder": "encoder"}  # all others are vectors
    kinds = [read_as.get(params.embeddings[name].kind, "vectors") for name in names if name != "none"]
    if len(set(kinds)) < len(kinds):
        received = f"two {kinds[0]}, {list(names)}"
        raise ParamsError(f"{key}.embeddings: expected two of different kinds, or one. Received: {received}")
    for kind in kinds:
        if getattr(model, kind) is None:
            raise ParamsError(f"{key}.network: expected one with {kind}, since {key}.embeddings names {kind}")
    if not model.word_dimensions and not model.characters and not {"vectors", "encoder"} & set(kinds):
        expected = "expected vectors, since nothing else tells words apart"
        raise ParamsError(f"{key}.embeddings: {expected}. Received: {list(names)}")


def _check_distill(params: ParamsFile, runs: Mapping[str, RunParams], name: str, given: DistillParams) -> None:
    """Check that the teachers are runs on the entry's corpus, and that the student has a network that it can train."""
    key = f"distill.{name}"
    if name in (*runs, "none"):  # each is a folder of models/
        raise ParamsError(f"distill: expected a name that nothing else has, nor none. Received: {name!r}")
    for teacher in given.teachers:
        _one_of(f"{key}.teachers", teacher, runs)
        _same(f"{key}.corpus", given.corpus, runs[teacher].corpus, f"as runs.{teacher} has it")
    _one_of(f"{key}.network", given.network, params.networks)
    texts = [name for name, embedding in params.embeddings.items() if isinstance(embedding, TrainedParams)]
    if given.text not in texts:
        expected = f"expected an embedding that is trained here, {braced(texts)}"
        raise ParamsError(f"{key}.text: {expected}. Received: {given.text!r}")
    student = student_run(params.model_dump(), name)
    _check_embeddings(params, key, student.embeddings, student.model)


def _check_names(params: ParamsFile, runs: Mapping[str, RunParams]) -> None:
    """Check that each base exists, and that no run needs itself: as a base, or to teach what it starts from."""
    needs: dict[str, tuple[str, ...]] = {name: (run.base,) for name, run in runs.items()}
    needs |= {name: given.teachers for name, given in params.distill.items()}
    needs["none"] = ()
    for name, run in runs.items():
        if name == "none":
            raise ParamsError("runs: expected a name other than none, which says that a run has no base")
        _one_of(f"runs.{name}.base", run.base, ["none", *runs, *params.distill])
    for name in runs:
        needed = set(needs[name])
        while more := {one for other in needed for one in needs[other]} - needed:
            needed |= more
        if name in needed:
            raise ParamsError(f"runs.{name}.base: expected a run that does not start from {name} itself")


def _check_base(params: ParamsFile, runs: Mapping[str, RunParams], name: str, run: RunParams) -> None:
    """Check what a run starts from in the end, through all bases that are runs."""
    last = name
    while (base := runs[last].base) in runs:
        last = base
    student = params.distill.get(base)
    if student and student.corpus != run.corpus:  # dev and test of another corpus were not held out
        received = f"{base!r}, of {student.corpus}" + (f", that {last} starts from" if last != name else "")
        raise ParamsError(f"runs.{name}.base: expected one of its own corpus, {run.corpus}. Received: {received}")


if __name__ == "__main__":
    write_schema()
