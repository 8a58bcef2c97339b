"""An ONNX file -> checked for loops, without the package onnx, which a deployed tagger does not need.

The file is a message of Protocol Buffers (https://protobuf.dev/programming-guides/encoding). The numbers of fields are
those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path

_GRAPH, _FUNCTIONS = 7, 25  # of a model
_NODES = 1  # of a graph
_ATTRIBUTES = 5  # of a node
_SUBGRAPHS = (6, 11)  # of an attribute: one graph, several
_VARINT, _BYTES, _FIXED = 0, 2, {1: 8, 5: 4}  # kinds of values; those of a fixed number of bytes
MOST_FIELDS = 1_000_000  # our largest graph has thousands


def check_graph(path: Path) -> None:
    """Check that every node of a graph is computed once: no loop, no branch, no function.

    No network of ours has any, and a loop of a stranger might never end.

    Raises:
        ValueError: a node has a graph of its own, the file has functions or endless fields, or it is no ONNX file.
    """
    with path.open("rb") as file:
        model = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    if _Reader().repeats(model):
        raise ValueError(f"{path.name} has a loop, a branch or a function, which no tagger needs")


class _Reader:
    """Reads messages, and counts their fields."""

    def __init__(self) -> None:
        self._count = 0

    def repeats(self, model: memoryview) -> bool:
        for number, value in self._fields(model):
            if number == _FUNCTIONS:
                return True
            if number == _GRAPH and any(map(self._has_subgraph, self._fields_of(value, _NODES))):
                return True
        return False

    def _has_subgraph(self, node: memoryview) -> bool:
        attributes = self._fields_of(node, _ATTRIBUTES)
        return any(number in _SUBGRAPHS for one in attributes for number, _ in self._fields(one))

    def _fields_of(self, message: memoryview, wanted: int) -> Iterator[memoryview]:
        return (value for number, value in self._fields(message) if number == wanted)

    def _fields(self, message: memoryview) -> Iterator[tuple[int, memoryview]]:
        """Yield the number and value of each field of a message; values other than bytes are empty."""
        position = 0
        while position < len(message):
            key, start = _varint(message, position)
            kind, length = key & 7, 0
            if kind == _BYTES:
                length, start = _varint(message, start)
                position = start + length
            elif kind == _VARINT:
                _, position = _varint(message, start)
            elif kind in _FIXED:
                position = start + _FIXED[kind]
            else:
                raise ValueError("expected an ONNX file, got a field of unknown kind")
            self._count += 1
            if position > len(message) or self._count > MOST_FIELDS:
                raise ValueError("expected an ONNX file, got one that is cut off or has endless fields")
            yield key >> 3, message[start : start + length]


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, the lowest first; return it and the position behind it."""
    number = shift = 0
    while True:
        if position >= len(message) or shift > 63:
            raise ValueError("expected an ONNX file, got one that is cut off")
        byte = message[position]
        number |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return number, position
