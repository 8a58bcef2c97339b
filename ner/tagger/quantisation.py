"""An ONNX graph -> the same graph with its matrices in eight bits, and its large embeddings in four.

What a token gets depends neither on the other sentences of its batch nor on the processor:

- Embeddings and the matrices of LSTMs are stored in few bits, and computed with in 32.
- Dense layers multiply in eight bits. The activations of each token have a scale of their own (token-wise quantisation,
  Yao et al. 2022, "ZeroQuant").

Each row of an embedding and each output channel of another matrix has a scale of its own.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.helper import make_graph, make_model, make_node
from onnx.numpy_helper import from_array, to_array

from ner.features.nibbles import LOWEST, pack, rounded

FLOAT = onnx.TensorProto.FLOAT
LARGE = 1_000  # rows above which an embedding has four bits
LARGEST = 127
# Of the factors of a dense layer. Processors without VNNI add two products in 16 bits, where 2 * 255 * 127 is cut off.
LARGEST_FACTOR = 63
ZERO = 128  # stands for 0 in the activations, which are multiplied without a sign

Arrays = dict[str, NDArray[Any]]
Nodes = list[onnx.NodeProto]

SHARED: Arrays = {
    "largest": np.array(LARGEST, np.float32),
    "smallest": np.array(1e-20, np.float32),  # scale of a token whose activations are all 0
    "zero": np.array(ZERO, np.float32),
    "zero_point": np.array(ZERO, np.uint8),
    "lowest": np.array(LOWEST, np.float32),
    "sixteen": np.array(16, np.int32),
    "last_axis": np.array([-1], np.int64),
}


def quantise(source: Path, target: Path) -> None:
    """Quantise the embeddings, LSTMs and dense layers of the graph in `source`, and write it to `target`."""
    model = onnx.load(source)
    graph = model.graph
    constants: Arrays = {constant.name: to_array(constant) for constant in graph.initializer}
    nodes: Nodes = []
    for node in graph.node:
        matrices = [name for name in node.input if _is_matrix(constants.get(name))]
        nodes += QUANTISERS[node.op_type](node, constants) if matrices and node.op_type in QUANTISERS else [node]
    constants |= SHARED
    read = set(_read(nodes))
    kept = [from_array(array, name) for name, array in constants.items() if name in read]
    made = make_graph(nodes, graph.name, graph.input, graph.output, kept)
    onnx.save(make_model(made, opset_imports=model.opset_import, ir_version=model.ir_version), target)


def _read(nodes: Iterable[onnx.NodeProto]) -> Iterator[str]:
    """Yield the names of all values that nodes read, or graphs inside them, such as the body of a loop."""
    for node in nodes:
        yield from node.input
        for attribute in node.attribute:
            yield from _read(attribute.g.node)


def _is_matrix(constant: NDArray[Any] | None) -> bool:
    return constant is not None and constant.dtype == np.float32 and constant.ndim > 1


def _rounded(matrix: NDArray[np.float32], *, axis: int, largest: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round a matrix to whole numbers up to `largest`, and return them with the scales along `axis`."""
    other = 1 - axis
    scales = np.abs(matrix).max(axis=other) / np.float32(largest)
    scales[scales == 0] = 1
    return np.rint(matrix / np.expand_dims(scales, other)).astype(np.int8), scales


def _embedding(node: onnx.NodeProto, constants: Arrays) -> Nodes:
    """Look up rows in few bits, and multiply each by its scale."""
    (table, ids), (out,) = node.input, node.output
    rows, scales = f"{table}_rows", f"{table}_scales"
    large = len(constants[table]) > LARGE and constants[table].shape[1] % 2 == 0
    if large:
        numbers, constants[scales] = rounded(constants[table])
        constants[rows] = pack(numbers)
    else:
        constants[rows], constants[scales] = _rounded(constants[table], axis=0, largest=LARGEST)
    return [
        make_node("Gather", [rows, ids], [f"{out}_row"], axis=0),
        *(_unpacked(out) if large else [make_node("Cast", [f"{out}_row"], [f"{out}_float"], to=FLOAT)]),
        make_node("Gather", [scales, ids], [f"{out}_scale"], axis=0),
        make_node("Unsqueeze", [f"{out}_scale", "last_axis"], [f"{out}_factor"]),
        make_node("Mul", [f"{out}_float", f"{out}_factor"], [out]),
    ]


