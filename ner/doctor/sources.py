"""params.yaml, the mirror and the terms of docs/data.md -> findings: can corpora be had, and passed on?"""

import os
import re
from pathlib import Path
from typing import Any

from ner.doctor.finding import Finding, said

_TERMS = re.compile(r"^\| (?P<names>`[^|]*`) \| (?P<source>[^|]*) \| (?P<terms>[^|]*) \|$", re.MULTILINE)


def check_params_file(root: Path) -> Finding:
    """params.yaml in `root`, checked as every stage does before it starts."""
    from ner.core.params import read_params
    from ner.pipeline.validation import check_params

    try:
        params = read_params(root / "params.yaml")
        check_params(params)
    except ValueError as error:
        return Finding("fail", "params.yaml", said(error), "mend that key; every stage stops at it")
    counts = ", ".join(f"{len(params[section])} {section}" for section in ("corpora", "embeddings", "runs"))
    return Finding("ok", "params.yaml", counts)


def check_mirror(params: dict[str, Any], mirror: str | None = None) -> Finding:
    """The folder that NER_MIRROR names: is it there, and what does it lack of the files that have addresses?"""
    mirror = os.environ.get("NER_MIRROR") if mirror is None else mirror
    if not mirror:
        return Finding("ok", "mirror", "NER_MIRROR is not set: files come from their published addresses")
    if not Path(mirror).is_dir():
        cure = "`export NER_MIRROR=<folder>` with one that is there, or `unset NER_MIRROR`"
        return Finding("fail", "mirror", f"NER_MIRROR names {mirror}, which is no folder", cure)
    paths = published_files(params)
    missing = [path for path in paths if not (Path(mirror) / path).exists()]
    if missing:
        text = f"{mirror} has {len(paths) - len(missing)} of {len(paths)} files; not {', '.join(missing[:3])}"
        text += f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        return Finding("warn", "mirror", text, "put them there, or let `dvc repro` fetch them from the network")
    return Finding("ok", "mirror", f"{mirror} has all {len(paths)} files; checksums are verified as they are read")


def published_files(params: dict[str, Any]) -> list[str]:
    """The paths in a mirror of the files that corpora and embeddings fetch."""
    files = [file for corpus in params["corpora"].values() for file in corpus["files"].values()]
    files += [entry["file"] for entry in params["embeddings"].values() if "file" in entry]
    return [str(file["path"]) for file in files if file.get("urls")]


def terms(page: str) -> dict[str, str]:
    """Terms by corpus, as the table of docs/data.md has them."""
    return {
        name: row["terms"].strip()
        for row in _TERMS.finditer(page)
        for name in re.findall(r"`([a-z0-9*-]+)`", row["names"])
    }


def check_terms(params: dict[str, Any], page: str) -> Finding:
    """Which corpora may not be passed on as one likes; storage that others read passes them on."""
    known = terms(page)
    notes, unknown = [], []
    for name in params["corpora"]:
        said_of_it = known.get(name, known.get(f"{name.split('-')[0]}-*"))
        if said_of_it is None:
            unknown.append(name)
        elif said_of_it != "as the project":
            notes.append(f"{name}: {said_of_it}")
    if unknown:
        cure = "add a row to the table of sources and terms in docs/data.md"
        return Finding("warn", "terms", f"nobody has written down the terms of {', '.join(unknown)}", cure)
    cure = "read them before you push to storage that others read, or publish a tagger"
    return Finding("warn", "terms", "; ".join(notes), cure) if notes else Finding("ok", "terms", "all corpora are free")
