"""Sentences in pieces -> windows that an encoder reads: whole neighbours side by side, a long sentence in overlaps.

Shapes: W windows, P pieces, N tokens of all sentences, counted through.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner.encoders.pieces import LONGEST, PieceTokenizer

BOUNDS = 2  # pieces of a window that stand for no token: its first and its last
NOTHING = -1  # the token of a piece that belongs to none


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Pieces that are read at once, and whose token each is; NOTHING for the bounds. Both are `(P,)`."""

    pieces: NDArray[np.int32]
    tokens: NDArray[np.int64]
    sentences: range  # that are in it, whole or in part


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """All windows of some sentences, and where each token's vector is: that of its first piece."""

    windows: list[Window]
    window: NDArray[np.int64]  # (N,)
    place: NDArray[np.int64]  # (N,), in that window


def make_windows(
    sentences: Sequence[Sequence[NDArray[np.int32]]],
    tokenizer: PieceTokenizer,
    *,
    context_pieces: int,
    positions: int,
    first: int | None = None,
) -> Windows:
    """Windows of at most `context_pieces`, or, for a sentence that is longer alone, of at most `positions`.

    A sentence longer than `positions` is cut between tokens into windows that overlap by half; the vector of a token
    comes from the one that shows most on both sides of it. So every token has one, and nothing is left out.

    Args:
        sentences: of each its tokens, of each token its pieces, at least one; in the order of the text.
        tokenizer: gives the bounds of a window.
        context_pieces: of a window, its bounds included; 0 reads each sentence by itself.
        positions: of the encoder.
        first: of the first window at most, so that other neighbours meet; None is `context_pieces`.
    """
    room = positions - BOUNDS
    firsts = np.cumsum([0, *map(len, sentences)])
    lengths = [sum(min(len(ids), room, LONGEST) for ids in sentence) for sentence in sentences]
    windows: list[Window] = []
    window, place = (np.zeros(firsts[-1], np.int64) for _ in range(2))
    for pack in pack_sentences(lengths, min(context_pieces, positions) - BOUNDS, first and first - BOUNDS):
        tokens = [ids[: min(room, LONGEST)] for number in pack for ids in sentences[number]]
        starts = np.cumsum([0, *map(len, tokens)])
        owners = firsts[pack.start] + np.repeat(np.arange(len(tokens)), [len(ids) for ids in tokens])
        stretches = _stretches(starts, room)
        seen = np.array([_seen(starts[:-1], stretch, int(starts[-1])) for stretch in stretches])  # (stretches, tokens)
        best = seen.argmax(axis=0)
        pieces = np.concatenate(tokens) if tokens else np.zeros(0, np.int32)
        mine = slice(firsts[pack.start], firsts[pack.start] + len(tokens))
        window[mine] = len(windows) + best
        place[mine] = 1 + starts[:-1] - np.array([stretch.start for stretch in stretches])[best]
        for stretch in stretches:
            inside = slice(stretch.start, stretch.stop)
            bounded = np.concatenate([[tokenizer.begin], pieces[inside], [tokenizer.end]]).astype(np.int32)
            windows.append(Window(bounded, np.pad(owners[inside], 1, constant_values=NOTHING), pack))
    return Windows(windows, window, place)


def pack_sentences(lengths: Sequence[int], room: int, first: int | None = None) -> list[range]:
    """Neighbours that fit together, each pack as many as have `room`; one that is longer is a pack by itself.

    >>> pack_sentences([3, 4, 2, 9, 1], room=8)
    [range(0, 2), range(2, 3), range(3, 4), range(4, 5)]

    Args:
        lengths: of each sentence in pieces; one without any is in a pack like another.
        room: of a pack.
        first: room of the first pack alone.
    """
    packs: list[range] = []
    start, used, limit = 0, 0, room if first is None else first
    for number, length in enumerate(lengths):
        if number > start and used + length > limit:
            packs.append(range(start, number))
            start, used, limit = number, 0, room
        used += length
    return [*packs, range(start, len(lengths))] if lengths else []


def _stretches(starts: NDArray[np.int64], room: int) -> list[range]:
    """Stretches of pieces, from the start of a token to that of another, that cover all and overlap by half of `room`.

    Args:
        starts: of the tokens, and the end of the last, `(tokens + 1,)`.
        room: of a stretch, at least what the longest token has.
    """
    total = int(starts[-1])
    stretches: list[range] = []
    begin = 0
    while True:
        end = int(starts[starts <= begin + room].max())
        stretches.append(range(begin, end))
        if end == total:
            return stretches
        later = starts[(starts > begin) & (starts <= begin + room // 2)]
        begin = int(later.max()) if len(later) else int(starts[starts > begin].min())


def _seen(places: NDArray[np.int64], stretch: range, total: int) -> NDArray[np.int64]:
    """How many pieces the stretch shows at least on either side of each token; -1 if the token is not in it.

    A side that ends with the text hides nothing.
    """
    before = places - stretch.start if stretch.start else np.full_like(places, total)
    after = stretch.stop - 1 - places if stretch.stop < total else np.full_like(places, total)
    inside = (places >= stretch.start) & (places < stretch.stop)
    return np.where(inside, np.minimum(before, after), -1)


@dataclass(frozen=True, slots=True, eq=False)
class WindowBatch:
    """Windows padded to one length, and the tokens that take their vectors from them."""

    pieces: NDArray[np.int32]  # (W, P)
    tokens: NDArray[np.int64]  # (W, P), NOTHING for bounds and padding


def pad_windows(windows: Sequence[Window], padding: int, multiple: int = 1) -> WindowBatch:
    """Padded on the right to the length of the longest, or to the next `multiple`, so that shapes are few.

    Args:
        windows: at least one.
        padding: the piece.
        multiple: of the length.
    """
    longest = -(-max(len(window.pieces) for window in windows) // multiple) * multiple
    pieces = np.full((len(windows), longest), padding, np.int32)
    tokens = np.full((len(windows), longest), NOTHING, np.int64)
    for row, window in enumerate(windows):
        pieces[row, : len(window.pieces)] = window.pieces
        tokens[row, : len(window.tokens)] = window.tokens
    return WindowBatch(pieces, tokens)
