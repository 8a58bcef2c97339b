"""Making an embedding from fetched files: dropped lines are counted, and dev and test sentences are kept out."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ner.core.sentence import Sentence
from ner.embeddings.making import clean_lines, make_embedding
from ner.embeddings.manifest import COLUMNS
from ner.features.embedding_files import Clusters, Vectors, read_embedding
from ner.text.segmentation import split_text

TEST = "the old bridge of Oslo was closed to all traffic on Monday"
LINES = [
    "Rain fell in Oslo today .",
    "Rain fell in OSLO today .",
    "Too short .",
    f"They say {TEST} .",
    "Rain falls in Rome .",
]


def write_text(raw: Path, lines: Sequence[str]) -> None:
    """Write a text and a manifest that names it, as they are fetched."""
    content = "\n".join(lines).encode()
    row = ("text/a.txt", str(len(content)), hashlib.sha256(content).hexdigest(), "text", "", "https://example.org/a")
    (raw / "texts+one.tsv").write_text("\t".join(COLUMNS) + "\n" + "\t".join(row) + "\n", encoding="utf-8")
    (raw / "text+a.txt").write_bytes(content)


def test_make_embedding_trains_on_what_the_manifest_names(tmp_path: Path, params: Callable[..., Any]) -> None:
    raw, made = tmp_path / "raw", tmp_path / "made"
    raw.mkdir()
    made.mkdir()
    write_text(raw, LINES)
    entry = params("word2vec", file={"path": "texts/one.tsv", "sha256": "0" * 64}, min_count=1)
    counts = make_embedding(entry, raw, made, [Sentence(tuple(TEST.split()), ("O",) * len(TEST.split()))])
    assert counts == {"lines": 5, "short": 1, "duplicate": 1, "overlapping": 1, "kept": 2, "tokens": 11}
    embedding = read_embedding(made)
    assert isinstance(embedding, Vectors)
    assert set(embedding.words) == {"rain", "fell", "in", "oslo", "today", "falls", "rome", "."}
    assert sorted(path.name for path in made.iterdir()) == ["embedding.json", "vectors.npy", "words.txt"]


def test_make_embedding_reads_vectors_and_clusters(tmp_path: Path, params: Callable[..., Any]) -> None:
    (tmp_path / "a+vectors.txt").write_bytes(b"Rome 1 2 3\n")
    (tmp_path / "a+clusters.txt").write_bytes(b"01\tRome\t3\n")
    for kind, name, record in (("published", "a/vectors.txt", Vectors), ("clusters", "a/clusters.txt", Clusters)):
        made = tmp_path / kind
        made.mkdir()
        entry = params(kind, file={"path": name, "sha256": "0" * 64})
        assert make_embedding(entry, tmp_path, made, []) == {"kept": 1}
        assert isinstance(read_embedding(made), record)


def test_sentences_of_a_line_stay_together_and_are_cleaned_one_by_one(
    tmp_path: Path, params: Callable[..., Any]
) -> None:
    write_text(
        tmp_path,
        [
            "Rain fell in Oslo. Snow fell in Rome. Nothing.",
            "Nothing. Never.",
            f"Snow fell in Rome. {TEST.capitalize()}.",
        ],
    )
    entry = params("word2vec", file={"path": "texts/one.tsv", "sha256": "0" * 64})
    held_out = [Sentence(tuple(TEST.split()), ("O",) * len(TEST.split()))]
    split = partial(split_text, language="en", rule="words")
    counts: Counter[str] = Counter()
    lines = [["Rain", "fell", "in", "Oslo", "."], ["Snow", "fell", "in", "Rome", "."]]
    assert list(clean_lines(entry, tmp_path, split, held_out, counts)) == [lines]
    assert counts == {"lines": 7, "short": 3, "duplicate": 1, "overlapping": 1, "kept": 2, "tokens": 10}
