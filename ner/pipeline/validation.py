"""All of params.yaml, checked in a moment: a mistake is found before the first stage, not hours into the last.

Every stage calls `check_params`, and none has this module in its `deps`: it can stop a run, but not change its result.
`make schema` writes `params.schema.json`, by which editors complete and check params.yaml.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from ner.core.outputs import whole_file
from ner.core.params import Name, Params, ParamsError, braced, build, resolve
from ner.corpora.catalogue import CorpusParams
from ner.distillation.language_model_parameters import LanguageModelParams
from ner.distillation.pseudo_labels import PseudoLabelParams
from ner.embeddings.catalogue import EmbeddingParams, TrainedParams
from ner.model.parameters import ComputeParams, FinetuneEntry, ModelParams, RunEntry, RunParams, TrainingParams
from ner.tagger.compression import ReleaseParams

SCHEMA = Path("params.schema.json")
FREE = {"input_dropout", "output_dropout", "clusters", "min_count"}  # of a network, beside language models


class ParamsFile(Params):
    """params.yaml: every value that changes a result."""

    corpora: dict[Name, CorpusParams] = Field(description="where corpora come from, and how they are read and split")
    embeddings: dict[Name, EmbeddingParams] = Field(description="word vectors and clusters, published or trained here")
    pseudo_labels: dict[Name, PseudoLabelParams] = Field(
        default={}, description="text that a tagger has tagged, to train on"
    )
    language_models: dict[Name, LanguageModelParams] = Field(default={}, description="language models, to start from")
    release: dict[Name, ReleaseParams] = Field(default={}, description="smaller taggers to give away")
    compute: ComputeParams = Field(description="how all runs are computed")
    networks: dict[Name, ModelParams] = Field(description="what runs name as `network`")
    training: dict[Name, TrainingParams] = Field(description="what runs name as `training`")
    runs: dict[Name, RunEntry] = Field(description="taggers that are trained from scratch")
    finetune: dict[Name, FinetuneEntry] = Field(default={}, description="taggers that start from another")


def check_params(content: Mapping[str, Any]) -> None:
    """Check what params.yaml holds, as `read_yaml` gives it.

    Raises:
        ParamsError: a key is unknown, missing, or holds what it may not; the first one is named.
    """
    resolved = resolve(content)["runs"] if "runs" in content else {}  # first, for its hints
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
    for name, labels in params.pseudo_labels.items():
        _check_pseudo_labels(params, runs, f"pseudo_labels.{name}", labels)
    for name, models in params.language_models.items():
        _check_language_models(params, runs, f"language_models.{name}", models)
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
    """What a run names is read by its network; the reverse need not be, so that `-S` can leave an embedding out."""
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


def _check_pseudo_labels(
    params: ParamsFile, runs: Mapping[str, RunParams], key: str, labels: PseudoLabelParams
) -> None:
    """A teacher is a run; what its corpus and network are is said twice, since dvc.yaml can't look it up."""
    _check_own_name(params, runs, key)
    _one_of(f"{key}.teacher", labels.teacher, runs)
    teacher = runs[labels.teacher]
    _same(f"{key}.corpus", labels.corpus, teacher.corpus, f"as runs.{labels.teacher} has it")
    if teacher.model.context_units:  # a network would be trained from scratch that has none
        expected = "expected a run whose network has no context_units"
        raise ParamsError(f"{key}.teacher: {expected}. Received: {labels.teacher!r}")
    _check_embeddings(params, key, labels.embeddings, teacher.model)
    _check_text(params, key, labels)
    _check_network(params, key, labels.network, teacher, labels.teacher)


def _check_language_models(
    params: ParamsFile, runs: Mapping[str, RunParams], key: str, models: LanguageModelParams
) -> None:
    """What is said twice, since dvc.yaml can't look it up, is what the run says."""
    _check_own_name(params, runs, key)
    _one_of(f"{key}.run", models.run, runs)
    run = runs[models.run]
    _same(f"{key}.corpus", models.corpus, run.corpus, f"as runs.{models.run} has it")
    _same(f"{key}.embeddings", models.embeddings, run.embeddings, f"as runs.{models.run} has it")
    if not run.model.context_units:
        raise ParamsError(f"{key}.run: expected a run whose network has context_units. Received: {models.run!r}")
    _check_text(params, key, models)
    _check_network(params, key, models.network, run, models.run)


def _check_own_name(params: ParamsFile, runs: Mapping[str, RunParams], key: str) -> None:
    """It becomes a folder of models/, as runs do."""
    section, _, name = key.partition(".")
    if name in (*runs, "none") or (name in params.pseudo_labels and name in params.language_models):
        raise ParamsError(f"{section}: expected a name that nothing else has, nor none. Received: {name!r}")


def _check_network(params: ParamsFile, key: str, network: str, run: RunParams, name: str) -> None:
    if params.networks.get(network) != run.model:
        raise ParamsError(f"{key}.network: expected that of {name}. Received: {network!r}")


def _check_text(params: ParamsFile, key: str, given: PseudoLabelParams | LanguageModelParams) -> None:
    """There is text behind the embedding that is named."""
    named = [name for name in given.embeddings if name != "none"]
    texts = [name for name in named if isinstance(params.embeddings[name], TrainedParams)]
    if given.text not in texts:
        expected = f"expected one of its embeddings that is trained here, {braced(texts)}"
        raise ParamsError(f"{key}.text: {expected}. Received: {given.text!r}")


def _check_base(params: ParamsFile, runs: Mapping[str, RunParams], name: str, run: RunParams) -> None:
    """A run starts from another, from pseudo-labels or from language models, and not, by any steps, from itself."""
    if name == "none":
        raise ParamsError("runs: expected a name other than none, which says that a run has no base")
    seen = [name]
    while (base := runs[seen[-1]].base) != "none":
        others: dict[str, PseudoLabelParams | LanguageModelParams] = {**params.pseudo_labels, **params.language_models}
        if base in others and others[base].corpus != run.corpus:  # of which nothing was held out there
            received = f"{base!r}, of {others[base].corpus}"
            received += f", that {seen[-1]} starts from" if len(seen) > 1 else ""
            raise ParamsError(f"runs.{name}.base: expected one of its own corpus, {run.corpus}. Received: {received}")
        if base in params.language_models:
            _check_fits(runs, name, base, params.language_models[base])
            return
        if base in params.pseudo_labels:  # for which its teacher has to be there
            base = params.pseudo_labels[base].teacher
        _one_of(f"runs.{seen[-1]}.base", base, ["none", *runs, *others])
        if base in seen:
            raise ParamsError(f"runs.{name}.base: expected a run that does not start from {base} itself")
        seen.append(base)
    if run.model.context_units:
        expected = "expected language models, or a run that starts from some, for context_units of its network"
        raise ParamsError(f"runs.{name}.base: {expected}. Received: {run.base!r}")


def _check_fits(runs: Mapping[str, RunParams], name: str, base: str, models: LanguageModelParams) -> None:
    """A run that starts from language models reads what they have read, and has the network of the run they name."""
    _same(f"runs.{name}.embeddings", runs[name].embeddings, models.embeddings, f"which {base} has read")
    for field in sorted(set(ModelParams.model_fields) - FREE):
        received, expected = (getattr(runs[one].model, field) for one in (name, models.run))
        _same(f"runs.{name}.network: {field}", received, expected, f"that of {base}")


if __name__ == "__main__":
    write_schema()
