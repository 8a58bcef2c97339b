"""A folder in Hugging Face's layout -> a pretrained encoder: sizes, weights, tokenizer. No PyTorch, no pickle."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from ner.encoders.config import EncoderConfig, EncoderError, weight_shapes
from ner.encoders.pieces import PieceTokenizer, piece_tokenizer

CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
FIRST_POSITIONS = {"bert": 0, "xlm-roberta": 2}  # row of the position table for the first piece, by `model_type`

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class PretrainedEncoder:
    """An encoder with its tokenizer. Weights are float32, with the names and shapes of `weight_shapes`."""

    config: EncoderConfig
    weights: Mapping[str, Floats]
    tokenizer: PieceTokenizer


def read_encoder(folder: Path) -> PretrainedEncoder:
    """Read an encoder from `config.json`, `model.safetensors` and `tokenizer.json`.

    Raises:
        EncoderError: one of them is missing or damaged, does not fit the others, or describes another architecture.
    """
    for name in (CONFIG, TOKENIZER, WEIGHTS):
        if not (folder / name).is_file():
            raise EncoderError(_missing(folder, name))
    sizes, first_position = _read_config(folder / CONFIG)
    try:
        tensors = load_file(folder / WEIGHTS)
    except (SafetensorError, OSError, TypeError, AttributeError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise EncoderError(f"{folder / WEIGHTS}: expected whole tensors of 32 or 16 bits. Received: {reason}") from None
    try:
        tokenizer = piece_tokenizer(_read_json(folder / TOKENIZER))
    except EncoderError as error:
        raise EncoderError(f"{folder / TOKENIZER}: {error}") from None
    try:
        return assemble(sizes, tensors, tokenizer, first_position=first_position)
    except EncoderError as error:
        raise EncoderError(f"{folder}: {error}") from None


def assemble(
    config: EncoderConfig, tensors: Mapping[str, NDArray[Any]], tokenizer: PieceTokenizer, *, first_position: int
) -> PretrainedEncoder:
    """Build an encoder from tensors with Hugging Face's names, which may begin with the name of the architecture.

    Args:
        config: sizes; `positions` counts all rows of the position table.
        tensors: matrices are (out, in). Tensors that the encoder does not use, such as a pooler, are ignored.
        tokenizer: its ids are rows of the table of word pieces, which may have more rows.
        first_position: one of FIRST_POSITIONS.

    Raises:
        EncoderError: a tensor is missing or of another shape, or the tokenizer has more pieces than the table.
    """
    plain = {_without_prefix(name): tensor for name, tensor in tensors.items()}
    if len(tokenizer) > config.pieces:
        received = f"{len(tokenizer)} in the tokenizer"
        raise EncoderError(f"expected at most {config.pieces} pieces, as many as have a vector. Received: {received}")

    def get(name: str) -> Floats:
        found = plain.get(name)
        if found is None:
            found = plain.get(name.replace(".weight", ".gamma").replace(".bias", ".beta"))  # in old files
        if found is None:
            raise EncoderError(f"expected a tensor {name}. Received: {len(plain)} others")
        return found.astype(np.float32)

    weights = {
        "words": get("embeddings.word_embeddings.weight"),
        # Only the first segment type is used, so its vector is added to every position.
        "positions": get("embeddings.position_embeddings.weight")[first_position:]
        + get("embeddings.token_type_embeddings.weight")[0],
        "norm.scale": get("embeddings.LayerNorm.weight"),
        "norm.offset": get("embeddings.LayerNorm.bias"),
    }
    for number in range(config.layers):
        theirs, ours = f"encoder.layer.{number}", f"layer_{number}"
        parts = [f"{theirs}.attention.self.{part}" for part in ("query", "key", "value")]
        weights |= {
            f"{ours}.attention.kernel": np.concatenate([get(f"{part}.weight").T for part in parts], axis=1),
            f"{ours}.attention.bias": np.concatenate([get(f"{part}.bias") for part in parts]),
        }
        for name, source in (
            ("attention_output", "attention.output.dense"),
            ("feed_forward", "intermediate.dense"),
            ("feed_forward_output", "output.dense"),
        ):
            weights[f"{ours}.{name}.kernel"] = np.ascontiguousarray(get(f"{theirs}.{source}.weight").T)
            weights[f"{ours}.{name}.bias"] = get(f"{theirs}.{source}.bias")
        for name, source in (("attention_norm", "attention.output"), ("feed_forward_norm", "output")):
            weights[f"{ours}.{name}.scale"] = get(f"{theirs}.{source}.LayerNorm.weight")
            weights[f"{ours}.{name}.offset"] = get(f"{theirs}.{source}.LayerNorm.bias")
    config = replace(config, positions=config.positions - first_position)
    for name, shape in weight_shapes(config).items():
        if weights[name].shape != shape:
            raise EncoderError(f"expected {name} of shape {shape}, as the sizes say. Received: {weights[name].shape}")
    return PretrainedEncoder(config, weights, tokenizer)


def trim(encoder: PretrainedEncoder, tokens: Iterable[str]) -> PretrainedEncoder:
    """Keep only the word pieces that `PieceTokenizer.occurring` returns for `tokens`."""
    kept = encoder.tokenizer.occurring(tokens)
    return PretrainedEncoder(
        replace(encoder.config, pieces=len(kept)),
        {**encoder.weights, "words": encoder.weights["words"][kept]},
        encoder.tokenizer.keep(kept.tolist()),
    )


def _read_config(path: Path) -> tuple[EncoderConfig, int]:
    """Read the sizes, and the first position."""
    content = _read_json(path)
    layout = content.get("model_type")
    if layout not in FIRST_POSITIONS:
        names = ", ".join(FIRST_POSITIONS)
        raise EncoderError(f"{path}: expected `model_type` to be one of {names}. Received: {layout!r}")
    for key, expected in (("hidden_act", "gelu"), ("position_embedding_type", "absolute")):
        if content.get(key, expected) != expected:
            raise EncoderError(f"{path}: expected `{key}` to be {expected}. Received: {content[key]!r}")
    try:
        config = EncoderConfig(
            pieces=int(content["vocab_size"]),
            hidden=int(content["hidden_size"]),
            layers=int(content["num_hidden_layers"]),
            heads=int(content["num_attention_heads"]),
            feed_forward=int(content["intermediate_size"]),
            positions=int(content["max_position_embeddings"]),
            epsilon=float(content["layer_norm_eps"]),
        )
    except KeyError as error:
        raise EncoderError(f"{path}: expected a key {error}. Received: {', '.join(sorted(content))}") from None
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise EncoderError(f"{path}: expected sizes of an encoder. Received: {error}") from None
    return config, FIRST_POSITIONS[layout]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise EncoderError(f"{path}: expected JSON. Received: {error}") from None
    if not isinstance(content, dict):
        raise EncoderError(f"{path}: expected an object. Received: {type(content).__name__}")
    return content


def _missing(folder: Path, name: str) -> str:
    if not folder.is_dir():
        return f"{folder}: expected a folder with {CONFIG}, {WEIGHTS} and {TOKENIZER}. Received: no folder"
    pickles = sorted(path.name for path in folder.glob("*.bin"))
    if name == WEIGHTS and pickles:
        convert = (
            '`python -c "import torch; from safetensors.torch import save_file; save_file({name: tensor.contiguous() '
            f"for name, tensor in torch.load('{pickles[0]}', weights_only=True).items()}}, '{WEIGHTS}')\"` "
            "converts it where PyTorch is installed"
        )
        return f"{folder}: expected {WEIGHTS}. Received: {pickles[0]}, a pickle, which may run code; {convert}"
    return f"{folder}: expected {CONFIG}, {WEIGHTS} and {TOKENIZER}. Received: no {name}"


def _without_prefix(name: str) -> str:
    return name.removeprefix("bert.").removeprefix("roberta.")
