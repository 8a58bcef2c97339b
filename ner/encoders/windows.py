"""Sentences in pieces -> windows that an encoder reads: whole neighbours side by side, a long sentence in overlaps.

Shapes: W windows, P pieces, N tokens of all sentences, counted through.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner.encoders.pieces import LONGEST, PieceTokenizer

BOUNDS = 2  # pieces of a window that stand for no token: its first and its last
NOTHING = -1  # the token of a piece that belongs to none
MULTIPLE = 16  # of the length of a batch, in pieces
MIXED = 40  # packs that are drawn together before they are sorted by length


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
    positions: int  # of the encoder

    def padded_length(self, number: int) -> int:
        """Of a window, in pieces, so that shapes are few."""
        return min(self.positions, -(-len(self.windows[number].pieces) // MULTIPLE) * MULTIPLE)


def make_windows(
    sentences: Sequence[Sequence[NDArray[np.int32]]],
    tokenizer: PieceTokenizer,
    *,
    context_pieces: int,
    positions: int,
    first: int | None = None,
    documents: Collection[int] = (),
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
        documents: numbers of sentences that begin one, and so are no neighbours of the sentence before.
    """
    room = positions - BOUNDS
    firsts = np.cumsum([0, *map(len, sentences)])
    lengths = [sum(min(len(ids), room, LONGEST) for ids in sentence) for sentence in sentences]
    windows: list[Window] = []
    window, place = (np.zeros(firsts[-1], np.int64) for _ in range(2))
    most = np.full(firsts[-1], -1)  # pieces that `window` shows at least on either side of each token
    size, first_size = min(context_pieces, positions) - BOUNDS, first and first - BOUNDS
    for pack in pack_sentences(lengths, size, first_size, documents):
        tokens = [ids[: min(room, LONGEST)] for number in pack for ids in sentences[number]]
        starts, start = np.cumsum([0, *map(len, tokens)]), firsts[pack.start]
        owners = start + np.repeat(np.arange(len(tokens)), [len(ids) for ids in tokens])
        pieces = np.concatenate(tokens) if tokens else np.zeros(0, np.int32)
        for stretch in _stretches(starts, room):
            inside = np.arange(*np.searchsorted(starts[:-1], (stretch.start, stretch.stop)))
            shown = _shown(starts[inside], stretch, len(pieces))
            better = shown > most[start + inside]
            mine = start + inside[better]
            most[mine], window[mine] = shown[better], len(windows)
            place[mine] = 1 + starts[inside[better]] - stretch.start
            part = slice(stretch.start, stretch.stop)
            bounded = np.concatenate([[tokenizer.begin], pieces[part], [tokenizer.end]]).astype(np.int32)
            windows.append(Window(bounded, np.pad(owners[part], 1, constant_values=NOTHING), pack))
    return Windows(windows, window, place, positions)


