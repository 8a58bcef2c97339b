"""Fetch the files of one embedding: mirror or published addresses -> data/raw/embeddings/<name>/, SHA-256 checked."""

import os
from pathlib import Path

from ner.core.params import build, lookup, read_params
from ner.core.source_files import SourceFile
from ner.corpora.download import fetch
from ner.embeddings.manifest import read_manifest, stored_name
from ner.pipeline.stage import run_stage

TRAINED = ("word2vec", "fasttext")  # their file is a manifest of the files of text


def main(name: str) -> None:
    entry = lookup(read_params(), "embeddings", name)
    source = build(SourceFile, entry["file"], f"embeddings.{name}.file")
    texts = read_manifest(Path(source.path)) if entry["kind"] in TRAINED else []
    mirror = os.environ.get("NER_MIRROR")
    files = [source, *(text.source for text in texts)]
    fetch(files, Path("data/raw/embeddings") / name, Path(mirror) if mirror else None, name=stored_name)


if __name__ == "__main__":
    run_stage(main, __doc__, "embeddings")
