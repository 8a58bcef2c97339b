"""Check all of params.yaml, and write its JSON Schema.

Every stage calls `check_params` before it starts, so a mistake is found before the first stage, not hours into the
last. No stage has this module in its `deps`: it can stop a stage, but not change its result.
`make schema` writes params.schema.json, by which editors complete and check params.yaml.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from ner.core.outputs import whole_file
from ner.core.params import Name, Params, ParamsError, braced, build, resolve
from ner.corpora.catalogue import CorpusParams
from ner.distillation.distill_parameters import DistillParams, student_run
from ner.distillation.language_model_parameters import LanguageModelParams
from ner.embeddings.catalogue import EmbeddingParams, TrainedParams
from ner.model.parameters import ComputeParams, FinetuneEntry, ModelParams, RunEntry, RunParams, TrainingParams
from ner.tagger.compression import ReleaseParams

SCHEMA = Path("params.schema.json")
FREE = {
    "input_dropout",
    "output_dropout",
    "clusters",
    "min_count",
}  # may differ from the network of the language models


class ParamsFile(Params):
    """params.yaml: every value that changes a result."""

    corpora: dict[Name, CorpusParams] = Field(
        description="corpora: where their files come from, how they are read and split"
    )
    embeddings: dict[Name, EmbeddingParams] = Field(description="word vectors and clusters, published or trained here")
    distill: dict[Name, DistillParams] = Field(
        default={}, description="unlabelled text that taggers tag, and the training of a student on it"
    )
    language_models: dict[Name, LanguageModelParams] = Field(
        default={}, description="language models over unlabelled text, as bases of runs"
    )
    release: dict[Name, ReleaseParams] = Field(
        default={}, description="small taggers that are published with the repository, by run"
    )
    compute: ComputeParams = Field(description="numerics of all runs")
    networks: dict[Name, ModelParams] = Field(description="networks, by the name that runs give as `network`")
    training: dict[Name, TrainingParams] = Field(description="trainings, by the name that runs give as `training`")
    runs: dict[Name, RunEntry] = Field(description="taggers that are trained from scratch")
    finetune: dict[Name, FinetuneEntry] = Field(
        default={}, description="taggers that start from a base: another tagger, a distilled student or language models"
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
    for name, models in params.language_models.items():
        _check_language_models(params, runs, f"language_models.{name}", models)
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
    _check_own_name(params, runs, key)
    for teacher in given.teachers:
        _one_of(f"{key}.teachers", teacher, runs)
        _same(f"{key}.corpus", given.corpus, runs[teacher].corpus, f"as runs.{teacher} has it")
    _one_of(f"{key}.network", given.network, params.networks)
    _check_text(params, f"{key}.text", given.text, params.embeddings)
    student = student_run(params.model_dump(), name)
    if student.model.context_units:  # nothing provides the language models, since a student has no base
        raise ParamsError(f"{key}.network: expected one without context_units. Received: {given.network!r}")
    _check_embeddings(params, key, student.embeddings, student.model)


def _check_language_models(
    params: ParamsFile, runs: Mapping[str, RunParams], key: str, models: LanguageModelParams
) -> None:
    """Check an entry of `language_models` against the run that it names: corpus, embeddings, network, context_units.

    params.yaml repeats what dvc.yaml can't look up in the run.
    """
    _check_own_name(params, runs, key)
    _one_of(f"{key}.run", models.run, runs)
    run = runs[models.run]
    _same(f"{key}.corpus", models.corpus, run.corpus, f"as runs.{models.run} has it")
    _same(f"{key}.embeddings", models.embeddings, run.embeddings, f"as runs.{models.run} has it")
    if not run.model.context_units:
        raise ParamsError(f"{key}.run: expected a run whose network has context_units. Received: {models.run!r}")
    _check_text(params, f"{key}.text", models.text, models.embeddings)
    if params.networks.get(models.network) != run.model:
        raise ParamsError(f"{key}.network: expected that of {models.run}. Received: {models.network!r}")


def _check_own_name(params: ParamsFile, runs: Mapping[str, RunParams], key: str) -> None:
    """Check that no run and no other entry has this name, since each is a folder of models/."""
    section, _, name = key.partition(".")
    if name in (*runs, "none") or (name in params.distill and name in params.language_models):
        raise ParamsError(f"{section}: expected a name that nothing else has, nor none. Received: {name!r}")


def _check_text(params: ParamsFile, key: str, text: str, names: Iterable[str]) -> None:
    """Check that `text` is one of these embeddings and is trained here, on text."""
    texts = [name for name in names if isinstance(params.embeddings.get(name), TrainedParams)]
    if text not in texts:
        raise ParamsError(f"{key}: expected an embedding that is trained here, {braced(texts)}. Received: {text!r}")


def _check_names(params: ParamsFile, runs: Mapping[str, RunParams]) -> None:
    """Check that each base exists, and that no run needs itself: as a base, or to teach what it starts from."""
    needs: dict[str, tuple[str, ...]] = {name: (run.base,) for name, run in runs.items()}
    needs |= {name: given.teachers for name, given in params.distill.items()}
    needs |= dict.fromkeys(("none", *params.language_models), ())
    for name, run in runs.items():
        if name == "none":
            raise ParamsError("runs: expected a name other than none, which says that a run has no base")
        _one_of(f"runs.{name}.base", run.base, ["none", *runs, *params.distill, *params.language_models])
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
    others: dict[str, DistillParams | LanguageModelParams] = {**params.distill, **params.language_models}
    if base in others and others[base].corpus != run.corpus:  # dev and test of another corpus were not held out
        received = f"{base!r}, of {others[base].corpus}" + (f", that {last} starts from" if last != name else "")
        raise ParamsError(f"runs.{name}.base: expected one of its own corpus, {run.corpus}. Received: {received}")
    if base in params.language_models:
        _check_fits(runs, name, base, params.language_models[base])
    elif run.model.context_units:
        expected = "expected language models, or a run that starts from some, for context_units of its network"
        raise ParamsError(f"runs.{name}.base: {expected}. Received: {run.base!r}")


def _check_fits(runs: Mapping[str, RunParams], name: str, base: str, models: LanguageModelParams) -> None:
    """Check that a run has the embeddings and network of the language models it starts from; FREE may differ."""
    _same(f"runs.{name}.embeddings", runs[name].embeddings, models.embeddings, f"which {base} has read")
    for field in sorted(set(ModelParams.model_fields) - FREE):
        received, expected = (getattr(runs[one].model, field) for one in (name, models.run))
        _same(f"runs.{name}.network: {field}", received, expected, f"that of {base}")


if __name__ == "__main__":
    write_schema()
