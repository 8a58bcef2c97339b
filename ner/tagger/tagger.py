"""Sentences or raw text -> tags and entities with exact confidences, by an exported tagger and ONNX Runtime.

    tagger = Tagger.load("taggers/conll2003-crf")
    for sentence in tagger.tag_text("Barack Obama visited Berlin."):
        for entity in sentence.entities:
            print(entity.label, entity.text, entity.start, entity.end, entity.confidence)

TensorFlow is not needed, and no code is loaded from the directory. Shapes: N distinct tokens, B sentences of one
length, T tokens, D dimensions of a token vector, V of a pretrained word vector, K tags.
"""

import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ner.core.decoding import Marginals, continuations, entity_probability, marginals, viterbi
from ner.core.tagscheme import OUTSIDE, tags_to_spans
from ner.features.trimmed import ABSENT, VectorTable
from ner.tagger.context import ContextReader
from ner.tagger.file_checks import GRAPHS
from ner.tagger.files import (
    ENCODER,
    SENTENCES,
    TOKENS,
    Exported,
    Settings,
    TaggerError,
    load_exported,
    not_a_tagger,
)
from ner.tagger.graph_checks import check_graph
from ner.tagger.tagged import Entity, Tagged, entity_of, first_tokens, sentence_of
from ner.text.segmentation import TextSentence, split_text

if TYPE_CHECKING:
    import onnxruntime

__all__ = ["Entity", "Tagged", "Tagger", "TaggerError", "TextSentence"]

LONGEST = 1_000  # tokens; a longer sentence is tagged in pieces, which are cut between entities
CHUNK = 65_536  # tokens collected and tagged together; this and the limits below bound memory and change no tag
BATCH = 2_048  # tokens of one call of the network
KEPT = CHUNK + LONGEST  # token vectors in the cache, of 4 * D bytes each; a whole chunk must fit
KEPT_CHARACTERS = 16 * KEPT  # of all tokens in the cache together, since a token may have any length


