"""Small encoders with random weights, in each of the forms that are read."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

WORD_PIECES = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "rome", "is", "old", "play", "##ing", "##ed", ".", ","),
    *"abcdeimnoprt",
    *(f"##{letter}" for letter in "abcdeimnoprt"),
]
UNIGRAMS = [
    *(["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0]),
    *(["\u2581", -3.0], ["\u2581rome", -4.0], ["rome", -6.0], ["ing", -5.0], ["\u2581play", -5.0], ["\u2581in", -4.5]),
    *([letter, -8.0] for letter in "abcdefghiklmnoprstuy<>/."),
]
SIZES = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 24,
    "layer_norm_eps": 1e-12,
}


def tensors_of(config: dict[str, Any]) -> dict[str, NDArray[np.float32]]:
    """Random weights by the names that Hugging Face gives them, matrices (out, in)."""
    draw = np.random.default_rng(1)
    wide, inner = config["hidden_size"], config["intermediate_size"]

    def random(*shape: int) -> NDArray[np.float32]:
        return draw.normal(size=shape, scale=0.3).astype(np.float32)

    def norm(name: str) -> dict[str, NDArray[np.float32]]:
        return {f"{name}.LayerNorm.weight": 1 + random(wide), f"{name}.LayerNorm.bias": random(wide)}

    tensors = {
        "embeddings.word_embeddings.weight": random(config["vocab_size"], wide),
        "embeddings.position_embeddings.weight": random(config["max_position_embeddings"], wide),
        "embeddings.token_type_embeddings.weight": random(config["type_vocab_size"], wide),
        **norm("embeddings"),
        "pooler.dense.weight": random(wide, wide),
    }
    for number in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{number}"
        for name, shape in {
            "attention.self.query": (wide, wide),
            "attention.self.key": (wide, wide),
            "attention.self.value": (wide, wide),
            "attention.output.dense": (wide, wide),
            "intermediate.dense": (inner, wide),
            "output.dense": (wide, inner),
        }.items():
            tensors[f"{layer}.{name}.weight"] = random(*shape)
            tensors[f"{layer}.{name}.bias"] = random(shape[0])
        tensors |= norm(f"{layer}.attention.output") | norm(f"{layer}.output")
    return tensors


def write_bert(folder: Path, **sizes: int) -> None:
    """Write a folder in the layout of BERT, with word pieces in lower case, and other sizes than SIZES if given."""
    folder.mkdir()
    config = {**SIZES, **sizes, "model_type": "bert", "vocab_size": len(WORD_PIECES) + 3, "type_vocab_size": 2}
    config |= {"max_position_embeddings": 30, "hidden_act": "gelu"}
    tokenizer = {
        "truncation": {"max_length": 8, "strategy": "LongestFirst", "stride": 0},
        "added_tokens": [{"id": 3, "content": "[SEP]", "special": True}],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {piece: number for number, piece in enumerate(WORD_PIECES)},
        },
    }
    tensors = {f"bert.{name}": tensor for name, tensor in tensors_of(config).items()}
    _write(folder, config, tokenizer, tensors)


def write_xlm_r(folder: Path) -> None:
    """In the layout of XLM-R, whose positions begin at 2, with pieces of SentencePiece."""
    folder.mkdir()
    config = {**SIZES, "model_type": "xlm-roberta", "vocab_size": len(UNIGRAMS), "type_vocab_size": 1}
    config |= {"max_position_embeddings": 32}
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}
    tokenizer = {
        "normalizer": {"type": "NFKC"},
        "pre_tokenizer": metaspace,
        "model": {"type": "Unigram", "unk_id": 3, "vocab": UNIGRAMS},
    }
    _write(folder, config, tokenizer, {f"roberta.{name}": tensor for name, tensor in tensors_of(config).items()})


def _write(folder: Path, config: dict[str, Any], tokenizer: dict[str, Any], tensors: dict[str, Any]) -> None:
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    save_file(tensors, folder / "model.safetensors")
