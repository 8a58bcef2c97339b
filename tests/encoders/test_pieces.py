"""Tokens -> pieces: at least one and a bounded number of each, and the same from a smaller vocabulary."""

import json
from pathlib import Path
from typing import Any

import pytest

from ner.encoders.config import EncoderError
from ner.encoders.files import PretrainedEncoder
from ner.encoders.pieces import LONGEST, piece_tokenizer


def pieces(encoder: PretrainedEncoder, token: str) -> list[str]:
    model = encoder.tokenizer.definition["model"]
    named = list(model["vocab"]) if model["type"] == "WordPiece" else [piece for piece, _ in model["vocab"]]
    return [named[number] for number in encoder.tokenizer.ids([token])[0]]


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("Rome", ["rome"]),
        ("playing", ["play", "##ing"]),
        ("played.", ["play", "##ed", "."]),
        ("cab", ["c", "##a", "##b"]),
        ("Ω", ["[UNK]"]),
        ("\u200b", ["[UNK]"]),
        ("", ["[UNK]"]),
        ("\ud800", ["[UNK]"]),
    ],
)
def test_ids_of_word_pieces(bert: PretrainedEncoder, token: str, expected: list[str]) -> None:
    assert pieces(bert, token) == expected


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("rome", ["\u2581rome"]),
        ("playing", ["\u2581play", "ing"]),
        ("crome", ["\u2581", "c", "rome"]),
        ("", ["<unk>"]),
    ],
)
def test_ids_of_unigrams(xlm_r: PretrainedEncoder, token: str, expected: list[str]) -> None:
    assert pieces(xlm_r, token)[-1:] == [" <unk>"] if expected == ["<unk>"] else pieces(xlm_r, token) == expected


def test_ids_read_no_special_piece_out_of_a_text(bert: PretrainedEncoder, xlm_r: PretrainedEncoder) -> None:
    for encoder, text in ((bert, "[SEP]"), (xlm_r, "</s>")):
        tokenizer = encoder.tokenizer
        special = {tokenizer.begin, tokenizer.end, tokenizer.padding}
        assert not special & set(tokenizer.ids([text])[0].tolist())


@pytest.mark.parametrize("token", ["a" * 100_000, "a." * 50_000, "\U0001f600" * 100_000])
def test_ids_of_a_token_are_bounded(bert: PretrainedEncoder, xlm_r: PretrainedEncoder, token: str) -> None:
    for encoder in (bert, xlm_r):
        (ids,) = encoder.tokenizer.ids([token])
        assert 1 <= len(ids) <= LONGEST


def test_ids_replace_characters_first(xlm_r_folder: Path) -> None:
    definition = json.loads((xlm_r_folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer, other = piece_tokenizer(definition), piece_tokenizer(definition, {"!": "rome", "\x01": ""})
    assert other.ids(["!\x01"])[0].tolist() == tokenizer.ids(["rome"])[0].tolist()


def test_keep_cuts_what_is_kept_as_before(bert: PretrainedEncoder, xlm_r: PretrainedEncoder) -> None:
    for encoder in (bert, xlm_r):
        words = ["rome", "playing"]
        kept = encoder.tokenizer.occurring(words)
        smaller = encoder.tokenizer.keep(kept.tolist())
        assert len(smaller) == len(kept) < len(encoder.tokenizer)
        for before, after in zip(encoder.tokenizer.ids(words), smaller.ids(words), strict=True):
            assert kept[after].tolist() == before.tolist()


def test_keep_moves_what_is_no_text(xlm_r: PretrainedEncoder) -> None:
    tokenizer = xlm_r.tokenizer
    kept = tokenizer.occurring([]).tolist()
    smaller = tokenizer.keep(kept)
    for name in ("begin", "end", "padding", "unknown"):
        assert kept[getattr(smaller, name)] == getattr(tokenizer, name)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"type": "BPE", "vocab": {}, "merges": []}, "Received: 'BPE'"),
        ({"type": "WordPiece", "vocab": {"[CLS]": 0, "[SEP]": 1, "[PAD]": 2}}, r"Received: no \[UNK\]"),
        ({"type": "WordPiece", "vocab": {"[CLS]": 0, "[SEP]": 1, "[PAD]": 2, "[UNK]": 9}}, "of 4 pieces with ids"),
        ({"type": "WordPiece", "vocab": {"[CLS]": 0, "[SEP]": 1, "[PAD]": 2, "[UNK]": 3}}, "can read"),
    ],
)
def test_piece_tokenizer_refuses_what_it_cannot_read(model: dict[str, Any], message: str) -> None:
    with pytest.raises(EncoderError, match=message):
        piece_tokenizer({"model": model})
