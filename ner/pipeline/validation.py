"""All of params.yaml, checked in a moment: a mistake is found before the first stage, not hours into the last.

Every stage calls `check_params`, and none has this module in its `deps`: it can stop a run, but not change its result.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ner.core.params import ParamsError, build, check_name
from ner.corpora.catalogue import CorpusParams
from ner.distillation.language_model_parameters import LanguageModelParams
from ner.distillation.pseudo_labels import SilverParams
from ner.embeddings.catalogue import KINDS, TrainedParams, build_embedding
from ner.model.parameters import ComputeParams, ModelParams, RunParams, TrainingParams
from ner.tagger.compression import ReleaseParams

PRESETS = {"networks": ModelParams, "training": TrainingParams}
SECTIONS = ("corpora", "embeddings", *PRESETS, "runs")
COMPUTE = "compute"
FREE = {"input_dropout", "output_dropout", "clusters", "min_count"}  # of model, beside language models
RELEASE, SILVER, LANGUAGE_MODELS = OPTIONAL = ("release", "silver", "language_models")


def check_params(params: Mapping[str, Any]) -> None:
    """Raises ParamsError at the first key that is unknown, missing, or holds what it may not."""
    for section in params:
        if section not in (*SECTIONS, COMPUTE, *OPTIONAL):
            known = ", ".join((*SECTIONS, "finetune", COMPUTE, *OPTIONAL))
            raise ParamsError(f"{section}: unknown key; expected one of {{{known}}}")
    for section in SECTIONS:
        if not isinstance(params.get(section), Mapping):
            raise ParamsError(f"{section}: expected names with their parameters. Received: {params.get(section)!r}")
        for name in params[section]:
            check_name(name, section)
    for section, record in PRESETS.items():
        for name, value in params[section].items():
            build(record, value, f"{section}.{name}")
    build(ComputeParams, params.get(COMPUTE), COMPUTE)
    for name, value in params["corpora"].items():
        build(CorpusParams, value, f"corpora.{name}")
    for name, value in params["embeddings"].items():
        if name == "none":
            raise ParamsError("embeddings: expected a name other than none, which says that a run uses none")
        for corpus in build_embedding(value, f"embeddings.{name}").corpora:
            if corpus not in params["corpora"]:
                known = ", ".join(params["corpora"])
                raise ParamsError(f"embeddings.{name}.corpora: expected some of {{{known}}}. Received: {corpus!r}")
    for name, value in params["runs"].items():
        run = build(RunParams, value, f"runs.{name}")
        if run.corpus not in params["corpora"]:
            known = ", ".join(params["corpora"])
            raise ParamsError(f"runs.{name}.corpus: expected one of {{{known}}}. Received: {run.corpus!r}")
        _check_embeddings(params["embeddings"], f"runs.{name}", run, f"runs.{name}.model")
    _check_silver(params)
    _check_language_models(params)
    for name in params["runs"]:
        _check_base(params["runs"], params.get(SILVER, {}), params.get(LANGUAGE_MODELS, {}), name)
    _check_release(params["runs"], params.get(RELEASE, {}))


def _check_silver(params: Mapping[str, Any]) -> None:
    """A teacher is a run; what its corpus is is said twice, since dvc.yaml can't look it up."""
    runs, section = params["runs"], params.get(SILVER, {})
    if not isinstance(section, Mapping):
        raise ParamsError(f"{SILVER}: expected names with their parameters. Received: {section!r}")
    for name, value in section.items():
        check_name(name, SILVER)
        silver = build(SilverParams, value, f"{SILVER}.{name}")
        if name in runs or name == "none":
            raise ParamsError(f"{SILVER}: expected a name that is no run's, nor none. Received: {name!r}")
        if silver.teacher not in runs:
            known = ", ".join(runs)
            raise ParamsError(f"{SILVER}.{name}.teacher: expected one of {{{known}}}. Received: {silver.teacher!r}")
        if silver.corpus != (corpus := runs[silver.teacher]["corpus"]):
            expected = f"expected {corpus}, as runs.{silver.teacher} has it"
            raise ParamsError(f"{SILVER}.{name}.corpus: {expected}. Received: {silver.corpus!r}")
        network = build(RunParams, runs[silver.teacher] | {"embeddings": list(silver.embeddings)}, f"{SILVER}.{name}")
        if network.model.context_units:  # a network would be trained from scratch that has none
            expected = "expected a run without model.context_units"
            raise ParamsError(f"{SILVER}.{name}.teacher: {expected}. Received: {silver.teacher!r}")
        _check_embeddings(params["embeddings"], f"{SILVER}.{name}", network, f"runs.{silver.teacher}.model")
        _check_text(params["embeddings"], f"{SILVER}.{name}", silver)
        _check_network(params, f"{SILVER}.{name}", silver.network, silver.teacher)


def _check_language_models(params: Mapping[str, Any]) -> None:
    """What is said twice, since dvc.yaml can't look it up, is what the run says."""
    runs, section = params["runs"], params.get(LANGUAGE_MODELS, {})
    if not isinstance(section, Mapping):
        raise ParamsError(f"{LANGUAGE_MODELS}: expected names with their parameters. Received: {section!r}")
    for name, value in section.items():
        key = f"{LANGUAGE_MODELS}.{name}"
        check_name(name, LANGUAGE_MODELS)
        given = build(LanguageModelParams, value, key)
        if name in runs or name in params.get(SILVER, {}) or name == "none":
            expected = "expected a name that is no run's, no silver's, nor none"
            raise ParamsError(f"{LANGUAGE_MODELS}: {expected}. Received: {name!r}")
        if given.run not in runs:
            raise ParamsError(f"{key}.run: expected one of {{{', '.join(runs)}}}. Received: {given.run!r}")
        run = build(RunParams, runs[given.run], f"runs.{given.run}")
        for field in ("corpus", "embeddings"):
            if getattr(given, field) != getattr(run, field):
                raise ParamsError(
                    f"{key}.{field}: expected what runs.{given.run} has, {runs[given.run][field]}. "
                    f"Received: {value[field]}"
                )
        if not run.model.context_units:
            raise ParamsError(f"{key}.run: expected a run whose model has context_units. Received: {given.run!r}")
        _check_text(params["embeddings"], key, given)
        _check_network(params, key, given.network, given.run)


