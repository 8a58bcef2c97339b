"""Cleaned text -> word2vec or fastText vectors, trained by gensim; one worker gives the same bytes each time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gensim.models import FastText, Word2Vec
from tqdm import tqdm

from ner.core.errors import NerError
from ner.embeddings.catalogue import TrainedParams
from ner.embeddings.cleaning import Forms
from ner.features.embedding_files import Vectors

LONGEST = 10_000  # tokens of a line; gensim ignores the rest of a longer one, so it is split


class TrainingTextError(NerError):
    """The training text has no word that is frequent enough."""


class TokenLines:
    """The lines of a file of space-separated tokens; each iteration reads the file again and shows a progress bar."""

    def __init__(self, path: Path, lines: int, normalisation: tuple[str, ...], passes: tuple[str, ...]) -> None:
        """Prepare to read a file, which each iteration opens anew.

        Args:
            path: the file.
            lines: its number of lines, for the progress bar.
            normalisation: steps applied to each token.
            passes: titles of the progress bar, one for each iteration.
        """
        self._path, self._lines, self._passes = path, lines, iter(passes)
        self._forms = Forms(normalisation)

    def __iter__(self) -> Iterator[list[str]]:
        with self._path.open(encoding="utf-8", newline="\n") as file:
            for line in tqdm(file, next(self._passes, "reading"), self._lines, unit="line", mininterval=1):
                tokens = [self._forms[token] for token in line.removesuffix("\n").split(" ")]
                for start in range(0, len(tokens), LONGEST):
                    yield tokens[start : start + LONGEST]


def train_vectors(path: Path, lines: int, params: TrainedParams) -> Vectors:
    """Train a vector for each word that occurs at least `min_count` times, the most frequent word first.

    Args:
        path: a file of lines of space-separated tokens, not normalised.
        lines: its number of lines.
        params: settings of the training.

    Raises:
        TrainingTextError: no word is frequent enough.
    """
    passes = ("counting words", *(f"epoch {epoch}/{params.epochs}" for epoch in range(1, params.epochs + 1)))
    text = TokenLines(path, lines, params.normalisation, passes)
    settings = {
        "sg": int(params.architecture == "skip-gram"),
        "vector_size": params.dimensions,
        "window": params.window,
        "min_count": params.min_count,
        "negative": params.negative,
        "sample": params.sample,
        "alpha": params.learning_rate,
        "min_alpha": params.learning_rate / 1000,
        "seed": params.seed,
        "workers": params.workers,
    }
    if params.subwords is None:
        model = Word2Vec(**settings)
    else:
        subwords = params.subwords
        model = FastText(**settings, min_n=subwords.shortest, max_n=subwords.longest, bucket=subwords.buckets)
    model.build_vocab(text)
    if not model.wv.index_to_key:
        raise TrainingTextError(f"expected words that the text has {params.min_count} times or more. Received: none")
    model.train(text, total_examples=model.corpus_count, epochs=params.epochs)
    return Vectors(tuple(model.wv.index_to_key), np.ascontiguousarray(model.wv.vectors), params.normalisation)
