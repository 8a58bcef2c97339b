"""A tokenizer comes back from its file as it was."""

from pathlib import Path

import pytest

from ner.encoders.config import EncoderError
from ner.encoders.files import PretrainedEncoder, trim
from ner.encoders.piece_files import PIECES, load_pieces, save_pieces


@pytest.mark.parametrize("name", ["bert", "xlm_r"])
def test_load_pieces_gives_what_was_saved(request: pytest.FixtureRequest, tmp_path: Path, name: str) -> None:
    encoder: PretrainedEncoder = request.getfixturevalue(name)
    tokenizer = trim(encoder, ["rome"]).tokenizer
    save_pieces(tmp_path, tokenizer)
    assert load_pieces(tmp_path) == tokenizer


def test_load_pieces_refuses_a_damaged_file(bert: PretrainedEncoder, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="expected the pieces of an encoder"):
        load_pieces(tmp_path)
    save_pieces(tmp_path, bert.tokenizer)
    text = (tmp_path / PIECES).read_text(encoding="utf-8")
    for damaged in (text[: len(text) // 2], "{}", text.replace("WordPiece", "Other")):
        (tmp_path / PIECES).write_text(damaged, encoding="utf-8")
        with pytest.raises(EncoderError, match=str(tmp_path / PIECES)):
            load_pieces(tmp_path)
