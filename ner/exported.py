"""An exported tagger on disk: one directory of plain files that needs no TensorFlow; no pickle, no code.

`tokens.onnx` and `sentences.onnx` are the network (`ner.model.onnx` says where it is cut), `chain.json` the scores of
its CRF, `tags.txt`, `words.txt` and `characters.txt` vocabularies in the order of their ids, `vectors/` and `clusters/`
what it carries of embeddings, `tagger.json` how text becomes features. `README.md` is its model card, for people.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ner.decoding import Chain
from ner.embedding.trimmed import ClusterTable, load_vectors, save_vectors
from ner.encoding import Encoder
from ner.tokenizer import PATTERNS
from ner.vocabulary import Vocabulary, read_items, write_items

TOKENS, SENTENCES = "tokens.onnx", "sentences.onnx"
FORMAT = 1


class TaggerError(ValueError):
    """A directory that holds no exported tagger, or a damaged one."""


@dataclass(frozen=True)
class Settings:
    """What `tagger.json` says."""

    name: str  # of the run
    corpus: str  # that it was trained on
    language: str  # of that corpus: ISO 639-1
    rule: str  # how that corpus cuts tokens: a key of `ner.tokenizer.PATTERNS`
    normalisation: tuple[str, ...]  # of words before they are looked up
    casings: bool  # whether the network reads them
    longest: int  # characters that are read of a token; 0: none
    weights: str  # float32, or int8
    scores: Mapping[str, float]  # on the corpus' test set, by name, as in metrics/<run>.json
    format: int = FORMAT


@dataclass(frozen=True)
class Exported:
    """All of an exported tagger but its network, which stays a file until it is run."""

    settings: Settings
    encoder: Encoder
    tags: tuple[str, ...]  # by id
    chain: Chain


def save_exported(directory: Path, exported: Exported) -> None:
    """Writes all but the two graphs into `directory`, which exists."""
    encoder = exported.encoder
    if encoder.words:
        write_items(directory / "words.txt", encoder.words.items)
    if encoder.characters:
        write_items(directory / "characters.txt", encoder.characters.items)
    if encoder.vectors:
        save_vectors(directory / "vectors", encoder.vectors)
    if encoder.clusters:
        _save_clusters(directory / "clusters", encoder.clusters)
    write_items(directory / "tags.txt", exported.tags)
    _write_json(directory / "chain.json", {name: _plain(part) for name, part in asdict(exported.chain).items()})
    _write_json(directory / "tagger.json", asdict(exported.settings))


def load_exported(directory: Path) -> Exported:
    """What `save_exported` wrote.

    Raises:
        TaggerError: a file is missing or damaged, or does not fit the others.
    """
    try:
        return _load(directory)
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise not_a_tagger(directory, error) from None


def not_a_tagger(directory: Path, error: Exception) -> TaggerError:
    """What to say of a directory that could not be read."""
    reason = " ".join(str(error).split())
    return TaggerError(
        f"{directory}: expected an exported tagger, as `dvc repro export@<run>` or `dvc pull` makes it. "
        f"Received: {reason}"
    )


def _load(directory: Path) -> Exported:
    settings = _settings(json.loads((directory / "tagger.json").read_text(encoding="utf-8")))
    words, characters = directory / "words.txt", directory / "characters.txt"
    encoder = Encoder(
        Vocabulary(read_items(words), settings.normalisation) if words.exists() else None,
        settings.casings,
        Vocabulary(read_items(characters), ()) if characters.exists() else None,
        settings.longest,
        load_vectors(directory / "vectors") if (directory / "vectors").is_dir() else None,
        _load_clusters(directory / "clusters") if (directory / "clusters").is_dir() else None,
    )
    chain = json.loads((directory / "chain.json").read_text(encoding="utf-8"))
    tags = read_items(directory / "tags.txt")
    exported = Exported(settings, encoder, tags, Chain(**{name: _scores(chain[name]) for name in chain}))
    shapes = [part.shape for part in (exported.chain.start, exported.chain.transitions, exported.chain.end)]
    if shapes != [(len(tags),), (len(tags), len(tags)), (len(tags),)]:
        raise ValueError(f"chain.json has the scores of other tags than tags.txt: shapes {shapes}, {len(tags)} tags")
    return exported


def _settings(content: Any) -> Settings:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        received = content.get("format") if isinstance(content, dict) else content
        raise ValueError(f"tagger.json: expected format {FORMAT}, got {received!r}")
    names = {field.name for field in dataclasses.fields(Settings)}
    if set(content) != names:
        raise ValueError(f"tagger.json: expected the keys {', '.join(sorted(names))}, got {', '.join(sorted(content))}")
    if content["rule"] not in PATTERNS:
        raise ValueError(f"tagger.json: expected a rule of {', '.join(PATTERNS)}, got {content['rule']!r}")
    return Settings(**content | {"normalisation": tuple(content["normalisation"])})


def _save_clusters(directory: Path, clusters: ClusterTable) -> None:
    """Each path once, and a byte or two a word that say which it has."""
    directory.mkdir()
    paths = sorted(set(clusters.paths))
    rows = {path: row for row, path in enumerate(paths)}
    write_items(directory / "words.txt", clusters.words)
    write_items(directory / "paths.txt", paths)
    numbers = np.array([rows[path] for path in clusters.paths], np.min_scalar_type(len(paths)))
    np.save(directory / "path_of_word.npy", numbers, allow_pickle=False)
    settings = {"normalisation": list(clusters.normalisation), "prefixes": list(clusters.prefixes)}
    _write_json(directory / "settings.json", settings)


def _load_clusters(directory: Path) -> ClusterTable:
    settings = json.loads((directory / "settings.json").read_text(encoding="utf-8"))
    words, paths = (read_items(directory / f"{name}.txt") for name in ("words", "paths"))
    rows = np.load(directory / "path_of_word.npy", allow_pickle=False)
    if rows.ndim != 1 or rows.dtype.kind != "u" or rows.max(initial=0) >= max(1, len(paths)):
        raise ValueError(f"clusters/path_of_word.npy: expected numbers of {len(paths)} paths")
    words_paths = tuple(map(paths.__getitem__, rows.tolist()))
    return ClusterTable(words, words_paths, tuple(settings["prefixes"]), tuple(settings["normalisation"]))


def _plain(scores: Any) -> Any:
    """Lists of numbers; -inf, which JSON lacks, as null."""
    return [_plain(one) for one in scores] if np.ndim(scores) else None if np.isneginf(scores) else float(scores)


def _scores(plain: Any) -> Any:
    """NumPy reads null as not a number; no score is that."""
    scores = np.array(plain, np.float32)
    return np.where(np.isnan(scores), np.float32(-np.inf), scores)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
