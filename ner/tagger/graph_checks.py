"""An ONNX file -> checked for what may never end, without the package onnx, which a deployed tagger does not need.

The file is a message of Protocol Buffers (https://protobuf.dev/programming-guides/encoding). The numbers of fields are
those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

import mmap
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

MOST_FIELDS = 1_000_000  # our largest graph has thousands
MOST_TURNS = 1_000  # an LSTM over the characters of a token is exported as a loop over the longest token

_GRAPH, _FUNCTIONS = 7, 25  # fields of a model
_NODES, _TENSORS, _SPARSE_TENSORS = 1, 5, 15  # of a graph
_INPUTS, _OPERATOR, _ATTRIBUTES = 1, 4, 5  # of a node
_ATTRIBUTE_TENSORS, _SUBGRAPHS = (5, 10), (6, 11)  # of an attribute: one, several
_INTEGERS, _NAME, _RAW, _EXTERNAL = 7, 8, 9, 13  # of a tensor

_VARINT, _BYTES, _FIXED = 0, 2, {1: 8, 5: 4}  # kinds of values; those of a fixed number of bytes


def check_graph(path: Path) -> None:
    """Check that a graph is computed in bounded time, and reads no other file.

    A loop may have at most MOST_TURNS turns, a constant, and no loop in it. There are no branches or functions, which
    our networks do not need.

    Raises:
        ValueError: the graph has something else, or the file is no ONNX file, or has endless fields.
    """
    with path.open("rb") as file:
        model = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    try:
        reader = _Reader()
        if any(reader.all(model, _FUNCTIONS)):
            raise ValueError("expected no functions")
        for graph in reader.all(model, _GRAPH):
            reader.check(graph, is_body=False)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


class _Reader:
    """Reads messages, and counts their fields."""

    def __init__(self) -> None:
        self._count = 0

    def check(self, graph: memoryview, *, is_body: bool) -> None:
        """Check the tensors and nodes of a graph, which may be the body of a loop."""
        tensors = list(self.all(graph, _TENSORS))
        nodes = list(self.all(graph, _NODES))
        attributes = [one for node in nodes for one in self.all(node, _ATTRIBUTES)]
        inner = (self.all(one, number) for one in attributes for number in _ATTRIBUTE_TENSORS)
        if any(any(self.all(tensor, _EXTERNAL)) for tensor in chain(tensors, *inner)):
            raise ValueError("expected no external data")
        if any(self.all(graph, _SPARSE_TENSORS)):
            raise ValueError("expected no sparse tensors")
        constants = {self._name(tensor): tensor for tensor in tensors}
        for node in nodes:
            bodies = [
                body for one in self.all(node, _ATTRIBUTES) for number in _SUBGRAPHS for body in self.all(one, number)
            ]
            if bodies and (is_body or len(constants) < len(tensors) or not self._ends(node, constants)):
                raise ValueError(f"expected no branches, and no loops but of at most {MOST_TURNS} turns")
            for body in bodies:
                self.check(body, is_body=True)

    def _ends(self, node: memoryview, constants: Mapping[bytes, memoryview]) -> bool:
        """Tell whether a node is a loop whose number of turns is a small constant."""
        turns = next(self.all(node, _INPUTS), memoryview(b""))
        operators = [bytes(one) for one in self.all(node, _OPERATOR)]
        if operators != [b"Loop"] or bytes(turns) not in constants:
            return False
        numbers = list(self._integers(constants[bytes(turns)]))
        return len(numbers) == 1 and numbers[0] <= MOST_TURNS  # negative ones are read as larger than 2^63

    def _name(self, tensor: memoryview) -> bytes:
        return b"".join(self.all(tensor, _NAME))

    def _integers(self, tensor: memoryview) -> Iterator[int]:
        for raw in self.all(tensor, _RAW):
            yield int.from_bytes(raw, "little")
        for packed in self.all(tensor, _INTEGERS):
            position = 0
            while position < len(packed):
                number, position = _varint(packed, position)
                yield number

    def all(self, message: memoryview, wanted: int) -> Iterator[memoryview]:
        """Yield the values of a field, as bytes, each time that it stands in a message."""
        position = 0
        while position < len(message):
            key, start = _varint(message, position)
            kind = key & 7
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
            if key >> 3 == wanted:
                yield message[start:position]


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
