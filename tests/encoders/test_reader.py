"""How windows are made comes back from its files as it was."""

import json
from pathlib import Path

import pytest

from ner.encoders.config import EncoderError
from ner.encoders.files import PretrainedEncoder
from ner.encoders.piece_files import PIECES
from ner.encoders.reader import READER, WindowReader, load_reader, save_reader


@pytest.mark.parametrize("name", ["bert", "xlm_r"])
def test_load_reader_gives_what_was_saved(request: pytest.FixtureRequest, tmp_path: Path, name: str) -> None:
    encoder: PretrainedEncoder = request.getfixturevalue(name)
    reader = WindowReader(encoder.tokenizer, encoder.config, context_pieces=20, casings=name == "bert")
    (tmp_path / "saved").mkdir()
    save_reader(tmp_path / "saved", reader)
    assert sorted(path.name for path in (tmp_path / "saved").iterdir()) == [READER, PIECES]
    assert load_reader(tmp_path / "saved") == reader


def test_load_reader_of_a_tagger_without_an_encoder(tmp_path: Path) -> None:
    assert load_reader(tmp_path) is None


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "[]",
        "{}",
        '{"config": {}, "context_pieces": 20, "casings": true}',
        '{"config": 1, "context_pieces": 20, "casings": true}',
        "no context_pieces",
    ],
)
def test_load_reader_refuses_a_damaged_file(bert: PretrainedEncoder, tmp_path: Path, damaged: str) -> None:
    save_reader(tmp_path, WindowReader(bert.tokenizer, bert.config, context_pieces=20, casings=False))
    if damaged == "no context_pieces":
        content = json.loads((tmp_path / READER).read_bytes())
        del content["context_pieces"]
        damaged = json.dumps(content)
    (tmp_path / READER).write_text(damaged, encoding="utf-8")
    with pytest.raises(EncoderError, match="expected the sizes of an encoder") as error:
        load_reader(tmp_path)
    assert str(error.value).startswith(f"{tmp_path / READER}: ")
    assert "\n" not in str(error.value)


def test_load_reader_refuses_a_tokenizer_that_is_missing(bert: PretrainedEncoder, tmp_path: Path) -> None:
    save_reader(tmp_path, WindowReader(bert.tokenizer, bert.config, context_pieces=20, casings=False))
    (tmp_path / PIECES).unlink()
    with pytest.raises(EncoderError, match="expected the pieces of an encoder"):
        load_reader(tmp_path)
