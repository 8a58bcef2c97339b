"""The tokenizer and window settings of a tagger's pretrained encoder <-> pieces.json and encoder.json."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ner.core.outputs import write_json
from ner.encoders.config import EncoderConfig, EncoderError
from ner.encoders.piece_files import load_pieces, save_pieces
from ner.encoders.pieces import PieceTokenizer

READER = "encoder.json"
LARGEST = 1 << 20  # of all sizes


@dataclass(frozen=True)
class WindowReader:
    """The tokenizer, sizes and settings by which sentences become windows."""

    tokenizer: PieceTokenizer
    config: EncoderConfig
    context_pieces: int  # word pieces of a window of neighbouring sentences; 0: each sentence by itself
    casings: bool  # whether the encoder is told the casing of the token of each piece


def save_reader(directory: Path, reader: WindowReader) -> None:
    """Write `pieces.json` and `encoder.json` into the existing `directory`. The same reader gives the same bytes."""
    save_pieces(directory, reader.tokenizer)
    content = {"config": asdict(reader.config), "context_pieces": reader.context_pieces, "casings": reader.casings}
    write_json(directory / READER, content)


def load_reader(directory: Path) -> WindowReader | None:
    """Read the reader that `save_reader` wrote; None if there is no `encoder.json`.

    Raises:
        EncoderError: a file is missing or damaged.
    """
    path = directory / READER
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_bytes())
        config = EncoderConfig(**content["config"])
        context, casings = int(content["context_pieces"]), bool(content["casings"])
        _check_sizes({**content["config"], "epsilon": 1, "context_pieces": 1 + context})
    except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise EncoderError(f"{path}: expected the sizes of an encoder. Received: {error}") from None
    return WindowReader(load_pieces(directory), config, context, casings)


def _check_sizes(sizes: dict[str, object]) -> None:
    """Raise ValueError unless all are sizes that an encoder may have."""
    for name, size in sizes.items():
        if not isinstance(size, int) or not 0 < size <= LARGEST:
            raise ValueError(f"{name}: {size!r:.60}")