class Tagger:
    """A loaded tagger. Threads may share it; their calls take turns."""

    def __init__(self, exported: Exported, graphs: Mapping[str, "onnxruntime.InferenceSession"]) -> None:
        """Use `Tagger.load`."""
        self.settings: Settings = exported.settings
        self.name: str = exported.settings.name
        self.language: str = exported.settings.language
        self.tags: tuple[str, ...] = exported.tags
        self._encoder, self._chain = exported.encoder, exported.chain
        self._read, self._tag = graphs.get(TOKENS), graphs[SENTENCES]
        self._inputs = {value.name: value.type for value in self._read.get_inputs()} if self._read else {}
        reader = exported.encoder.reader
        self._context = ContextReader(reader, graphs[ENCODER]) if reader else None
        self._outside = exported.tags.index(OUTSIDE) if OUTSIDE in exported.tags else -1
        self._continuing = continuations(exported.tags)
        self._rows: dict[str, int] = {}
        self._characters = 0  # of the keys of `_rows`
        width = self._read.get_outputs()[0].shape[-1] if self._read else 0
        self._vectors: NDArray[np.float32] = np.zeros((KEPT, width), np.float32)
        self._lock = threading.Lock()

    @classmethod
    def load(cls, directory: str | Path, *, threads: int = 1) -> "Tagger":
        """Load an exported tagger.

        Args:
            directory: of the tagger, as the stage `export` or `dvc pull` makes it.
            threads: the number of threads of one call of the network.

        Raises:
            TaggerError: a file is missing or damaged, or does not match the others.
        """
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # no reports to its makers; read at the first import
        import onnxruntime

        path = Path(directory)
        exported = load_exported(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.enable_mem_pattern = False  # shapes differ from call to call
        options.add_session_config_entry("session.disable_quant_qdq", "1")  # else it would quantise activations
        options.log_severity_level = 4  # errors are raised, so that logging them is not needed
        try:
            needed = [SENTENCES, ENCODER] if exported.encoder.reader else [TOKENS, SENTENCES]
            names = [name for name in GRAPHS if name in needed or (path / name).exists()]
            for name in names:
                check_graph(path / name)
            graphs = {
                name: onnxruntime.InferenceSession(path / name, options, providers=["CPUExecutionProvider"])
                for name in names
            }
            tagger = cls(exported, graphs)
            tagger._check()
        except Exception as error:  # ONNX Runtime's errors have no base class of their own
            raise not_a_tagger(path, error) from None
        return tagger

    @property
    def reads_neighbours(self) -> bool:
        """Whether the tags of a sentence depend on the sentences around it, as those of a pretrained encoder do."""
        return self._context is not None

    def split(self, text: str) -> list[TextSentence]:
        """Split raw text into sentences and tokens, by the rule of the corpus that the tagger was trained on."""
        return list(split_text(text, self.language, self.settings.rule))

    def tag_text(self, text: str, *, probabilities: bool = False) -> list[Tagged]:
        """Tag raw text. All offsets point into `text`."""
        return list(self.tag(self.split(text), probabilities=probabilities))

    def tag(
        self, sentences: Iterable[Sequence[str] | TextSentence], *, probabilities: bool = False
    ) -> Iterator[Tagged]:
        """Tag a stream of sentences, in order and in bounded memory.

        A tagger with a pretrained encoder reads each sentence with its neighbours, so their order matters.

        Args:
            sentences: of tokens. An empty sentence gets no tags, and ends a document: no context is read across it.
            probabilities: whether to fill in `Tagged.probabilities`.

        Raises:
            TypeError: a sentence is a string, or a token is not a string.
        """
        for chunk in self._chunks(sentences):
            with self._lock:
                tagged = self._tag_chunk(chunk, probabilities)
            yield from tagged

    def logits(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        """Return the logits of one sentence, `(T, K)`, in nats: what the CRF or the softmax reads."""
        return next(self.logits_of([tokens]))

    def logits_of(self, sentences: Iterable[Sequence[str]]) -> Iterator[NDArray[np.float32]]:
        """Yield the logits of each sentence, `(T, K)`. Sentences are read with their neighbours, as `tag` does."""
        for chunk in self._chunks(sentences):
            with self._lock:
                read = self._in_context(chunk)
                firsts = np.cumsum([0, *(len(sentence.tokens) for sentence in chunk)])
                logits = [
                    self._logits(self._join(self._look_up(sentence.tokens)[None], read, np.arange(first, last)[None]))[
                        0
                    ]
                    if sentence.tokens
                    else np.zeros((0, len(self.tags)), np.float32)
                    for sentence, first, last in zip(chunk, firsts, firsts[1:], strict=False)
                ]
            yield from logits

    def _check(self) -> None:
        """Check on two tokens that encoder, graphs, tags and chain match each other.

        Raises:
            ValueError: they do not.
        """
        tokens = [".", "."]
        features = self._encoder.features(tokens)
        if features.keys() != self._inputs.keys():
            raise ValueError(f"{TOKENS} reads {', '.join(self._inputs)}; there is {', '.join(features) or 'nothing'}")
        logits = self.logits(tokens)
        if logits.shape != (2, len(self.tags)):
            raise ValueError(f"{SENTENCES} has {logits.shape[-1]} tags, tags.txt {len(self.tags)}")
        with np.errstate(all="ignore"):
            sums = marginals(logits[None], self._chain).tags.sum(axis=-1)
        if not np.allclose(sums, 1):
            raise ValueError("there are no tags that chain.json allows, or no numbers in the network")

    def _chunks(self, sentences: Iterable[Sequence[str] | TextSentence]) -> Iterator[list[TextSentence]]:
        """Yield sentences in chunks. A sentence that may share a window with later ones waits for the next chunk."""
        stream, held = iter(sentences), list[TextSentence]()
        size = CHUNK // 16 if self._context else CHUNK  # an encoder is slower, and its vectors are not cached
        while new := _chunk(stream, size):
            held += new
            ready = self._context.complete([sentence.tokens for sentence in held]) if self._context else len(held)
            if ready:
                yield held[:ready]
            held = held[ready:]
        if held:
            yield held

    def _in_context(self, sentences: Sequence[TextSentence]) -> NDArray[np.float32] | None:
        """Compute the encoder's vectors of all tokens of all sentences, `(N, H)`; None without an encoder."""
        return self._context.vectors([sentence.tokens for sentence in sentences]) if self._context else None

    def _join(
        self, rows: NDArray[np.int64], in_context: NDArray[np.float32] | None, places: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Look up token vectors `(B, T, D)`: rows of `_vectors`, with an encoder joined with places in `in_context`."""
        vectors = self._vectors[rows]
        return vectors if in_context is None else np.concatenate([vectors, in_context[places]], axis=-1)

    def _tag_chunk(self, sentences: Sequence[TextSentence], probabilities: bool) -> list[Tagged]:
        read = self._in_context(sentences)
        firsts = np.cumsum([0, *(len(sentence.tokens) for sentence in sentences)])  # in tokens of all sentences
        whole = [index for index, sentence in enumerate(sentences) if len(sentence.tokens) <= LONGEST]
        lengths = np.array([len(sentences[index].tokens) for index in whole], np.int64)
        whole_firsts = firsts[np.array(whole, np.int64)]
        starts = np.cumsum(lengths) - lengths
        rows = self._look_up([token for index in whole for token in sentences[index].tokens])
        tagged: dict[int, Tagged] = {}
        for length in np.unique(lengths):
            alike = np.flatnonzero(lengths == length)
            size = max(1, BATCH // max(1, length))
            for first in range(0, len(alike), size):
                batch = alike[first : first + size]
                places = whole_firsts[batch][:, None] + np.arange(length)
                decoded = self._decode(rows[starts[batch][:, None] + np.arange(length)], read, places)
                for row, place in enumerate(batch.tolist()):
                    tagged[whole[place]] = self._tagged(sentences[whole[place]], decoded, row, probabilities)
        for index in set(range(len(sentences))) - set(whole):
            tagged[index] = self._tag_long(sentences[index], probabilities, read, firsts[index])
        return [tagged[index] for index in range(len(sentences))]

    def _look_up(self, tokens: Sequence[str]) -> NDArray[np.int64]:
        """Return the rows of `_vectors`, the cache of token vectors, for tokens with at most KEPT distinct ones.

        Vectors of new tokens are computed and added. If they do not fit, the cache is emptied first.
        """
        new = [token for token in dict.fromkeys(tokens) if token not in self._rows]
        if len(self._rows) + len(new) > KEPT or self._characters + sum(map(len, new)) > KEPT_CHARACTERS:
            self._rows.clear()
            self._characters = 0
            new = list(dict.fromkeys(tokens))
        self._characters += sum(map(len, new))
        for start in range(0, len(new), BATCH):
            part, row = new[start : start + BATCH], len(self._rows)
            self._vectors[row : row + len(part)] = self._token_vectors(part)
            self._rows.update(zip(part, range(row, row + len(part)), strict=True))
        return np.fromiter(map(self._rows.__getitem__, tokens), np.int64, len(tokens))

    def _token_vectors(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        """Compute the vectors of tokens `(N, D)`, without their context, by `tokens.onnx`."""
        if self._read is None:
            return np.zeros((len(tokens), 0), np.float32)
        features: dict[str, Any] = dict(self._encoder.features(tokens))
        vectors = self._encoder.vectors
        if vectors and self._inputs.get("vectors") == "tensor(float)":
            features["vectors"] = _dequantised(vectors, features["vectors"])
        (read,) = self._read.run(None, {name: features[name][None] for name in self._inputs})
        found: NDArray[np.float32] = read[0]
        return found

    def _logits(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Compute logits `(B, T, K)` from token vectors `(B, T, D)`, by `sentences.onnx`."""
        (logits,) = self._tag.run(None, {"vectors": vectors})
        found: NDArray[np.float32] = logits
        return found

    def _decode(
        self, rows: NDArray[np.int64], in_context: NDArray[np.float32] | None, places: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], Marginals | None]:
        """Compute the ids of the best tags, `(B, T)`, and all marginals; `rows` and `places` are those of `_join`."""
        if not rows.size:
            return rows, None
        logits = self._logits(self._join(rows, in_context, places))
        return viterbi(logits, self._chain), marginals(logits, self._chain)

    def _tagged(
        self,
        sentence: TextSentence,
        decoded: tuple[NDArray[np.int64], Marginals | None],
        row: int,
        probabilities: bool,
    ) -> Tagged:
        """Build the result of sentence `row` of a decoded batch."""
        best, given = decoded
        path = best[row].tolist()
        tags = tuple(map(self.tags.__getitem__, path))
        entities: list[Entity] = []
        if given is not None and any(tag != self._outside for tag in path):
            for span in tags_to_spans(tags):
                part = path[span.start : span.end]
                probability = entity_probability(given, self._chain, row, span.start, part, self._continuing[part[-1]])
                entities.append(entity_of(sentence, span.start, span.end, span.label, probability))
        marginal = np.zeros((0, len(self.tags))) if given is None else given.tags[row]
        return Tagged(
            sentence.tokens, sentence.offsets, tags, tuple(entities), marginal.copy() if probabilities else None
        )

    def _tag_long(
        self, sentence: TextSentence, probabilities: bool, in_context: NDArray[np.float32] | None, first: int
    ) -> Tagged:
        """Tag a sentence longer than LONGEST in pieces. Each piece ends before a token that continues no entity.

        `first` is the place of its first token in `in_context`.
        """
        pieces: list[Tagged] = []
        start, size = 0, LONGEST
        while start < len(sentence.tokens):
            end = min(start + size, len(sentence.tokens))
            piece = TextSentence(sentence.text, sentence.tokens[start:end], sentence.offsets[start:end])
            places = first + np.arange(start, end)[None]
            decoded = self._decode(self._look_up(piece.tokens)[None], in_context, places)
            tagged = self._tagged(piece, decoded, 0, probabilities)
            if end < len(sentence.tokens):
                cuts = [place for place, tag in enumerate(tagged.tags) if place and not tag.startswith("I-")]
                if not cuts and size < KEPT // 2:  # the whole piece is one entity
                    size *= 2
                    continue
                outside = [place for place in cuts[-LONGEST // 10 :] if tagged.tags[place] == OUTSIDE]
                end = start + (outside or cuts or [end - start])[-1]
            pieces.append(first_tokens(tagged, end - start, start))
            start, size = end, LONGEST
        parts = [piece.probabilities for piece in pieces if piece.probabilities is not None]
        return Tagged(
            sentence.tokens,
            sentence.offsets,
            tuple(chain.from_iterable(piece.tags for piece in pieces)),
            tuple(chain.from_iterable(piece.entities for piece in pieces)),
            np.concatenate(parts) if parts else None,
        )


def _dequantised(table: VectorTable, ids: NDArray[np.int32]) -> NDArray[np.float32]:
    """Look up word vectors as floats, `(N, V)`. A token without a vector gets zeros."""
    vectors = table.table[ids - 1] * table.scales[ids - 1, None]
    vectors[ids == ABSENT] = 0
    return vectors


def _chunk(stream: Iterator[Sequence[str] | TextSentence], size: int) -> list[TextSentence]:
    """Take the next sentences, with `size` tokens or a little more; none at the end."""
    chunk: list[TextSentence] = []
    tokens = 0
    for sentence in stream:
        chunk.append(sentence if isinstance(sentence, TextSentence) else sentence_of(sentence))
        tokens += len(chunk[-1].tokens)
        if tokens >= size or len(chunk) >= size:
            break
    return chunk