def _unpacked(out: str) -> Nodes:
    """Undo `nibbles.pack`: bytes `{out}_row` -> numbers `{out}_float`."""
    return [
        make_node("Cast", [f"{out}_row"], [f"{out}_bytes"], to=onnx.TensorProto.INT32),
        make_node("Mod", [f"{out}_bytes", "sixteen"], [f"{out}_lower"]),
        make_node("Div", [f"{out}_bytes", "sixteen"], [f"{out}_upper"]),
        make_node("Concat", [f"{out}_lower", f"{out}_upper"], [f"{out}_halves"], axis=-1),
        make_node("Cast", [f"{out}_halves"], [f"{out}_shifted"], to=FLOAT),
        make_node("Add", [f"{out}_shifted", "lowest"], [f"{out}_float"]),
    ]


def _lstm(node: onnx.NodeProto, constants: Arrays) -> Nodes:
    """Store the matrices of both directions in eight bits; ONNX Runtime makes them floats when it loads the graph."""
    before: Nodes = []
    for name in node.input[1:3]:  # (directions, 4 * units, I), (directions, 4 * units, units)
        whole = constants[name]
        rows, scales, shape = f"{name}_rows", f"{name}_scales", f"{name}_shape"
        constants[rows], constants[scales] = _rounded(whole.reshape(-1, whole.shape[-1]), axis=0, largest=LARGEST)
        constants[shape] = np.array(whole.shape, np.int64)
        before += [
            make_node("DequantizeLinear", [rows, scales], [f"{name}_floats"], axis=0),
            make_node("Reshape", [f"{name}_floats", shape], [f"{name}_whole"]),
        ]
    node.input[1:3] = [f"{name}_whole" for name in node.input[1:3]]
    return [*before, node]


def _dense(node: onnx.NodeProto, constants: Arrays) -> Nodes:
    """Scale each token's activations to whole numbers, multiply these, and scale the sums back."""
    (x, matrix), (out,) = node.input, node.output
    factors, scales = f"{matrix}_factors", f"{matrix}_scales"
    constants[factors], constants[scales] = _rounded(constants[matrix], axis=1, largest=LARGEST_FACTOR)
    return [
        make_node("Abs", [x], [f"{out}_abs"]),
        make_node("ReduceMax", [f"{out}_abs"], [f"{out}_max"], axes=[-1], keepdims=1),
        make_node("Div", [f"{out}_max", "largest"], [f"{out}_ratio"]),
        make_node("Max", [f"{out}_ratio", "smallest"], [f"{out}_scale"]),
        make_node("Div", [x, f"{out}_scale"], [f"{out}_scaled"]),
        make_node("Round", [f"{out}_scaled"], [f"{out}_round"]),
        make_node("Add", [f"{out}_round", "zero"], [f"{out}_shifted"]),
        make_node("Cast", [f"{out}_shifted"], [f"{out}_whole"], to=onnx.TensorProto.UINT8),
        make_node("MatMulInteger", [f"{out}_whole", factors, "zero_point"], [f"{out}_sums"]),
        make_node("Cast", [f"{out}_sums"], [f"{out}_float"], to=FLOAT),
        make_node("Mul", [f"{out}_float", f"{out}_scale"], [f"{out}_product"]),
        make_node("Mul", [f"{out}_product", scales], [out]),
    ]


QUANTISERS: dict[str, Callable[[onnx.NodeProto, Arrays], Nodes]] = {
    "Gather": _embedding,
    "LSTM": _lstm,
    "MatMul": _dense,
}