def _check_network(params: Mapping[str, Any], key: str, network: str, run: str) -> None:
    """The network of a run is named twice as well."""
    if params["networks"].get(network) != params["runs"][run]["model"]:
        raise ParamsError(f"{key}.network: expected that of {run}. Received: {network!r}")


def _check_text(embeddings: Mapping[str, Any], key: str, given: SilverParams | LanguageModelParams) -> None:
    """There is text behind the embedding that is named."""
    named = [one for one in given.embeddings if one != "none"]
    texts = [one for one in named if KINDS[embeddings[one]["kind"]] is TrainedParams]
    if given.text not in texts:
        expected = f"expected one of its embeddings that is trained here, {{{', '.join(texts)}}}"
        raise ParamsError(f"{key}.text: {expected}. Received: {given.text!r}")


def _check_release(runs: Mapping[str, Any], release: Any) -> None:
    if not isinstance(release, Mapping):
        raise ParamsError(f"{RELEASE}: expected names with their parameters. Received: {release!r}")
    for name, value in release.items():
        released = build(ReleaseParams, value, f"{RELEASE}.{name}")
        if name not in runs:
            raise ParamsError(f"{RELEASE}: expected some of {{{', '.join(runs)}}}. Received: {name!r}")
        if released.corpus != (corpus := runs[name]["corpus"]):
            raise ParamsError(
                f"{RELEASE}.{name}.corpus: expected {corpus}, as runs has it. Received: {released.corpus!r}"
            )


def _check_embeddings(embeddings: Mapping[str, Any], key: str, run: RunParams, model_key: str) -> None:
    """What a run names is read by its network; the reverse need not be, so that `-S` can leave an embedding out."""
    for embedding in run.embeddings:
        if embedding != "none" and embedding not in embeddings:
            known = ", ".join(["none", *embeddings])
            raise ParamsError(f"{key}.embeddings: expected some of {{{known}}}. Received: {embedding!r}")
    named = [one for one in run.embeddings if one != "none"]
    kinds = ["clusters" if embeddings[one]["kind"] == "clusters" else "vectors" for one in named]
    if len(set(kinds)) < len(kinds):
        received = f"two {kinds[0]}, {list(run.embeddings)}"
        raise ParamsError(f"{key}.embeddings: expected vectors, clusters, or one of each. Received: {received}")
    for kind in kinds:
        if getattr(run.model, kind) is None:
            raise ParamsError(f"{model_key}.{kind}: missing key; expected since {key}.embeddings names {kind}")
    if not run.model.word_dimensions and not run.model.characters and "vectors" not in kinds:
        raise ParamsError(
            f"{key}.embeddings: expected vectors, since nothing else tells words apart. "
            f"Received: {list(run.embeddings)}"
        )


def _check_base(
    runs: Mapping[str, Any], silver: Mapping[str, Any], language_models: Mapping[str, Any], name: str
) -> None:
    """A run starts from one that is there, from silver or language models, and not, by any steps, from itself."""
    if name == "none":
        raise ParamsError("runs: expected a name other than none, which says that a run has no base")
    seen = [name]
    while (base := runs[seen[-1]]["base"]) != "none":
        for kind, section in (("silver", silver), ("language models", language_models)):
            if base in section and section[base]["corpus"] != (corpus := runs[name]["corpus"]):
                expected = f"expected {kind} of its own corpus, {corpus}"  # of which nothing is held out there
                received = f"{base!r}, of {section[base]['corpus']}"
                received += f", that {seen[-1]} starts from" if len(seen) > 1 else ""
                raise ParamsError(f"runs.{name}.base: {expected}. Received: {received}")
        if base in language_models:
            _check_fits(runs, name, base, language_models[base])
            return
        if base in silver:  # for which its teacher has to be there
            base = silver[base]["teacher"]
        if base not in runs:
            known = ", ".join(["none", *runs, *silver, *language_models])
            raise ParamsError(f"runs.{seen[-1]}.base: expected one of {{{known}}}. Received: {base!r}")
        if base in seen:
            raise ParamsError(f"runs.{name}.base: expected a run that does not start from {base} itself")
        seen.append(base)
    if runs[name]["model"].get("context_units"):
        expected = "expected language models, or a run that starts from some, for model.context_units"
        raise ParamsError(f"runs.{name}.base: {expected}. Received: {runs[name]['base']!r}")


def _check_fits(runs: Mapping[str, Any], name: str, base: str, given: Mapping[str, Any]) -> None:
    """A run that starts from language models reads what they have read, and has the network of the run they name."""
    if runs[name]["embeddings"] != given["embeddings"]:
        expected = f"expected those that {base} has read, {given['embeddings']}"
        raise ParamsError(f"runs.{name}.embeddings: {expected}. Received: {runs[name]['embeddings']}")
    model, other = (build(RunParams, runs[run], f"runs.{run}").model for run in (name, given["run"]))
    for field in sorted({field.name for field in fields(model)} - FREE):
        if getattr(model, field) != getattr(other, field):
            expected = f"expected that of {base}, {getattr(other, field)}"
            raise ParamsError(f"runs.{name}.model.{field}: {expected}. Received: {getattr(model, field)}")
