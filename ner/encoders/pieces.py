"""Tokens -> the pieces of words that an encoder reads, each token by itself, by Hugging Face's `tokenizers`."""

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

LONGEST = 24  # pieces that are read of a token: its first ones
CHARACTERS = 400  # of a token that are cut into pieces: more than LONGEST pieces have in all but odd cases
_CONTINUING = "##"  # begins a piece of WordPiece that begins no word


@dataclass(frozen=True)
class PieceTokenizer:
    """How a token becomes pieces, and the ids of those pieces that stand for no text.

    `definition` is the `tokenizer.json` of Hugging Face without what is done to whole texts: no special token is found
    in a text, nothing is cut off or padded. Its model is WordPiece, as BERT's, or Unigram, as XLM-R's.
    """

    definition: dict[str, Any]
    begin: int  # of a window
    end: int
    padding: int
    unknown: int
    replaced: Mapping[str, str] = field(default_factory=dict)  # characters, before `definition` sees them

    def __len__(self) -> int:
        """How many pieces there are; ids are below."""
        return len(self._vocabulary)

    def ids(self, tokens: Sequence[str]) -> list[NDArray[np.int32]]:
        """The pieces of each token, LONGEST at most; of a token that has none, the unknown piece."""
        texts = [token[:CHARACTERS].encode(errors="replace").decode() for token in tokens]  # lone surrogates are `?`
        if self.replaced:
            texts = [text.translate(self._table) for text in texts]
        encodings = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        return [np.array(one.ids[:LONGEST] or [self.unknown], np.int32) for one in encodings]

    def occurring(self, tokens: Iterable[str]) -> NDArray[np.int32]:
        """Ids, sorted, of the pieces of `tokens`, of all pieces of one character, and of those that are no text.

        A token of other pieces falls into smaller ones if only these are kept; a token of these stays as it is.
        """
        kept = {self.begin, self.end, self.padding, self.unknown}
        kept.update(number for number, piece in enumerate(self._vocabulary) if len(_characters(piece)) <= 1)
        for ids in self.ids(list(dict.fromkeys(tokens))):
            kept.update(ids.tolist())
        return np.array(sorted(kept), np.int32)

    def keep(self, ids: Sequence[int]) -> "PieceTokenizer":
        """A tokenizer of these pieces alone, in this order; its ids are their places in `ids`."""
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
        """Pieces by id."""
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


def piece_tokenizer(
    definition: dict[str, Any], special: Sequence[str], replaced: Mapping[str, str] | None = None
) -> PieceTokenizer:
    """The tokenizer of a `tokenizer.json`.

    Args:
        definition: what the file holds.
        special: the pieces that begin and end a window, pad it, and stand for what is unknown.
        replaced: what characters become before the tokenizer sees them.

    Raises:
        EncoderError: its model is another one, or lacks a special piece, or its ids are not 0, 1, 2 and so on.
    """
    kind = definition.get("model", {}).get("type")
    if kind not in ("WordPiece", "Unigram"):
        raise EncoderError(f"expected a tokenizer whose model is WordPiece or Unigram. Received: {kind!r}")
    model = dict(definition["model"])
    pieces = model["vocab"] if kind == "WordPiece" else {piece: row for row, (piece, _) in enumerate(model["vocab"])}
    missing = [piece for piece in special if piece not in pieces]
    if missing:
        raise EncoderError(f"expected a tokenizer with the pieces {', '.join(special)}. Received: no {missing[0]}")
    if sorted(pieces.values()) != list(range(len(pieces))):
        raise EncoderError(f"expected a tokenizer of {len(pieces)} pieces with ids from 0. Received: others")
    if kind == "Unigram":
        # No text has a space when it is cut into pieces, so none becomes a special piece.
        renamed = {pieces[piece]: f" {piece}" for piece in special}
        model["vocab"] = [[renamed.get(row, piece), score] for row, (piece, score) in enumerate(model["vocab"])]
    plain = {"version": "1.0", "normalizer": definition.get("normalizer"), "model": model}
    plain |= {"pre_tokenizer": definition.get("pre_tokenizer"), "added_tokens": []}
    try:
        Tokenizer.from_str(json.dumps(plain))
    except Exception as error:  # it has no class of its own
        raise EncoderError(f"expected a tokenizer that `tokenizers` can read. Received: {error}") from None
    begin, end, padding, unknown = (pieces[piece] for piece in special)
    return PieceTokenizer(plain, begin, end, padding, unknown, replaced or {})


def _characters(piece: str) -> str:
    return piece.removeprefix(_CONTINUING) if piece != _CONTINUING else piece
