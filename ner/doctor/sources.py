"""params.yaml and the files that it names -> findings: is it valid, and can each file be fetched?"""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from ner.core.params import read_yaml
from ner.doctor.finding import Finding, first_line
from ner.pipeline.validation import check_params


def check_params_and_sources(root: Path) -> Iterator[Finding]:
    """Check params.yaml as every stage does before it starts, then look for the files that it names."""
    try:
        params = read_yaml(root / "params.yaml")
        check_params(params)
    except (ValueError, OSError) as error:
        yield Finding("fail", "params.yaml", first_line(error), "mend that; every stage stops at it")
        return
    runs = len(params["runs"]) + len(params.get("finetune", {}))
    yield Finding("ok", "params.yaml", f"{len(params['corpora'])} corpora, {runs} runs")
    mirror = os.environ.get("NER_MIRROR")
    if mirror and not Path(mirror).is_dir():
        cure = "`export NER_MIRROR=<folder>` with one that exists, or `unset NER_MIRROR`"
        yield Finding("fail", "sources", f"NER_MIRROR names {mirror}, which is no folder", cure)
    else:
        yield check_sources(source_files(params), root, Path(mirror) if mirror else None)


def check_sources(files: dict[str, list[str]], root: Path, mirror: Path | None) -> Finding:
    """Look for each file where `download` does: in the mirror, then at its addresses; below `root` if it has none."""
    sought = {path: urls for path, urls in files.items() if mirror is None or not (mirror / path).exists()}
    missing = [path for path, urls in sought.items() if not urls and not (root / path).exists()]
    if missing:
        return Finding("fail", "sources", f"no such file: {', '.join(missing)}", "mend its `path` in params.yaml")
    published = {path: urls for path, urls in sought.items() if urls}
    with ThreadPoolExecutor(8) as pool:
        reached = list(pool.map(lambda urls: any(map(is_reached, urls)), published.values()))
    lost = [path for path, is_there in zip(published, reached, strict=True) if not is_there]
    if lost:
        cure = "get online, or set NER_MIRROR to a folder that has them at these paths"
        return Finding("warn", "sources", f"neither in a mirror nor at an address: {', '.join(lost)}", cure)
    return Finding(
        "ok", "sources", f"{len(files) - len(published)} files are here, {len(published)} at their addresses"
    )


def source_files(params: dict[str, Any]) -> dict[str, list[str]]:
    """Collect the files of corpora and embeddings: by path, addresses and package, an empty list for a local file."""
    files = [file for corpus in params["corpora"].values() for file in corpus["files"].values()]
    files += [entry["file"] for entry in params["embeddings"].values() if "file" in entry]
    return {str(file["path"]): [*_addresses(file), *filter(None, [file.get("package")])] for file in files}


def _addresses(file: dict[str, Any]) -> list[str]:
    """List the addresses of a file; for each of a published directory that of its first file, since it has no page."""
    first = [f"/{name}" for name in file.get("files", ())[:1]]
    return [url.removesuffix("/") + "".join(first) if first else url for url in file.get("urls", ())]


def is_reached(url: str) -> bool:
    """Ask whether a server answers an address with success, or pip finds a package; the content is not fetched."""
    if "://" not in url:  # such as some==1.0
        pip = [sys.executable, "-m", "pip", "index", "versions", "--retries=0", "--timeout=10", url.partition("==")[0]]
        return subprocess.run(pip, capture_output=True, check=False).returncode == 0
    try:
        with requests.get(url, stream=True, timeout=10) as answer:
            return answer.ok
    except requests.RequestException:
        return False
