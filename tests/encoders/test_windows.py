"""Sentences -> windows: every token has a place that shows its first piece, and no window is longer than it may be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ner.encoders.pieces import LONGEST, PieceTokenizer
from ner.encoders.windows import BOUNDS, MULTIPLE, NOTHING, batch_windows, make_windows, pack_sentences, pad_windows

TOKENIZER = PieceTokenizer({}, begin=101, end=102, padding=0, unknown=100)
COUNTS = st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=40), min_size=1, max_size=8)


def sentences_of(counts: list[list[int]]) -> list[list[NDArray[np.int32]]]:
    """Tokens of so many pieces; the first piece of each is its number among all tokens, from 1000 on."""
    number = iter(range(1000, 100_000))
    return [[np.array([next(number), *[7] * (count - 1)], np.int32) for count in sentence] for sentence in counts]


@given(COUNTS, st.integers(0, 60), st.integers(32, 60), st.sets(st.integers(0, 7)), st.booleans())
def test_make_windows_shows_every_token_once_within_bounds(
    counts: list[list[int]], context: int, positions: int, documents: set[int], shuffled: bool
) -> None:
    made = make_windows(
        sentences_of(counts),
        TOKENIZER,
        context_pieces=context,
        positions=positions,
        documents=documents,
        shuffle=np.random.default_rng(1) if shuffled else None,
    )
    assert len(made.window) == sum(map(len, counts))
    for number, (window, place) in enumerate(zip(made.window, made.place, strict=True)):
        shown = made.windows[window]
        assert shown.pieces[place] == 1000 + number
        assert shown.tokens[place] == number
    for window in made.windows:
        assert (window.pieces[0], window.pieces[-1]) == (101, 102)
        assert len(window.pieces) <= positions
        if len(window.sentences) > 1:
            assert len(window.pieces) <= context
            assert not documents.intersection(window.sentences[1:])


@given(COUNTS)
def test_make_windows_leaves_no_piece_out(counts: list[list[int]]) -> None:
    made = make_windows(sentences_of(counts), TOKENIZER, context_pieces=40, positions=40)
    read = np.zeros(sum(map(len, counts)), np.int64)
    for window in made.windows:
        of_window = np.bincount(window.tokens[window.tokens != NOTHING], minlength=len(read))
        read = np.maximum(read, of_window)
    assert read.tolist() == [min(count, LONGEST) for sentence in counts for count in sentence]


def test_make_windows_shows_both_sides_of_a_token_in_a_long_sentence() -> None:
    positions, length = 42, 500
    made = make_windows(sentences_of([[1] * length]), TOKENIZER, context_pieces=20, positions=positions)
    before = made.place - 1
    after = np.array([len(made.windows[window].pieces) - BOUNDS for window in made.window]) - 1 - before
    inside = slice(positions // 4, length - positions // 4)
    assert np.minimum(before, after)[inside].min() >= (positions - BOUNDS) // 4 - 1


def test_make_windows_of_no_sentence() -> None:
    assert make_windows([], TOKENIZER, context_pieces=20, positions=40).windows == []


@pytest.mark.parametrize(
    ("lengths", "room", "expected"),
    [
        ([3, 4, 2, 9, 1], 8, [(0, 2), (2, 3), (3, 4), (4, 5)]),
        ([3, 4, 2], 9, [(0, 3)]),
        ([3, 4], -2, [(0, 1), (1, 2)]),
        ([], 8, []),
    ],
)
def test_pack_sentences(lengths: list[int], room: int, expected: list[tuple[int, int]]) -> None:
    assert pack_sentences(lengths, room) == [range(*bounds) for bounds in expected]


def test_pack_sentences_draws_neighbours_anew_in_each_document() -> None:
    shuffle = np.random.default_rng(1)
    drawn = [pack_sentences([2] * 40, 20, [0, 20], shuffle) for _ in range(50)]
    assert len({packs[0].stop for packs in drawn}) > 3
    assert len({pack.stop for packs in drawn for pack in packs if pack.start == 20}) > 3


def test_pack_sentences_keeps_documents_apart() -> None:
    assert pack_sentences([1, 1, 1, 1], 8, documents=[0, 1, 3]) == [range(0, 1), range(1, 3), range(3, 4)]


def test_pad_windows_pads_on_the_right_to_a_multiple() -> None:
    made = make_windows(sentences_of([[1, 2], [3]]), TOKENIZER, context_pieces=0, positions=40)
    batch = pad_windows(made, [1, 0], TOKENIZER.padding)
    nothing, padding = [NOTHING] * (MULTIPLE - 5), [0] * (MULTIPLE - 5)
    assert batch.pieces.tolist() == [[101, 1002, 7, 7, 102, *padding], [101, 1000, 1001, 7, 102, *padding]]
    assert batch.tokens.tolist() == [[-1, 2, 2, 2, -1, *nothing], [-1, 0, 1, 1, -1, *nothing]]


@given(COUNTS, st.integers(0, 60), st.integers(1, 300), st.booleans())
def test_batch_windows_shows_each_token_in_one_batch(
    counts: list[list[int]], context: int, size: int, shuffled: bool
) -> None:
    made = make_windows(sentences_of(counts), TOKENIZER, context_pieces=context, positions=40)
    shuffle = np.random.default_rng(1) if shuffled else None
    batches = batch_windows(made, size, shuffle)
    assert sorted(number for batch in batches for number in batch) == list(range(len(made.windows)))
    seen = []
    for chosen in batches:
        batch = pad_windows(made, chosen, TOKENIZER.padding)
        packs = {made.windows[number].sentences for number in chosen}
        assert batch.pieces.size <= size or len(packs) == 1
        assert batch.pieces.reshape(-1)[batch.rows].tolist() == (1000 + batch.shown).tolist()
        seen.extend(batch.shown.tolist())
    assert sorted(seen) == list(range(sum(map(len, counts))))


def test_batch_windows_leaves_little_padding() -> None:
    counts = [[1] * length for length in np.random.default_rng(1).integers(5, 120, 400)]
    made = make_windows(sentences_of(counts), TOKENIZER, context_pieces=0, positions=500)
    real = sum(len(window.pieces) for window in made.windows)
    for shuffle in (None, np.random.default_rng(1)):
        batches = [pad_windows(made, chosen, 0) for chosen in batch_windows(made, 640, shuffle)]
        assert sum(batch.pieces.size for batch in batches) < 1.3 * real
