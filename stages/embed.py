"""Make one embedding: data/raw/embeddings/<name>/ -> data/embeddings/<name>/, and metrics/embeddings/<name>.json.

Published vectors and clusters are converted; vectors to train are trained on the text. The metrics say how many words
of each corpus the embedding covers.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ner.core.outputs import whole_directory, whole_file, write_json
from ner.core.params import lookup, read_params
from ner.core.sentence import Sentence
from ner.core.sentence_files import read_sentences
from ner.embeddings.catalogue import EncoderFileParams, build_embedding
from ner.embeddings.coverage import coverage, piece_coverage
from ner.embeddings.making import make_embedding
from ner.encoders.files import PretrainedEncoder
from ner.encoders.four_bits import read_pretrained
from ner.features.embedding_files import Clusters, Vectors, read_embedding
from ner.pipeline.stage import run_stage

Splits = Mapping[str, Mapping[str, Sequence[Sentence]]]  # by corpus, then by split


def main(name: str) -> None:
    params = build_embedding(lookup(read_params(), "embeddings", name), f"embeddings.{name}")
    corpora = {
        corpus: {split: read_sentences(Path("data/sentences") / corpus / f"{split}.conll") for split in ("dev", "test")}
        for corpus in params.corpora
    }
    held_out = [sentence for splits in corpora.values() for sentences in splits.values() for sentence in sentences]
    with whole_directory(Path("data/embeddings") / name) as directory:
        counts = make_embedding(params, Path("data/raw/embeddings") / name, directory, held_out)
        if isinstance(params, EncoderFileParams):
            numbers = encoder_numbers(read_pretrained(directory), counts, corpora)
        else:
            numbers = word_numbers(read_embedding(directory), counts, corpora)
    with whole_file(Path("metrics/embeddings") / f"{name}.json") as path:
        write_json(path, {"kind": params.kind, **numbers})


def word_numbers(embedding: Vectors | Clusters | None, counts: dict[str, int], corpora: Splits) -> dict[str, Any]:
    """Say how many words there are, and what they cover of each corpus."""
    if embedding is None:
        raise AssertionError("make_embedding makes one")
    index = {word: row for row, word in enumerate(embedding.words)}
    return {
        "words": len(embedding.words),
        "dimensions": embedding.vectors.shape[1] if isinstance(embedding, Vectors) else None,
        "counts": counts,
        "coverage": {
            corpus: {split: coverage(sentences, index, embedding.normalisation) for split, sentences in splits.items()}
            for corpus, splits in corpora.items()
        },
    }


def encoder_numbers(encoder: PretrainedEncoder, counts: dict[str, int], corpora: Splits) -> dict[str, Any]:
    """Say how many word pieces there are, and into how many each corpus falls."""
    return {
        "pieces": len(encoder.tokenizer),
        "dimensions": encoder.config.hidden,
        "counts": counts,
        "coverage": {
            corpus: {split: piece_coverage(sentences, encoder.tokenizer) for split, sentences in splits.items()}
            for corpus, splits in corpora.items()
        },
    }


if __name__ == "__main__":
    run_stage(main, __doc__, "embeddings")
