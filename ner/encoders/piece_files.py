"""The tokenizer of an encoder <-> `pieces.json`, a plain file in a tagger's directory."""

import json
from dataclasses import asdict
from pathlib import Path

from ner.encoders.config import EncoderError
from ner.encoders.pieces import PieceTokenizer

PIECES = "pieces.json"


def save_pieces(directory: Path, tokenizer: PieceTokenizer) -> None:
    """Write `pieces.json` into the existing `directory`. The same tokenizer gives the same bytes."""
    content = json.dumps(asdict(tokenizer), ensure_ascii=False, indent=None, separators=(",", ":"))
    (directory / PIECES).write_text(f"{content}\n", encoding="utf-8", newline="\n")


def load_pieces(directory: Path) -> PieceTokenizer:
    """Read the tokenizer that `save_pieces` wrote.

    Raises:
        EncoderError: the file is missing or damaged.
    """
    path = directory / PIECES
    try:
        tokenizer = PieceTokenizer(**json.loads(path.read_text(encoding="utf-8")))
        tokenizer.ids(["."])
    except Exception as error:  # errors of `tokenizers` have no class of their own
        reason = " ".join(str(error).split())
        raise EncoderError(f"{path}: expected the pieces of an encoder. Received: {reason}") from None
    return tokenizer
