"""Numbers of four bits <-> bytes, two in each. Shapes: N rows, D numbers of a row, an even number."""

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = -8, 7


def rounded(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round the rows of a table `(N, D)` to numbers of four bits, and return these with each row's scale, `(N,)`."""
    scales = (np.abs(table).max(axis=1, initial=0) / HIGHEST).astype(np.float32)
    scales[scales == 0] = 1
    return np.rint(table / scales[:, None]).astype(np.int8), scales


def fits(table: NDArray[np.int8]) -> bool:
    """Tell whether a table can be packed."""
    even, lowest, highest = table.shape[1] % 2 == 0, int(table.min(initial=0)), int(table.max(initial=0))
    return even and lowest >= LOWEST and highest <= HIGHEST


def pack(table: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Pack `(N, D)` into `(N, D / 2)`: byte i has number i in its lower half, and number i + D / 2 in its upper one."""
    numbers = (table - np.int8(LOWEST)).astype(np.uint8)
    half = table.shape[1] // 2
    return numbers[:, :half] | np.left_shift(numbers[:, half:], 4, dtype=np.uint8)


def unpack(packed: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Undo `pack`."""
    return np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.int8) + np.int8(LOWEST)
