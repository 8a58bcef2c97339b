"""Tokens -> the word pieces that an encoder reads, each token by itself, by Hugging Face's `tokenizers`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ner.encoders.config import EncoderError

Pieces = NDArray[np.int32]

LONGEST = 24  # word pieces that are read of a token: its first ones
CHARACTERS = 400  # that are read of a token; LONGEST word pieces seldom have more
# Pieces that begin and end a window, pad it, and stand for what is unknown: BERT's and SentencePiece's.
SPECIAL = {"WordPiece": ("[CLS]", "[SEP]", "[PAD]", "[UNK]"), "Unigram": ("<s>", "</s>", "<pad>", "<unk>")}
_CONTINUING = "##"  # begins a WordPiece piece that continues a word


@dataclass(frozen=True)
class PieceTokenizer:
    """A tokenizer of tokens into word pieces, and the ids of its special pieces.

    `definition` is Hugging Face's `tokenizer.json` without the steps for whole texts: special tokens are not recognised
    in a text, and nothing is truncated or padded. The model is WordPiece (BERT) or Unigram (XLM-R).
    """

    definition: dict[str, Any]
    begin: int  # first piece of a window
    end: int  # last piece of a window
    padding: int
    unknown: int
    replaced: Mapping[str, str] = field(default_factory=dict)  # characters, before `definition` is applied

    def __len__(self) -> int:
        """Return the number of word pieces; ids are below it."""
        return len(self._vocabulary)

    def ids(self, tokens: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return the ids of each token's word pieces, at most LONGEST; the unknown piece for a token without any."""
        texts = [token[:CHARACTERS].encode(errors="replace").decode() for token in tokens]  # lone surrogates are `?`
        if self.replaced:
            texts = [text.translate(self._table) for text in texts]
        encodings = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        return [np.array(one.ids[:LONGEST] or [self.unknown], np.int32) for one in encodings]

    def occurring(self, tokens: Iterable[str]) -> NDArray[np.int32]:
        """Return the sorted ids of the pieces of `tokens`, of all pieces of one character, and of the special pieces.

        If only these pieces are kept, `tokens` are cut as before, and other tokens into smaller pieces.
        """
        kept = {self.begin, self.end, self.padding, self.unknown}
        kept.update(number for number, piece in enumerate(self._vocabulary) if len(_characters(piece)) <= 1)
        for ids in self.ids(list(dict.fromkeys(tokens))):
            kept.update(ids.tolist())
        return np.array(sorted(kept), np.int32)

    def keep(self, ids: Sequence[int]) -> "PieceTokenizer":
        """Return a tokenizer with only these pieces, in this order. Its ids are their places in `ids`."""
        place = {old: new for new, old in enumerate(ids)}
        model = dict(self.definition["model"])
        if model["type"] == "Unigram":
            model["vocab"] = [model["vocab"][old] for old in ids]
            model["unk_id"] = place[self.unknown]
        else:
            model["vocab"] = {self._vocabulary[old]: new for new, old in enumerate(ids)}
        return replace(
            self,
            definition={**self.definition, "model": model},
            begin=place[self.begin],
            end=place[self.end],
            padding=place[self.padding],
            unknown=place[self.unknown],
        )

    @cached_property
    def _vocabulary(self) -> list[str]:
        """The pieces, by id."""
        model = self.definition["model"]
        if model["type"] == "Unigram":
            return [piece for piece, _ in model["vocab"]]
        return sorted(model["vocab"], key=model["vocab"].__getitem__)

    @cached_property
    def _table(self) -> dict[int, str]:
        return str.maketrans(dict(self.replaced))

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return Tokenizer.from_str(json.dumps(self.definition))


def piece_tokenizer(definition: dict[str, Any], replaced: Mapping[str, str] | None = None) -> PieceTokenizer:
    """Build a tokenizer from the content of a `tokenizer.json`.

    Args:
        definition: the content of the file.
        replaced: characters that are replaced before the tokenizer is applied, each with its replacement.

    Raises:
        EncoderError: the model is another one, a special piece is missing, or the ids are not 0, 1, 2 and so on.
    """
    kind = definition.get("model", {}).get("type")
    if kind not in SPECIAL:
        raise EncoderError(f"expected a tokenizer whose model is WordPiece or Unigram. Received: {kind!r}")
    special, model = SPECIAL[kind], dict(definition["model"])
    pieces = model["vocab"] if kind == "WordPiece" else {piece: row for row, (piece, _) in enumerate(model["vocab"])}
    missing = [piece for piece in special if piece not in pieces]
    if missing:
        raise EncoderError(f"expected a tokenizer with the pieces {', '.join(special)}. Received: no {missing[0]}")
    if sorted(pieces.values()) != list(range(len(pieces))):
        raise EncoderError(f"expected a tokenizer of {len(pieces)} pieces with ids from 0. Received: others")
    if kind == "Unigram":
        # Special pieces get a space in front. Text has none when it is cut into pieces, so it never becomes one.
        renamed = {pieces[piece]: f" {piece}" for piece in special}
        model["vocab"] = [[renamed.get(row, piece), score] for row, (piece, score) in enumerate(model["vocab"])]
    plain = {"version": "1.0", "normalizer": definition.get("normalizer"), "model": model}
    plain |= {"pre_tokenizer": definition.get("pre_tokenizer"), "added_tokens": []}
    try:
        Tokenizer.from_str(json.dumps(plain))
    except Exception as error:  # errors of `tokenizers` have no class of their own
        raise EncoderError(f"expected a tokenizer that `tokenizers` can read. Received: {error}") from None
    begin, end, padding, unknown = (pieces[piece] for piece in special)
    return PieceTokenizer(plain, begin, end, padding, unknown, replaced or {})


def _characters(piece: str) -> str:
    return piece.removeprefix(_CONTINUING) if piece != _CONTINUING else piece
