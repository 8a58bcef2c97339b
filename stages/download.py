"""Fetch the files of one corpus: mirror or published addresses -> data/raw/<corpus>/, checksums verified."""

import os
from pathlib import Path

from ner.core.params import build, lookup, read_params
from ner.core.source_files import SourceFile
from ner.corpora.download import fetch
from ner.pipeline.stage import run_stage


def main(corpus: str) -> None:
    files = lookup(read_params(), "corpora", corpus, "files")
    sources = [build(SourceFile, value, f"corpora.{corpus}.files.{split}") for split, value in files.items()]
    mirror = os.environ.get("NER_MIRROR")
    fetch(sources, Path("data/raw") / corpus, Path(mirror) if mirror else None)


if __name__ == "__main__":
    run_stage(main, __doc__, "corpora")
