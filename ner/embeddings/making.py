"""The files of one embedding, as fetched -> its words and vectors or clusters on disk, and what was counted."""

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
from ner.embeddings.cleaning import COUNTS, HeldOut, check_held_out, clean
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
    """Fills `directory`, which exists.

    Args:
        params: what to make.
        raw: the fetched files, by their stored names.
        directory: where to make it.
        held_out: dev and test sentences, of which nothing may be in text to train on.

    Returns:
        What was read, dropped and kept: words of a file, or lines and tokens of a text.
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
    """The cleaned text is on disk while it is needed, so that it takes no memory."""
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
    """The lines of all files of the manifest, as `read_text` gives them.

    Args:
        params: whose `file` is the manifest.
        raw: the fetched files, by their stored names.
    """
    for file in tqdm(read_manifest(raw / stored_name(params.file.path)), "cleaning", unit="file"):
        yield from read_text(raw / stored_name(file.source.path), file.format, file.fields)


def clean_sentences(
    params: TrainedParams,
    raw: Path,
    split: Callable[[str], Iterable[TextSentence]],
    held_out: Iterable[Sentence],
    counts: Counter[str],
) -> Iterator[list[str]]:
    """The tokens of each sentence of the text that is kept, without those of `held_out`.

    Args:
        params: whose `file` is the manifest.
        raw: the fetched files, by their stored names.
        split: a line of the text -> its sentences.
        held_out: dev and test sentences, of which nothing may be kept.
        counts: as `clean` counts.
    """
    # Cut first, since what ends a sentence is seen in the text alone, and held-out sentences are looked for one by one.
    cut = (" ".join(sentence.tokens) for line in text_lines(params, raw) for sentence in split(line))
    return clean(cut, str.split, params.normalisation, HeldOut.of(one.tokens for one in held_out), counts)
