"""Sentences that come one after another: which of them no later sentence can be read with."""

from typing import Any, cast

import pytest

from ner.encoders.config import EncoderConfig
from ner.encoders.pieces import SPECIAL, piece_tokenizer
from ner.encoders.reader import WindowReader
from ner.tagger.context import ContextReader

CONFIG = EncoderConfig(pieces=5, hidden=4, layers=1, heads=2, feed_forward=4, positions=30, epsilon=1e-12)
DEFINITION: dict[str, Any] = {
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "model": {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {piece: number for number, piece in enumerate([*SPECIAL["WordPiece"], "a"])},
    },
}


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], 0),
        ([3], 0),
        ([3, 3], 0),  # both are in the window that may go on
        ([3, 3, 3], 2),
        ([9, 1], 1),
        ([3, 3, 0], 3),  # the document has ended
        ([3, 0, 3, 3], 2),
        ([0, 0], 2),
    ],
)
def test_complete_holds_back_the_last_window_of_a_document_that_may_go_on(lengths: list[int], expected: int) -> None:
    reader = WindowReader(piece_tokenizer(DEFINITION), CONFIG, context_pieces=10, casings=False)
    sentences = [["a"] * length for length in lengths]
    assert ContextReader(reader, cast(Any, None)).complete(sentences) == expected  # which calls no network
