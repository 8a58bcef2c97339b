"""Sentences in word pieces -> windows for an encoder: neighbouring sentences together, a long sentence in several.

Shapes: W windows, P word pieces of a window, N tokens of all sentences. A token's index counts through all sentences.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner.encoders.pieces import LONGEST, PieceTokenizer

BOUNDS = 2  # pieces of a window that belong to no token: the first and the last
NOTHING = -1  # in place of the index of a token: the piece belongs to none
MULTIPLE = 16  # pieces; the length of a batch is a multiple, so that there are few shapes
SHORTEST = 6  # pieces of the shortest first pack of a document that is drawn
MIXED = 40  # packs that are drawn together before they are sorted by length


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Pieces that are read together, and the index of each piece's token, NOTHING for the bounds. Both are `(P,)`."""

    pieces: NDArray[np.int32]
    tokens: NDArray[np.int64]
    sentences: range  # numbers of its sentences, whole or in part


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """All windows of some sentences, and where each token's first piece is, whose vector is the token's."""

    windows: list[Window]
    window: NDArray[np.int64]  # (N,), number of the window
    place: NDArray[np.int64]  # (N,), index of the piece in that window
    positions: int  # of the encoder: most pieces of a window

    def padded_length(self, number: int) -> int:
        """Return the padded length of a window in pieces, a multiple of MULTIPLE, or `positions`."""
        return min(self.positions, -(-len(self.windows[number].pieces) // MULTIPLE) * MULTIPLE)


def make_windows(
    sentences: Sequence[Sequence[NDArray[np.int32]]],
    tokenizer: PieceTokenizer,
    *,
    context_pieces: int,
    positions: int,
    documents: Collection[int] = (),
    shuffle: np.random.Generator | None = None,
) -> Windows:
    """Cut sentences into windows of at most `context_pieces`; a longer sentence has its own, of at most `positions`.

    A sentence longer than `positions` is cut between tokens into windows that overlap by half. The vector of a token
    comes from the window with the most context on both sides of it. No token is left out.

    Args:
        sentences: for each sentence, the pieces of each token, at least one; in the order of the text.
        tokenizer: has the pieces that begin and end a window.
        context_pieces: pieces of a window, with its bounds; 0 reads each sentence by itself.
        positions: of the encoder: most pieces of a window.
        documents: numbers of the sentences that begin a document; they are not read with the sentence before.
        shuffle: draws the size of each document's first window, so that sentences get other neighbours; None draws
            nothing.
    """
    room = positions - BOUNDS
    firsts = np.cumsum([0, *map(len, sentences)])
    lengths = [sum(min(len(ids), room, LONGEST) for ids in sentence) for sentence in sentences]
    windows: list[Window] = []
    window, place = (np.zeros(firsts[-1], np.int64) for _ in range(2))
    most = np.full(firsts[-1], -1)  # pieces that `window` shows at least on either side of each token
    for pack in pack_sentences(lengths, min(context_pieces, positions) - BOUNDS, documents, shuffle):
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
    lengths: Sequence[int],
    room: int,
    documents: Collection[int] = (),
    shuffle: np.random.Generator | None = None,
) -> list[range]:
    """Pack neighbouring sentences: as many together as fit into `room`. A longer sentence is a pack by itself.

    >>> pack_sentences([3, 4, 2, 9, 1], room=8)
    [range(0, 2), range(2, 3), range(3, 4), range(4, 5)]

    Args:
        lengths: of the sentences, in pieces; 0 is allowed.
        room: most pieces of a pack.
        documents: numbers of the sentences that must begin a pack.
        shuffle: draws how many pieces the first pack of each document may have; None draws nothing.
    """

    def first_room() -> int:
        return int(shuffle.integers(SHORTEST, room)) if shuffle and room > SHORTEST else room

    begins = frozenset(documents)
    packs: list[range] = []
    start, used, limit = 0, 0, first_room()
    for number, length in enumerate(lengths):
        if number > start and (used + length > limit or number in begins):
            packs.append(range(start, number))
            start, used, limit = number, 0, first_room() if number in begins else room
        used += length
    return [*packs, range(start, len(lengths))] if lengths else []


def _stretches(starts: NDArray[np.int64], room: int) -> list[range]:
    """Cut pieces between tokens into stretches that cover all pieces and overlap by half of `room`.

    Args:
        starts: start of each token, and the end of the last, `(tokens + 1,)`.
        room: most pieces of a stretch; no token may have more.
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
    """Count the pieces of context of each token in a stretch, on the side that has fewer.

    A side that reaches the end of the text counts as `total`, since nothing is cut off there.
    """
    before = places - stretch.start if stretch.start else np.full_like(places, total)
    after = stretch.stop - 1 - places if stretch.stop < total else np.full_like(places, total)
    return np.minimum(before, after)


def batch_windows(
    made: Windows, size: int, shuffle: np.random.Generator | None = None, count: int | None = None
) -> list[list[int]]:
    """Put windows into batches of at most `size` pieces with padding; return the numbers of each batch's windows.

    Windows of similar length are batched together, which leaves little padding. The windows of one pack stay together,
    even if they have more than `size` pieces.

    Args:
        made: all windows.
        size: most pieces of a batch, with padding.
        shuffle: draws which packs may be batched together, and the order of the batches; None sorts all by length.
        count: required number of batches. Batches are split or joined to reach it, and may then exceed `size`.
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
    """Windows padded on the right to one length, and the places of the tokens whose vectors come from them."""

    pieces: NDArray[np.int32]  # (W, P)
    tokens: NDArray[np.int64]  # (W, P), index of each piece's token; NOTHING for bounds and padding
    shown: NDArray[np.int64]  # indices of the tokens whose vectors are in this batch, in order
    rows: NDArray[np.int32]  # index of the first piece of each of these tokens among all W * P pieces


def pad_windows(made: Windows, chosen: Sequence[int], padding: int) -> WindowBatch:
    """Pad some windows and make one batch of them.

    Args:
        made: all windows.
        chosen: numbers of the windows, at least one.
        padding: id of the padding piece.
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
