"""All of params.yaml, checked in a moment: a mistake is found before the first stage, not hours into the last.

Every stage calls `check_params`, and none has this room in its `deps`: it can stop a run, but not change its result.
"""

from collections.abc import Mapping
from typing import Any

from ner.corpus.catalogue import CorpusParams
from ner.model.parameters import RunParams
from ner.params import ParamsError, build, check_name

SECTIONS = ("corpora", "embeddings", "runs")


def check_params(params: Mapping[str, Any]) -> None:
    """Raises ParamsError at the first key that is unknown, missing, or holds what it may not."""
    for section in params:
        if section not in SECTIONS:
            raise ParamsError(f"{section}: unknown key; expected one of {{{', '.join(SECTIONS)}}}")
    for section in SECTIONS:
        if not isinstance(params.get(section), Mapping):
            raise ParamsError(f"{section}: expected names with their parameters. Received: {params.get(section)!r}")
        for name in params[section]:
            check_name(name, section)
    for name, value in params["corpora"].items():
        build(CorpusParams, value, f"corpora.{name}")
    for name, value in params["embeddings"].items():
        raise ParamsError(f"embeddings.{name}: expected no entry, since no stage reads one yet. Received: {value!r}")
    for name, value in params["runs"].items():
        run = build(RunParams, value, f"runs.{name}")
        if run.corpus not in params["corpora"]:
            known = ", ".join(params["corpora"])
            raise ParamsError(f"runs.{name}.corpus: expected one of {{{known}}}. Received: {run.corpus!r}")
