"""Make one embedding: published vectors, clusters or text -> data/embeddings/<name>/, and its coverage in metrics/."""

from pathlib import Path
from typing import Any

from ner.core.outputs import whole_directory, whole_file, write_json
from ner.core.params import lookup, read_params
from ner.core.sentence_files import read_sentences
from ner.embeddings.catalogue import build_embedding
from ner.embeddings.coverage import coverage
from ner.embeddings.making import make_embedding
from ner.embeddings.wanted import is_wanted, write_note
from ner.features.embedding_files import Vectors, read_embedding
from ner.pipeline.stage import run_stage


def main(name: str) -> None:
    made = Path("data/embeddings") / name
    numbers: dict[str, Any] = {"wanted": is_wanted(name)}
    with whole_directory(made) as directory:
        if numbers["wanted"]:
            numbers |= _make(name, directory)
        else:
            write_note(directory, name)
    with whole_file(Path("metrics/embeddings") / f"{name}.json") as path:
        write_json(path, numbers)


def _make(name: str, directory: Path) -> dict[str, Any]:
    params = build_embedding(lookup(read_params(), "embeddings", name), f"embeddings.{name}")
    corpora = {
        corpus: {split: read_sentences(Path("data/sentences") / corpus / f"{split}.conll") for split in ("dev", "test")}
        for corpus in params.corpora
    }
    held_out = [sentence for splits in corpora.values() for sentences in splits.values() for sentence in sentences]
    counts = make_embedding(params, Path("data/raw/embeddings") / name, directory, held_out)
    embedding = read_embedding(directory)
    if embedding is None:
        raise AssertionError("make_embedding makes one")
    index = {word: row for row, word in enumerate(embedding.words)}
    return {
        "kind": params.kind,
        "words": len(embedding.words),
        "dimensions": embedding.vectors.shape[1] if isinstance(embedding, Vectors) else None,
        "counts": counts,
        "coverage": {
            corpus: {split: coverage(sentences, index, embedding.normalisation) for split, sentences in splits.items()}
            for corpus, splits in corpora.items()
        },
    }


if __name__ == "__main__":
    run_stage(main, __doc__, "embeddings")
