"""Cleaned text -> word2vec or fastText vectors, by gensim; with one worker the same bytes each time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gensim.models import FastText, Word2Vec
from tqdm import tqdm

from ner.core.errors import NerError
from ner.embeddings.catalogue import TrainedParams
from ner.embeddings.cleaning import Forms
from ner.features.embedding_files import Vectors

LONGEST = 10_000  # gensim passes over what follows in a line


class TrainingTextError(NerError):
    """There is nothing to train on."""


class TokenLines:
    """Lines of tokens with spaces between, read anew each time they are gone through, with a progress bar."""

    def __init__(self, path: Path, lines: int, normalisation: tuple[str, ...], passes: tuple[str, ...]) -> None:
        """Args: the file; its number of lines; of the tokens; what each time of going through it is called."""
        self._path, self._lines, self._passes = path, lines, iter(passes)
        self._forms = Forms(normalisation)

    def __iter__(self) -> Iterator[list[str]]:
        with self._path.open(encoding="utf-8", newline="\n") as file:
            for line in tqdm(file, next(self._passes, "reading"), self._lines, unit="line", mininterval=1):
                tokens = [self._forms[token] for token in line.removesuffix("\n").split(" ")]
                for start in range(0, len(tokens), LONGEST):
                    yield tokens[start : start + LONGEST]


def train_vectors(path: Path, lines: int, params: TrainedParams) -> Vectors:
    """A vector for each word that the text has often enough, the most frequent first.

    Args:
        path: text as `TokenLines` reads it, not yet normalised.
        lines: how many it has.
        params: how to train.

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
