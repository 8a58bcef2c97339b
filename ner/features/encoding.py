"""Sentences -> batches of arrays. No sentence is truncated.

Without a pretrained encoder, the sentences of a batch have one length, and nothing is padded or masked. With one, a
batch has windows of neighbouring sentences, and both sentences and windows are padded.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ner.core.sentence import Sentence
from ner.encoders.pieces import Pieces
from ner.encoders.reader import WindowReader
from ner.encoders.windows import NOTHING, batch_windows, make_windows, pad_windows
from ner.features.trimmed import ClusterTable, VectorTable
from ner.features.vocabulary import PADDING, UNKNOWN, Vocabulary

# int32 arrays by the name of the network's input: `(T, ...)` for a sentence, `(B, T, ...)` for a batch. "words",
# "casings" and "vectors" have no further axis, "characters" has one of C characters, "clusters" one of P prefixes.
Features = dict[str, NDArray[np.int32]]

MULTIPLE = 8  # tokens; the padded length of sentences is a multiple, so that there are few shapes
SHORTEST_WINDOW = 32  # word pieces that a window counts as in a batch, if `context_pieces` is less

CASINGS = ("no letter", "lower", "title", "upper", "mixed", "digits", "letters and digits")


def casing(token: str) -> int:
    """Return the casing class of a token, as an index into CASINGS: normalised words no longer show it.

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


@dataclass(frozen=True)
class Encoder:
    """Encoder of tokens as ids. Its vocabularies are built from the training sentences, as is its part of an embedding.

    A field that is None, or False, means that the network has no such input.
    """

    words: Vocabulary | None
    casings: bool
    characters: Vocabulary | None = None
    longest: int = 0  # characters that are read of a token; of a longer one its first and last ones, in equal parts
    vectors: VectorTable | None = None
    clusters: ClusterTable | None = None
    reader: WindowReader | None = None  # of a pretrained encoder

    def features(self, tokens: Sequence[str]) -> Features:
        """Encode tokens as the network's inputs, `(T, ...)` for T tokens."""
        columns: Features = {}
        if self.words:
            columns["words"] = self.words.ids(tokens)  # (T,)
        if self.casings:
            columns["casings"] = np.array([casing(token) for token in tokens], np.int32)  # (T,)
        if self.characters:
            columns["characters"] = _character_ids(tokens, self.characters, self.longest)  # (T, C)
        if self.vectors:
            columns["vectors"] = self.vectors.ids(tokens)  # (T,)
        if self.clusters:
            columns["clusters"] = self.clusters.ids(tokens)  # (T, P)
        return columns


def _character_ids(tokens: Sequence[str], characters: Vocabulary, longest: int) -> NDArray[np.int32]:
    """Encode the characters of each token, `(T, longest + 2)`; padding before and after marks its start and end."""
    head, tail = longest - longest // 2, longest // 2
    read = [token if len(token) <= longest else token[:head] + token[len(token) - tail :] for token in tokens]
    codes = np.frombuffer("".join(read).encode("utf-32-le", "surrogatepass"), "<u4")
    distinct, places = np.unique(codes, return_inverse=True)  # each distinct character is looked up once
    lengths = np.array([len(token) for token in read])[:, None]  # (T, 1)
    columns = np.arange(longest + 2)
    ids = np.full((len(read), longest + 2), PADDING, np.int32)
    ids[(columns >= 1) & (columns <= lengths)] = characters.ids([chr(code) for code in distinct])[places]
    return ids


@dataclass(frozen=True, slots=True)
class Batch:
    """Some sentences; `indices` says which of the corpus they are, `(B,)`; features are `(B, T, ...)`.

    Without a pretrained encoder, the sentences have one length. With one, they have any length and are padded with
    zeros on the right. `features` then also has "pieces", `(W, P)`, the ids of P word pieces in each of W windows;
    "firsts", `(B, T)`, the index of each token's first piece among all W * P pieces, NOTHING for padding; and, if the
    encoder is told casings, "piece_casings", `(W, P)`, 0 for bounds and padding.
    """

    indices: NDArray[np.int64]  # (B,): the sentences' indices in the corpus
    features: Features  # (B, T, ...)