def pack_sentences(
    lengths: Sequence[int], room: int, first: int | None = None, documents: Collection[int] = ()
) -> list[range]:
    """Neighbours that fit together, each pack as many as have `room`; one that is longer is a pack by itself.

    >>> pack_sentences([3, 4, 2, 9, 1], room=8)
    [range(0, 2), range(2, 3), range(3, 4), range(4, 5)]

    Args:
        lengths: of each sentence in pieces; one without any is in a pack like another.
        room: of a pack.
        first: room of the first pack alone.
        documents: numbers of sentences that begin a pack.
    """
    begins = frozenset(documents)
    packs: list[range] = []
    start, used, limit = 0, 0, room if first is None else first
    for number, length in enumerate(lengths):
        if number > start and (used + length > limit or number in begins):
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
        end = int(starts[np.searchsorted(starts, begin + room, side="right") - 1])
        stretches.append(range(begin, end))
        if end == total:
            return stretches
        half = int(starts[np.searchsorted(starts, begin + room // 2, side="right") - 1])
        begin = half if half > begin else int(starts[np.searchsorted(starts, begin, side="right")])


def _shown(places: NDArray[np.int64], stretch: range, total: int) -> NDArray[np.int64]:
    """How many pieces the stretch shows at least on either side of each token of it.

    A side that ends with the text hides nothing.
    """
    before = places - stretch.start if stretch.start else np.full_like(places, total)
    after = stretch.stop - 1 - places if stretch.stop < total else np.full_like(places, total)
    return np.minimum(before, after)


def batch_windows(
    made: Windows, size: int, shuffle: np.random.Generator | None = None, count: int | None = None
) -> list[list[int]]:
    """Numbers of windows, in batches that have at most `size` pieces with their padding, or one pack if that has more.

    Windows of like length come together, which leaves little padding. Those of one sentence stay together.

    Args:
        made: all windows.
        size: of a batch, in pieces.
        shuffle: draws which packs may come together, and the order of the batches; None sorts all by length.
        count: batches that there have to be; some are then split or joined, and may exceed `size`.
    """
    packs: dict[range, list[int]] = {}
    for number, window in enumerate(made.windows):
        packs.setdefault(window.sentences, []).append(number)
    every = list(packs.values())
    longest = [max(made.padded_length(number) for number in numbers) for numbers in every]
    order = shuffle.permutation(len(every)) if shuffle else np.arange(len(every))
    batches: list[list[int]] = []  # of packs
    reach = MIXED if shuffle else max(1, len(every))
    for start in range(0, len(every), reach):
        batches.append([])
        windows = 0
        for pack in sorted(order[start : start + reach].tolist(), key=longest.__getitem__):
            if batches[-1] and (windows + len(every[pack])) * longest[pack] > size:
                batches.append([])
                windows = 0
            batches[-1].append(pack)
            windows += len(every[pack])
    if count is not None:
        _make_as_many(batches, count)
    numbers = [[number for pack in batch for number in every[pack]] for batch in batches]
    return [numbers[place] for place in shuffle.permutation(len(numbers))] if shuffle else numbers


def _make_as_many(batches: list[list[int]], count: int) -> None:
    """Split the largest batches, or join the smallest, until there are `count`, if there are as many packs."""
    while len(batches) > count:
        batches.sort(key=len, reverse=True)
        smallest = batches.pop()
        batches[-1] += smallest
    while len(batches) < count:
        largest = max(batches, key=len, default=[])
        if len(largest) < 2:
            return
        half = len(largest) // 2
        batches.append(largest[half:])
        del largest[half:]


@dataclass(frozen=True, slots=True, eq=False)
class WindowBatch:
    """Windows padded on the right to one length, and where the tokens are that take their vectors from them."""

    pieces: NDArray[np.int32]  # (W, P)
    tokens: NDArray[np.int64]  # (W, P), whose each piece is; NOTHING for bounds and padding
    shown: NDArray[np.int64]  # tokens whose vectors are here, in order
    rows: NDArray[np.int32]  # of each of them, its place in all W * P pieces


def pad_windows(made: Windows, chosen: Sequence[int], padding: int) -> WindowBatch:
    """Some windows as one batch.

    Args:
        made: all windows.
        chosen: numbers of at least one of them.
        padding: the piece.
    """
    length = max(made.padded_length(number) for number in chosen)
    pieces = np.full((len(chosen), length), padding, np.int32)
    tokens = np.full((len(chosen), length), NOTHING, np.int64)
    row = np.full(len(made.windows), NOTHING)
    for place, number in enumerate(chosen):
        window = made.windows[number]
        pieces[place, : len(window.pieces)] = window.pieces
        tokens[place, : len(window.tokens)] = window.tokens
        row[number] = place
    shown = np.flatnonzero(row[made.window] != NOTHING)
    rows = row[made.window[shown]] * length + made.place[shown]
    return WindowBatch(pieces, tokens, shown, rows.astype(np.int32))
