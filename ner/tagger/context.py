"""Sentences of tokens -> a vector of each token in its context, by the exported pretrained encoder of a tagger.

Sentences are read with their neighbours, as in training. An empty sentence ends a document, and no window crosses it.
Shapes: N tokens of all sentences, W windows, P word pieces of a window, H hidden units.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ner.encoders.pieces import Pieces
from ner.encoders.reader import WindowReader
from ner.encoders.windows import BOUNDS, NOTHING, batch_windows, make_windows, pack_sentences, pad_windows
from ner.features.encoding import casing

if TYPE_CHECKING:
    import onnxruntime

PIECES = 2_048  # word pieces of one call of the encoder, with padding; bounds memory and changes no tag
KEPT = 65_536  # tokens whose word pieces are cached

Tokens = Sequence[str]


class ContextReader:
    """A pretrained encoder in ONNX Runtime, which reads sentences in windows. Only one thread at a time may call it."""

    def __init__(self, reader: WindowReader, session: "onnxruntime.InferenceSession") -> None:
        self._reader, self._session = reader, session
        self._pieces: dict[str, Pieces] = {}

    def vectors(self, sentences: Sequence[Tokens]) -> NDArray[np.float32]:
        """Compute the vectors of all tokens of all sentences, in order, `(N, H)`."""
        reader = self._reader
        read, documents = _documents(sentences)
        made = make_windows(
            self._cut(read),
            reader.tokenizer,
            context_pieces=reader.context_pieces,
            positions=reader.config.positions,
            documents=documents,
        )
        casings = np.array([1 + casing(token) for tokens in read for token in tokens], np.int32)  # (N,)
        found = np.zeros((len(casings), reader.config.hidden), np.float32)
        for chosen in batch_windows(made, PIECES):
            windows = pad_windows(made, chosen, reader.tokenizer.padding)
            inputs = {"pieces": windows.pieces}  # (W, P)
            if reader.casings:
                of_tokens = casings[np.maximum(windows.tokens, 0)]
                inputs["piece_casings"] = np.where(windows.tokens == NOTHING, 0, of_tokens).astype(np.int32)
            (vectors,) = self._session.run(None, inputs)  # (W, P, H)
            found[windows.shown] = vectors.reshape(-1, vectors.shape[-1])[windows.rows]
        return found

    def complete(self, sentences: Sequence[Tokens]) -> int:
        """Count the first sentences that share no window with later ones: all but those of the last, open window."""
        if not sentences or not sentences[-1]:
            return len(sentences)
        read, documents = _documents(sentences)
        last = read[documents[-1] :]
        room = min(self._reader.context_pieces, self._reader.config.positions) - BOUNDS
        packs = pack_sentences([sum(map(len, ids)) for ids in self._cut(last)], room)
        return len(sentences) - len(last) + packs[-1].start

    def _cut(self, sentences: Sequence[Tokens]) -> list[list[Pieces]]:
        """Return the word pieces of each token of each sentence."""
        new = [token for token in dict.fromkeys(t for one in sentences for t in one) if token not in self._pieces]
        if len(self._pieces) + len(new) > KEPT:
            self._pieces.clear()
            new = list(dict.fromkeys(token for one in sentences for token in one))
        self._pieces.update(zip(new, self._reader.tokenizer.ids(new), strict=True))
        return [[self._pieces[token] for token in tokens] for tokens in sentences]


def _documents(sentences: Sequence[Tokens]) -> tuple[list[Tokens], list[int]]:
    """Leave out empty sentences; return the others, and the numbers of those that begin a document."""
    read: list[Tokens] = []
    documents: list[int] = []
    ended = True
    for tokens in sentences:
        if tokens:
            documents += [len(read)] if ended else []
            read.append(tokens)
        ended = not tokens
    return read, documents
