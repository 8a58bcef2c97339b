"""An encoder <-> plain files of a tagger: words.txt, characters.txt, vectors/ and clusters/, as far as it has them."""

from collections.abc import Sequence
from pathlib import Path

from ner.encoders.reader import load_reader, save_reader
from ner.features.encoding import Encoder
from ner.features.trimmed import load_clusters, load_vectors, save_clusters, save_vectors
from ner.features.vocabulary import Vocabulary, read_items, write_items


def save_encoder(directory: Path, encoder: Encoder) -> None:
    """Write an encoder into `directory`, which must exist; the same encoder gives the same bytes."""
    if encoder.words:
        write_items(directory / "words.txt", encoder.words.items)
    if encoder.characters:
        write_items(directory / "characters.txt", encoder.characters.items)
    if encoder.vectors:
        save_vectors(directory / "vectors", encoder.vectors)
    if encoder.clusters:
        save_clusters(directory / "clusters", encoder.clusters)
    if encoder.reader:
        save_reader(directory, encoder.reader)


def load_encoder(directory: Path, normalisation: Sequence[str], *, casings: bool, longest: int) -> Encoder:
    """Load the encoder that `save_encoder` wrote; the other arguments are settings that its files do not hold.

    Args:
        directory: where it was written.
        normalisation: steps applied to words before they are looked up.
        casings: whether the network reads casings.
        longest: number of characters that are read of a token, at most.

    Raises:
        ValueError: a file is damaged.
    """
    words, characters, vectors, clusters = (
        directory / name for name in ("words.txt", "characters.txt", "vectors", "clusters")
    )
    return Encoder(
        Vocabulary(read_items(words), tuple(normalisation)) if words.exists() else None,
        casings,
        Vocabulary(read_items(characters), ()) if characters.exists() else None,
        longest,
        load_vectors(vectors) if vectors.is_dir() else None,
        load_clusters(clusters) if clusters.is_dir() else None,
        load_reader(directory),
    )
