"""An exported tagger <-> a directory of plain files, which is read without TensorFlow, pickle or code.

tokens.onnx, sentences.onnx      the network, in two parts; see `ner.tagger.onnx_export`
encoder.onnx                     its pretrained encoder, if it has one
pieces.json, encoder.json        the encoder's tokenizer, and how sentences become its windows
chain.json                       start, transition and end scores of its CRF
tags.txt                         the tag set, by id
words.txt, characters.txt        vocabularies, by id
vectors/, clusters/              its part of the embeddings
tagger.json                      settings, and the SHA-256 of the files above
README.md                        the model card
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ner.core.checksums import sha256_of
from ner.core.decoding import Chain
from ner.core.errors import NerError
from ner.core.normalisation import STEPS
from ner.core.outputs import write_json
from ner.core.tagscheme import parse_tags
from ner.features.encoder_files import load_encoder, save_encoder
from ner.features.encoding import Encoder
from ner.features.vocabulary import read_items, write_items
from ner.tagger.file_checks import GRAPHS, SETTINGS, check_file, check_files
from ner.text.tokenizer import PATTERNS

TOKENS, SENTENCES, ENCODER = GRAPHS
CARD = "README.md"
FORMAT = 1
LONGEST_NAME, LONGEST_TOKEN = 200, 1_000  # characters
_KINDS = {"normalisation": list, "casings": bool, "longest": int, "scores": dict, "format": int}  # others: str


class TaggerError(NerError):
    """The directory holds no exported tagger, or a damaged one."""


@dataclass(frozen=True)
class Settings:
    """The settings in `tagger.json`."""

    name: str  # of the run
    corpus: str  # that it was trained on
    language: str  # of that corpus: ISO 639-1
    rule: str  # the tokenizer rule of that corpus: a key of `ner.text.tokenizer.PATTERNS`
    normalisation: tuple[str, ...]  # steps that change a word before it is looked up, in order
    casings: bool  # whether the network reads the casing of tokens
    longest: int  # largest number of characters read of a token; 0: characters are not read
    weights: str  # float32, or int8
    scores: Mapping[str, float]  # on the test set of the corpus, with the keys of metrics/<run>.json
    format: int = FORMAT


@dataclass(frozen=True)
class Exported:
    """An exported tagger without its network, which stays on disk as two ONNX graphs."""

    settings: Settings
    encoder: Encoder
    tags: tuple[str, ...]  # by id
    chain: Chain


def save_exported(directory: Path, exported: Exported) -> None:
    """Write all files but the graphs and the card into the existing `directory`.

    Write the graphs first: `tagger.json` lists the SHA-256 of the files that are there.
    """
    save_encoder(directory, exported.encoder)
    write_items(directory / "tags.txt", exported.tags)
    write_json(directory / "chain.json", {name: _plain(part) for name, part in asdict(exported.chain).items()})
    files = {name: sha256_of(path) for name, path in _files(directory).items() if name not in (SETTINGS, CARD)}
    write_json(directory / SETTINGS, asdict(exported.settings) | {"files": files})


def load_exported(directory: Path) -> Exported:
    """Read what `save_exported` wrote.

    Raises:
        TaggerError: a file is missing or damaged, or does not match the others.
    """
    try:
        return _load(directory)
    except Exception as error:  # damaged JSON and arrays raise many kinds of errors
        raise not_a_tagger(directory, error) from None


def not_a_tagger(directory: Path, error: Exception) -> TaggerError:
    """Make the TaggerError for a directory that could not be read."""
    reason = " ".join(str(error).split()) or type(error).__name__
    return TaggerError(
        f"{directory}: expected an exported tagger, as `dvc repro export@<run>` or `dvc pull` makes it. "
        f"Received: {reason}"
    )


def _load(directory: Path) -> Exported:
    check_file(directory, SETTINGS)
    content = _read_json(directory / SETTINGS)
    settings = _settings(content)
    check_files(directory, content.get("files"))
    encoder = load_encoder(directory, settings.normalisation, casings=settings.casings, longest=settings.longest)
    chain = Chain(**{name: _scores(part) for name, part in _read_json(directory / "chain.json").items()})
    tags = read_items(directory / "tags.txt")
    parse_tags(tags)
    shapes = [part.shape for part in (chain.start, chain.transitions, chain.end)]
    if shapes != [(len(tags),), (len(tags), len(tags)), (len(tags),)]:
        raise ValueError(f"chain.json has the scores of other tags than tags.txt: shapes {shapes}, {len(tags)} tags")
    return Exported(settings, encoder, tags, chain)


def _settings(content: Any) -> Settings:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        received = content.get("format") if isinstance(content, dict) else content
        raise ValueError(f"{SETTINGS}: expected format {FORMAT}, got {received!r:.60}")
    names = {field.name for field in dataclasses.fields(Settings)}
    if content.keys() - {"files"} != names:
        raise ValueError(f"{SETTINGS}: expected the keys {', '.join(sorted(names))}, got {', '.join(sorted(content))}")
    if wrong := sorted(name for name in names if type(content[name]) is not _KINDS.get(name, str)):
        raise ValueError(f"{SETTINGS}: {wrong[0]} can't be {content[wrong[0]]!r:.60}")
    if content["rule"] not in PATTERNS:
        raise ValueError(f"{SETTINGS}: expected a rule of {', '.join(PATTERNS)}, got {content['rule']!r:.60}")
    if unknown := set(content["normalisation"]) - STEPS.keys():
        raise ValueError(f"{SETTINGS}: expected normalisation by {', '.join(STEPS)}, got {min(unknown)!r:.60}")
    _check_values(content)
    chosen = {name: content[name] for name in names}
    return Settings(**chosen | {"normalisation": tuple(content["normalisation"])})


def _check_values(content: Mapping[str, Any]) -> None:
    """Check what would spoil the memory, a log or an answer in JSON."""
    for name in ("name", "corpus", "language", "weights"):
        if not content[name].isprintable() or not 0 < len(content[name]) <= LONGEST_NAME:
            raise ValueError(f"{SETTINGS}: {name} can't be {content[name]!r:.60}")
    if not 0 <= content["longest"] <= LONGEST_TOKEN:
        raise ValueError(f"{SETTINGS}: longest can't be {content['longest']!r:.60}")
    for name, score in content["scores"].items():
        if type(score) not in (int, float) or not math.isfinite(score):
            raise ValueError(f"{SETTINGS}: the score {name!r:.60} can't be {score!r:.60}")


def _files(directory: Path) -> dict[str, Path]:
    """List the files below `directory` by relative path, sorted."""
    return {path.relative_to(directory).as_posix(): path for path in sorted(directory.rglob("*")) if path.is_file()}


def _plain(scores: Any) -> Any:
    """Convert scores to nested lists, with null for -inf, which JSON lacks."""
    return [_plain(one) for one in scores] if np.ndim(scores) else None if np.isneginf(scores) else float(scores)


def _scores(plain: Any) -> Any:
    """Convert nested lists back to scores. NumPy reads null as NaN, which stands for -inf here.

    Raises:
        ValueError: a score is +inf, or too large for 32 bits.
    """
    scores = np.array(plain, np.float32)
    if np.isposinf(scores).any():
        raise ValueError("chain.json: expected scores in 32 bits, and null for what must not be")
    return np.where(np.isnan(scores), np.float32(-np.inf), scores)


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), parse_constant=_finite, parse_float=_finite)


def _finite(number: str) -> float:
    """Read a number of JSON; refuse NaN, Infinity, and 1e999, which Python reads as infinity."""
    if not math.isfinite(value := float(number)):
        raise ValueError(f"{number[:20]} is no number in JSON")
    return value
