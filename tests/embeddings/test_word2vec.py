"""Training by gensim: the same bytes each time, and no word of the text is ignored silently."""

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ner.embeddings.word2vec import LONGEST, TokenLines, TrainingTextError, train_vectors

ROOT = Path(__file__).parents[2]
WORDS = [f"word{letter}{letter}" for letter in "abcdefghijklmnopqrstuvwxyzåäöø"]
TRAIN_AND_HASH = """
import hashlib, sys
from pathlib import Path
from ner.embeddings.word2vec import train_vectors
from tests.embeddings.conftest import ENTRIES
from ner.embeddings.catalogue import build_embedding
entry = ENTRIES[sys.argv[2]] | {"dimensions": int(sys.argv[3])}
made = train_vectors(Path(sys.argv[1]), 200, build_embedding(entry, ""))
print(hashlib.sha256(repr(made.words).encode() + made.vectors.tobytes()).hexdigest())
"""


@pytest.fixture
def text(tmp_path: Path) -> Path:
    draw = random.Random(1)
    lines = [" ".join(draw.choices(WORDS, weights=range(1, 31), k=12)) for _ in range(200)]
    (tmp_path / "text").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return tmp_path / "text"


@pytest.mark.parametrize("kind", ["word2vec", "fasttext"])
def test_train_vectors_gives_the_same_bytes_each_time(text: Path, params: Callable[..., Any], kind: str) -> None:
    made = train_vectors(text, 200, params(kind))
    digest = hashlib.sha256(repr(made.words).encode() + made.vectors.tobytes()).hexdigest()
    for hash_seed in ("1", "2"):  # Python's hashes of words differ from process to process
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", TRAIN_AND_HASH, str(text), kind, "8"]
        assert subprocess.check_output(command, cwd=ROOT, env=environment, text=True).strip() == digest


@pytest.mark.parametrize("kind", ["word2vec", "fasttext"])
def test_train_vectors_gives_a_vector_for_each_frequent_word(text: Path, params: Callable[..., Any], kind: str) -> None:
    text.write_text(text.read_text() + "once upon\n", encoding="utf-8")
    made = train_vectors(text, 201, params(kind))
    counts = text.read_text().split()
    assert sorted(made.words) == sorted(WORDS)
    assert list(made.words) == sorted(made.words, key=lambda word: -counts.count(word))
    assert made.vectors.shape == (30, 8)
    assert made.vectors.dtype == np.float32
    assert np.isfinite(made.vectors).all()
    assert made.normalisation == ("lowercase", "digits")


def test_train_vectors_follows_the_seed(text: Path, params: Callable[..., Any]) -> None:
    one, two = (train_vectors(text, 200, params("word2vec", seed=seed)).vectors for seed in (1, 2))
    assert not np.array_equal(one, two)


def test_train_vectors_needs_frequent_words(text: Path, params: Callable[..., Any]) -> None:
    with pytest.raises(TrainingTextError, match="expected words that the text has 9999 times or more"):
        train_vectors(text, 200, params("word2vec", min_count=9999))


def test_token_lines_normalises(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("In 1996 it\n", encoding="utf-8")
    assert list(TokenLines(tmp_path / "text", 1, ("lowercase", "digits"), ("first",))) == [["in", "0000", "it"]]


def test_token_lines_cuts_lines_that_gensim_would_cut_off(tmp_path: Path) -> None:
    (tmp_path / "text").write_text(" ".join(["word"] * (LONGEST + 5)) + "\nan end\n", encoding="utf-8")
    lines = TokenLines(tmp_path / "text", 2, (), ())
    assert [len(tokens) for tokens in lines] == [LONGEST, 5, 2]
    assert [len(tokens) for tokens in lines] == [LONGEST, 5, 2]  # again
