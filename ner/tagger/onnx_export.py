"""A trained network -> ONNX graphs of its parts, made by Keras' own exporter.

`tokens.onnx` maps the features of N tokens to token vectors `(1, N, D)`. `sentences.onnx` maps B sentences of token
vectors, `(B, T, D)`, to logits `(B, T, K)`. So the vector of a frequent token is computed once and kept.

A tagger with a pretrained encoder also has `encoder.onnx`, which maps word pieces `(W, P)` to their vectors in context,
`(W, P, H)`. A token's vector then ends with that of its first piece. If tokens have no other features, there is no
`tokens.onnx`.

Pretrained word vectors that were not tuned are in no graph. They are an input of `tokens.onnx`, `(1, N, V)`, so that
they can be stored in eight bits.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx

from ner.core.errors import NerError
from ner.core.sentence import Sentence, tokens_of
from ner.features.encoding import encode
from ner.model.architectures import build_network
from ner.model.checkpoint import Checkpoint
from ner.model.crf import chain_of
from ner.model.tagging import logits_of, tag_corpus
from ner.tagger.files import ENCODER, SENTENCES, TOKENS, Exported, Settings, save_exported
from ner.tagger.tagger import Tagger

TOLERANCE = 1e-4  # nats; largest difference of a logit between Keras and ONNX Runtime
OPSET = 17
IN_CONTEXT = ("pieces", "firsts", "piece_casings")  # inputs of a pretrained encoder


class ExportError(NerError):
    """The exported network gives other results than the one that was trained."""


def export_tagger(
    directory: Path,
    checkpoint: Checkpoint,
    *,
    name: str,
    corpus: str,
    language: str,
    rule: str,
    scores: Mapping[str, float],
) -> Tagger:
    """Write an exported tagger without its card into the existing `directory`, and load it.

    The keyword arguments become `Settings`, which explains them.

    Raises:
        TaggerError: what was written can't be loaded.
    """
    export_network(checkpoint, directory)
    settings = Settings(
        name=name,
        corpus=corpus,
        language=language,
        rule=rule,
        normalisation=checkpoint.params.normalisation,
        casings=checkpoint.encoder.casings,
        longest=checkpoint.encoder.longest,
        weights="float32",
        scores=scores,
    )
    chain = chain_of(checkpoint.network, len(checkpoint.tags))
    save_exported(directory, Exported(settings, checkpoint.encoder, checkpoint.tags, chain))
    return Tagger.load(directory)


def export_network(checkpoint: Checkpoint, directory: Path) -> None:
    """Write the two or three graphs into the existing `directory`."""
    # Keras' own layer, which its exporter turns into ONNX's LSTM.
    network = build_network(checkpoint.params, checkpoint.encoder, checkpoint.tags, keras.layers.LSTM)
    network.set_weights(checkpoint.network.get_weights())
    first = network.get_layer("input_dropout")  # after the token features
    inputs, read = _read(network, tuned=checkpoint.params.vectors is None or checkpoint.params.vectors.tuned)
    vectors = keras.Input(first.input.shape[1:], name="vectors")  # (B, T, D)
    x = vectors
    for layer in network.layers[network.layers.index(first) :]:
        x = layer(x)
    if read is not None:
        _export(keras.Model(inputs, read, name="tokens"), directory / TOKENS)
    if checkpoint.encoder.reader:
        pieces = {tensor.name: tensor for tensor in network.inputs if tensor.name in ("pieces", "piece_casings")}
        in_context = network.get_layer("first_pieces").input[0]  # (W, P, H)
        _export(keras.Model(pieces, in_context, name="encoder"), directory / ENCODER)
    _export(keras.Model({"vectors": vectors}, x, name="sentences"), directory / SENTENCES)


def check_export(
    checkpoint: Checkpoint, tagger: Tagger, sentences: Sequence[Sentence], exported: Sequence[tuple[str, ...]]
) -> float:
    """Compare an exported tagger with its Keras network, and return the largest difference between their logits.

    Args:
        checkpoint: the tagger in Keras.
        tagger: the exported tagger.
        sentences: the sentences to compare on.
        exported: the tags that `tagger` predicted for each sentence.

    Raises:
        ExportError: a tag differs, or a logit differs by more than TOLERANCE.
    """
    corpus = encode(sentences, checkpoint.encoder)
    theirs = [logits for logits in tagger.logits_of(tokens_of(sentences)) if len(logits)]
    tagged = tag_corpus(checkpoint.network, corpus, checkpoint.tags, confidences=False)
    for sentence, one, other in zip(sentences, tagged, exported, strict=True):
        if one.tags != other:
            received = f"{' '.join(sentence.tokens)!r}: {' '.join(one.tags)} and {' '.join(other)}"
            raise ExportError(f"expected Keras and ONNX Runtime to give the same tags. Received: {received}")
    differences = [0.0]
    for indices, logits in logits_of(checkpoint.network, corpus):  # (B,), (B, T, K)
        for index, expected in zip(indices, logits, strict=True):
            differences.append(np.abs(theirs[index] - expected).max(initial=0))
    largest = float(np.max(differences))  # np.max: NaN if any is NaN
    if not largest <= TOLERANCE:
        raise ExportError(f"expected logits within {TOLERANCE} of Keras'. Received: a difference of {largest}")
    return largest


def _read(network: Any, *, tuned: bool) -> tuple[dict[str, Any], Any]:
    """Return the inputs of `tokens.onnx`, by name, and its output: the concatenated features of each token.

    The output is None if the encoder's vector is the only feature of a token. Unless they were `tuned`, pretrained word
    vectors become an input, in place of their ids.
    """
    inputs = {tensor.name: tensor for tensor in network.inputs if tensor.name not in IN_CONTEXT}
    read = network.get_layer("input_dropout").input  # (B, T, D)
    parts = network.get_layer("input").input if any(layer.name == "input" for layer in network.layers) else [read]
    if len(inputs) < len(network.inputs):
        parts = parts[:-1]  # the encoder's vectors come last
    if not tuned and "vectors" in inputs:
        looked_up = network.get_layer("pretrained_vectors").output
        inputs["vectors"] = keras.Input(looked_up.shape[1:], name="vectors")  # (B, T, V)
        parts = [inputs["vectors"] if part is looked_up else part for part in parts]
        if len(parts) == 1:
            return inputs, keras.layers.Identity(name="read")(parts[0])
    elif len(inputs) == len(network.inputs):
        return inputs, read
    if not parts:
        return inputs, None
    return inputs, keras.layers.Concatenate(name="read")(parts) if len(parts) > 1 else parts[0]


def _export(model: Any, path: Path) -> None:
    """Export a model to ONNX, with the same bytes each time.

    Keras exports only a model that has been called, so it is called on three tokens of zeros.
    """
    model({tensor.name: np.zeros((1, 3, *tensor.shape[2:]), tensor.dtype) for tensor in model.inputs})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the exporter's, about NumPy 2
        model.export(path, format="onnx", verbose=False, opset_version=OPSET)
    onnx.save(_canonical(onnx.load(path)), path)


def _canonical(model: onnx.ModelProto) -> onnx.ModelProto:
    """Reorder and rename the nodes and constants of a graph, so that the same network has the same bytes.

    The exporter's names and order differ each time. Here the order is that of a depth-first search from the outputs.
    """
    graph = _ordered(model.graph, {value.name: value.name for value in model.graph.input}, count())
    return onnx.helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def _ordered(
    graph: onnx.GraphProto,
    inputs: Mapping[str, str],
    numbers: Iterator[int],
    around: Callable[[str], str] | None = None,
) -> onnx.GraphProto:
    """Reorder and rename one graph, and the graphs inside its nodes, such as the body of a loop.

    Args:
        graph: the graph; its nodes are changed in place.
        inputs: the new name of each input, by its old name.
        numbers: a counter for new names, shared by all graphs.
        around: for an inner graph, returns the new name of a value of the enclosing graph.
    """
    makers = {output: node for node in graph.node for output in node.output}
    constants = {constant.name: constant for constant in graph.initializer}
    names = {"": "", **inputs}
    nodes: list[onnx.NodeProto] = []
    used: list[onnx.TensorProto] = []

    def visit(name: str) -> str:
        if name in constants and name not in names:
            names[name] = constants[name].name = f"constant_{next(numbers)}"
            used.append(constants[name])
        elif name in makers and name not in names:
            node = makers[name]
            node.input[:] = [visit(source) for source in node.input]
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    inner = {value.name: f"value_{next(numbers)}" for value in attribute.g.input}
                    attribute.g.CopyFrom(_ordered(attribute.g, inner, numbers, visit))
            names.update({output: f"value_{next(numbers)}" for output in node.output if output})
            node.output[:] = [names[output] for output in node.output]
            node.name = f"{node.op_type}_{next(numbers)}"
            nodes.append(node)
        return around(name) if around and name not in names else names[name]

    values = ([_value(value, visit(value.name)) for value in side] for side in (graph.input, graph.output))
    return onnx.helper.make_graph(nodes, "network", *values, used)


def _value(value: onnx.ValueInfoProto, name: str) -> onnx.ValueInfoProto:
    """Copy the type of an input or output under its new name, without the names of its dynamic dimensions."""
    kind = value.type.tensor_type
    shape = [one.dim_value if one.HasField("dim_value") else None for one in kind.shape.dim]
    return onnx.helper.make_tensor_value_info(name, kind.elem_type, shape if kind.HasField("shape") else None)
