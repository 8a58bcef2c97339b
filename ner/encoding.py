"""Sentences -> batches of arrays, each of sentences of one length: nothing is padded, masked or truncated."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner.sentence import Sentence
from ner.vocabulary import UNKNOWN, Vocabulary

CASINGS = ("no letter", "lower", "title", "upper", "mixed", "digits", "letters and digits")


def casing(token: str) -> int:
    """The place of a token's casing in CASINGS, which tells what a normalised word lacks.

    >>> [CASINGS[casing(token)] for token in ["Rome", "IBM", "McCoy", "1996", "A4", "--"]]
    ['title', 'upper', 'mixed', 'digits', 'letters and digits', 'no letter']
    """
    letters = [character for character in token if character.isalpha()]
    if any(character.isdecimal() for character in token):
        return 6 if letters else 5
    if not letters:
        return 0
    if token.islower():
        return 1
    if token.isupper() and len(letters) > 1:
        return 3
    return 2 if token.istitle() else 1 if not any(map(str.isupper, letters)) else 4


@dataclass(frozen=True, slots=True)
class Features:
    """What the network reads of one sentence or of a batch: word ids and casings, `(T,)` or `(B, T)`."""

    words: NDArray[np.int32]
    casings: NDArray[np.int32]

    def inputs(self) -> dict[str, NDArray[np.int32]]:
        """By the names of the network's inputs."""
        return {"words": self.words, "casings": self.casings}


@dataclass(frozen=True, slots=True)
class Batch:
    """Sentences of one length; `indices` says which of the corpus they are, `(B,)`."""

    indices: NDArray[np.int64]
    features: Features


@dataclass(frozen=True, slots=True)
class EncodedCorpus:
    """The features of sentences, in the order given, and the indices of the sentences of each length."""

    features: list[Features]
    by_length: dict[int, NDArray[np.int64]]


def encode(sentences: Sequence[Sentence], words: Vocabulary) -> EncodedCorpus:
    """Looks up every token; a word outside the vocabulary becomes UNKNOWN."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for index, sentence in enumerate(sentences):
        by_length[len(sentence)].append(index)
    features = [encode_tokens(sentence.tokens, words) for sentence in sentences]
    return EncodedCorpus(features, {length: np.array(by_length[length]) for length in sorted(by_length)})


def encode_tokens(tokens: Sequence[str], words: Vocabulary) -> Features:
    """The features of one sentence, `(T,)` each."""
    return Features(words.ids(tokens), np.array([*map(casing, tokens)], np.int32))


def batches(corpus: EncodedCorpus, batch_size: int, shuffle: np.random.Generator | None = None) -> Iterator[Batch]:
    """Batches of at most `batch_size` sentences of one length.

    Args:
        corpus: what `encode` returned.
        batch_size: in sentences.
        shuffle: draws the sentences of each batch and the order of the batches; None keeps both in order.
    """
    drawn: list[NDArray[np.int64]] = []
    for indices in corpus.by_length.values():
        order = shuffle.permutation(indices) if shuffle else indices
        drawn.extend(order[start : start + batch_size] for start in range(0, len(order), batch_size))
    for number in shuffle.permutation(len(drawn)) if shuffle else range(len(drawn)):
        chosen = drawn[number]
        features = Features(
            np.stack([corpus.features[index].words for index in chosen]),  # (B, T)
            np.stack([corpus.features[index].casings for index in chosen]),  # (B, T)
        )
        yield Batch(chosen, features)


def forget_words(
    words: NDArray[np.int32], first_rare: int, rate: float, draw: np.random.Generator
) -> NDArray[np.int32]:
    """Word ids of which those from `first_rare` on are UNKNOWN with probability `rate`, so that UNKNOWN is learnt.

    Vocabularies list the frequent words first, so the rare ones are a tail of ids.
    """
    forgotten = (words >= first_rare) & (draw.random(words.shape) < rate)
    return np.where(forgotten, np.int32(UNKNOWN), words)