@dataclass(frozen=True, slots=True)
class EncodedCorpus:
    """The features of each sentence of a corpus, in order, and the indices of the sentences of each length.

    `pieces`, `casings` and `documents` are only for a pretrained encoder, whose `reader` is then given.
    """

    features: list[Features]
    by_length: dict[int, NDArray[np.int64]]
    reader: WindowReader | None = None
    pieces: list[list[Pieces]] = field(default_factory=list)  # of each token of each sentence
    casings: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))  # (N,), of all tokens, from 1 on
    documents: tuple[int, ...] = ()  # indices of the first sentences of documents

    def tags_like(self, batch: Batch, tags: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
        """Return the tag ids of a batch's sentences, `(B, T)`, with NOTHING for padding."""
        if not self.reader:
            return np.stack([tags[index] for index in batch.indices])
        like = np.full(batch.features["firsts"].shape, NOTHING, np.int32)
        for row, index in enumerate(batch.indices):
            like[row, : len(tags[index])] = tags[index]
        return like


def encode(sentences: Sequence[Sentence], encoder: Encoder) -> EncodedCorpus:
    """Encode all sentences; each distinct token is looked up once."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for index, sentence in enumerate(sentences):
        by_length[len(sentence)].append(index)
    places = {token: place for place, token in enumerate(dict.fromkeys(t for one in sentences for t in one.tokens))}
    columns = encoder.features(list(places)) if places else {}
    rows = (np.array([places[token] for token in sentence.tokens], np.int64) for sentence in sentences)
    features = [{name: column[row] for name, column in columns.items()} for row in rows]
    lengths = {length: np.array(by_length[length]) for length in sorted(by_length)}
    if not encoder.reader:
        return EncodedCorpus(features, lengths)
    ids = encoder.reader.tokenizer.ids(list(places))
    pieces = [[ids[places[token]] for token in sentence.tokens] for sentence in sentences]
    casings = np.array([1 + casing(token) for token in places], np.int32)
    order = np.array([places[token] for sentence in sentences for token in sentence.tokens], np.int64)
    documents = tuple(
        index for index, (one, two) in enumerate(pairwise(sentences), start=1) if one.document != two.document
    )
    return EncodedCorpus(features, lengths, encoder.reader, pieces, casings[order], documents)


def batches(
    corpus: EncodedCorpus, batch_size: int, shuffle: np.random.Generator | None = None, windows_in: int | None = None
) -> Iterator[Batch]:
    """Yield batches of at most `batch_size` sentences of one length, or, with a pretrained encoder, of so many windows.

    Args:
        corpus: what `encode` returned.
        batch_size: most sentences of a batch; with a pretrained encoder, most windows of `context_pieces`.
        shuffle: draws the sentences of each batch, the order of the batches, and the size of each document's first
            window; None draws nothing.
        windows_in: required number of batches of windows; None for as many as they need.
    """
    if corpus.reader:
        yield from _window_batches(corpus, corpus.reader, batch_size, shuffle, windows_in)
        return
    drawn: list[NDArray[np.int64]] = []
    for indices in corpus.by_length.values():
        order = shuffle.permutation(indices) if shuffle else indices
        drawn.extend(order[start : start + batch_size] for start in range(0, len(order), batch_size))
    for number in shuffle.permutation(len(drawn)) if shuffle else range(len(drawn)):
        chosen = [corpus.features[index] for index in drawn[number]]
        yield Batch(drawn[number], {name: np.stack([features[name] for features in chosen]) for name in chosen[0]})


def _window_batches(
    corpus: EncodedCorpus, reader: WindowReader, size: int, shuffle: np.random.Generator | None, count: int | None
) -> Iterator[Batch]:
    context = reader.context_pieces
    made = make_windows(
        corpus.pieces,
        reader.tokenizer,
        context_pieces=context,
        positions=reader.config.positions,
        documents=corpus.documents,
        shuffle=shuffle,
    )
    lengths = np.array([len(pieces) for pieces in corpus.pieces])
    starts = np.cumsum(lengths) - lengths  # of the sentences, in tokens of all
    for chosen in batch_windows(made, size * max(context, SHORTEST_WINDOW), shuffle, count):
        windows = pad_windows(made, chosen, reader.tokenizer.padding)
        packs = dict.fromkeys(made.windows[number].sentences for number in chosen)
        indices = np.array([index for pack in packs for index in pack])
        length = -(-lengths[indices].max() // MULTIPLE) * MULTIPLE
        real = np.arange(length) < lengths[indices, None]  # (B, T)
        tokens = np.where(real, starts[indices, None] + np.arange(length), windows.shown[0])
        features = {
            name: _padded([corpus.features[index][name] for index in indices], length)
            for name in corpus.features[indices[0]]
        }
        features["pieces"] = windows.pieces
        firsts = windows.rows[np.searchsorted(windows.shown, tokens)]
        features["firsts"] = np.where(real, firsts, NOTHING).astype(np.int32)
        if reader.casings:
            casings = corpus.casings[np.maximum(windows.tokens, 0)]
            features["piece_casings"] = np.where(windows.tokens == NOTHING, 0, casings).astype(np.int32)
        yield Batch(indices, features)


def _padded(columns: Sequence[NDArray[np.int32]], length: int) -> NDArray[np.int32]:
    padded = np.zeros((len(columns), length, *columns[0].shape[1:]), np.int32)
    for row, column in zip(padded, columns, strict=True):
        row[: len(column)] = column
    return padded


def drop_words(words: NDArray[np.int32], rates: NDArray[np.float64], draw: np.random.Generator) -> NDArray[np.int32]:
    """Apply word dropout: replace each word id by UNKNOWN with the probability of that word.

    So a network learns a useful vector for UNKNOWN, and does not rely on single words.

    Args:
        words: word ids, of any shape.
        rates: the dropout probability of each id, `(len(vocabulary),)`.
        draw: random generator.
    """
    dropped = draw.random(words.shape) < rates[words]
    return np.where(dropped, np.int32(UNKNOWN), words)
