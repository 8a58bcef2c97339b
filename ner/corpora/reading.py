"""A corpus file or directory and its entry in params.yaml -> sentences in IOB2, and counts of repairs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ner.core.sentence import Sentence
from ner.core.tagscheme import InvalidTagSequence, to_iob2
from ner.corpora.catalogue import CorpusParams
from ner.corpora.formats import FORMATS
from ner.corpora.lines import CorpusFormatError, Located

# No language has longer words or sentences: a file with longer ones is broken, and could exhaust the memory.
LONGEST_TOKEN, LONGEST_SENTENCE = 1_000, 10_000  # characters, tokens


@dataclass(frozen=True, slots=True)
class SplitRead:
    """The sentences of one split as read, and counts of repaired tags and dropped mentions."""

    sentences: list[Sentence]
    repaired: Counter[str]  # by repair, such as `I-PER -> B-PER`
    dropped: Counter[str]  # by label


def read_split(path: Path, corpus: CorpusParams) -> SplitRead:
    """Read all sentences of one split: of a file, or of all files below a directory in the order of their paths.

    Raises:
        CorpusFormatError: a file does not have the format, encoding or tag scheme that params.yaml says, or is empty.
    """
    sentences: list[Sentence] = []
    repaired: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    files = sorted(found for found in path.rglob("*") if found.is_file()) if path.is_dir() else [path]
    if not files:
        raise CorpusFormatError(path, 0, "expected a directory with files. Received: none in it")
    for file in files:
        before = len(sentences)
        documents = 1 + sentences[-1].document if sentences else 0  # of the files before this one
        for located in _read(file, corpus):
            _check_size(file, located)
            tags, repairs = _to_iob2(file, located, corpus)
            repaired.update(repairs)
            dropped.update(_dropped(file, located, corpus))
            sentences.append(Sentence(located.sentence.tokens, tags, documents + located.document))
        if len(sentences) == before:
            raise CorpusFormatError(file, 1, "expected at least one sentence. Received: none")
    return SplitRead(sentences, repaired, dropped)


def _read(path: Path, corpus: CorpusParams) -> Iterator[Located]:
    columns = (corpus.columns,) if corpus.columns else ()
    return FORMATS[corpus.format].read(path, corpus.encoding, *columns)


def _check_size(path: Path, located: Located) -> None:
    tokens = located.sentence.tokens
    if len(tokens) > LONGEST_SENTENCE:
        message = f"expected sentences of at most {LONGEST_SENTENCE} tokens. Received: {len(tokens)}"
        raise CorpusFormatError(path, located.line, f"{message}; is a blank line missing?")
    for position, token in enumerate(tokens):
        if len(token) > LONGEST_TOKEN:
            message = f"expected tokens of at most {LONGEST_TOKEN} characters. Received: {len(token)}, {token[:40]!r}"
            raise CorpusFormatError(path, located.line_of(position), message)


def _to_iob2(path: Path, located: Located, corpus: CorpusParams) -> tuple[tuple[str, ...], list[str]]:
    """Convert the tags of a sentence to IOB2; return them and their repairs."""
    if corpus.tags is None:  # a format with mentions: its reader writes IOB2
        return located.sentence.tags, []
    tokens, tags = located.sentence.tokens, located.sentence.tags
    try:
        converted = to_iob2(tags, corpus.tags.scheme)
    except InvalidTagSequence as error:
        raise CorpusFormatError(path, located.line_of(error.position), str(error)) from None
    if converted.wrong and corpus.tags.invalid == "error":
        first = converted.wrong[0]
        cure = f"`invalid: repair` reads {tokens[first.position][:40]!r} as conlleval does"
        raise CorpusFormatError(path, located.line_of(first.position), f"{first}; {cure}")
    repairs = [f"{tags[violation.position]} -> {violation.expected}" for violation in converted.wrong]
    return converted.tags, repairs


def _dropped(path: Path, located: Located, corpus: CorpusParams) -> tuple[str, ...]:
    if located.dropped and corpus.mentions and corpus.mentions.misfit == "error":
        message = "expected mentions that begin and end with tokens of one sentence"
        cure = "`misfit: drop` leaves them out, and counts them"
        raise CorpusFormatError(path, located.line, f"{message}. Received: {len(located.dropped)} that do not; {cure}")
    return located.dropped
