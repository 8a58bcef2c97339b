"""Numbers of four bits, two in each byte."""

import numpy as np

from ner.features.nibbles import fits, pack, rounded, unpack


def test_every_number_of_four_bits_is_packed_and_unpacked() -> None:
    table = np.array([[-8, 7, 0, 3], [1, -1, -7, 5]], np.int8)
    packed = pack(table)
    assert packed.tolist() == [[0 + 16 * 8, 15 + 16 * 11], [9 + 16 * 1, 7 + 16 * 13]]
    assert unpack(packed).tolist() == table.tolist()
    assert unpack(packed).dtype == np.int8


def test_rounded_numbers_are_within_half_a_step() -> None:
    table = np.random.default_rng(1).normal(size=(50, 6)).astype(np.float32)
    table[0] = 0
    numbers, scales = rounded(table)
    assert fits(numbers)
    assert (np.abs(numbers * scales[:, None] - table).max(axis=1) <= scales / 2 + 1e-6).all()
    assert np.abs(numbers[1:]).max(axis=1).tolist() == [7] * 49


def test_what_does_not_fit_is_told() -> None:
    assert fits(np.zeros((0, 2), np.int8))
    assert not fits(np.zeros((1, 3), np.int8))  # odd
    assert not fits(np.array([[8, 0]], np.int8))
    assert not fits(np.array([[-9, 0]], np.int8))
