"""The fetched files of one embedding -> its vectors or clusters on disk, and counts of what was kept and dropped."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tqdm import tqdm

from ner.core.sentence import Sentence
from ner.embeddings.catalogue import (
    ClusterFileParams,
    EmbeddingParams,
    EncoderFileParams,
    PublishedParams,
    TrainedParams,
)
from ner.embeddings.cleaning import COUNTS, Cleaner, HeldOut, check_held_out, clean
from ner.embeddings.clusters import read_clusters
from ner.embeddings.encoder_archives import store_encoder
from ner.embeddings.manifest import read_manifest, stored_name
from ner.embeddings.texts import read_text
from ner.embeddings.vector_files import store_vectors
from ner.embeddings.word2vec import TokenLines, train_vectors
from ner.features.embedding_files import write_embedding, write_encoder_kind
from ner.text.segmentation import TextSentence
from ner.text.tokenizer import PATTERNS


def make_embedding(params: EmbeddingParams, raw: Path, directory: Path, held_out: Iterable[Sentence]) -> dict[str, int]:
    """Make one embedding: convert published vectors or clusters, or train vectors on text.

    Args:
        params: the embedding's entry in params.yaml.
        raw: directory of the fetched files, by their stored names.
        directory: where to write the embedding; it must exist.
        held_out: dev and test sentences, which are kept out of training text.

    Returns:
        Numbers of words kept and skipped of a published file; of lines and tokens read, dropped and kept of a text.
    """
    file = raw / stored_name(params.file.path)
    if isinstance(params, PublishedParams):
        return store_vectors(file, directory, params)
    if isinstance(params, ClusterFileParams):
        clusters, counts = read_clusters(file, params)
        write_embedding(directory, clusters)
        return counts
    if isinstance(params, EncoderFileParams):
        store_encoder(file, directory, params)
        write_encoder_kind(directory)
        return {}
    return _train(params, raw, directory, HeldOut.of(sentence.tokens for sentence in held_out))


def _train(params: TrainedParams, raw: Path, directory: Path, held_out: HeldOut) -> dict[str, int]:
    """Clean the text and train vectors on it; the cleaned text is a temporary file, since it may exceed the memory."""
    text = directory / "text"
    counts = Counter(dict.fromkeys(COUNTS, 0))
    lines = clean(text_lines(params, raw), PATTERNS[params.tokens].findall, params.normalisation, held_out, counts)
    with text.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{' '.join(tokens)}\n" for tokens in lines)
    check_held_out(TokenLines(text, counts["kept"], (), ("checking",)), held_out)
    vectors = train_vectors(text, counts["kept"], params)
    text.unlink()
    write_embedding(directory, vectors)
    return dict(counts)


def text_lines(params: TrainedParams, raw: Path) -> Iterator[str]:
    """Yield the lines of all text files of a manifest, as `read_text` reads them.

    Args:
        params: settings whose `file` is the manifest.
        raw: directory of the fetched files, by their stored names.
    """
    for file in tqdm(read_manifest(raw / stored_name(params.file.path)), "cleaning", unit="file"):
        yield from read_text(raw / stored_name(file.source.path), file.format, file.fields)


def clean_lines(
    params: TrainedParams,
    raw: Path,
    split: Callable[[str], Iterable[TextSentence]],
    held_out: Iterable[Sentence],
    counts: Counter[str],
) -> Iterator[list[list[str]]]:
    """Split each line of the text of a manifest into sentences and clean these.

    Args:
        params: settings whose `file` is the manifest.
        raw: directory of the fetched files, by their stored names.
        split: splits a line of text into sentences.
        held_out: dev and test sentences, which are dropped.
        counts: counters to which `Cleaner` adds; it counts sentences as lines.

    Yields:
        The tokens of the sentences of a line that are kept. A line of which none is kept is left out.
    """
    # Split before cleaning: sentence ends are found in raw text only, and held-out text is compared by sentence.
    cleaner = Cleaner(params.normalisation, HeldOut.of(one.tokens for one in held_out), counts)
    for line in text_lines(params, raw):
        sentences = (" ".join(sentence.tokens).split() for sentence in split(line))
        if kept := list(filter(cleaner.keeps, sentences)):
            yield kept
