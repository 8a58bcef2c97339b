"""A corpus file or directory and its entry in params.yaml -> sentences in IOB2, and counts of repairs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ner.core.sentence import Sentence
from ner.core.tagscheme import InvalidTagSequence, Tag, to_iob2
from ner.corpora.catalogue import CorpusParams
from ner.corpora.formats import FORMATS
from ner.corpora.lines import CorpusFormatError, Faults, Located

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

    All errors of all files are told at once, as far as a file can be read after an error.

    Raises:
        CorpusFormatError: a file does not have the format, encoding or tag scheme that params.yaml says, or is empty.
    """
    faults = Faults()
    sentences: list[Sentence] = []
    repaired: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    files = sorted(found for found in path.rglob("*") if found.is_file()) if path.is_dir() else [path]
    if not files:
        raise CorpusFormatError(path, 0, "expected a directory with files. Received: none in it")
    for file in files:
        before = len(sentences)
        documents = 1 + sentences[-1].document if sentences else 0  # of the files before this one
        try:
            for located in _read(file, corpus, faults):
                _check_size(file, located)
                tags, repairs = _to_iob2(file, located, corpus, faults)
                repaired.update(repairs)
                dropped.update(_dropped(file, located, corpus, faults))
                sentences.append(Sentence(located.sentence.tokens, tags, documents + located.document))
            if len(sentences) == before and not faults.count:
                raise CorpusFormatError(file, 1, "expected at least one sentence. Received: none")
        except CorpusFormatError as error:  # of a reader, which can't go on
            faults.add(error)
    faults.check()
    return SplitRead(sentences, repaired, dropped)


def _read(path: Path, corpus: CorpusParams, faults: Faults) -> Iterator[Located]:
    settings = (corpus.columns, faults) if corpus.columns else ()
    return FORMATS[corpus.format].read(path, corpus.encoding, *settings)


def _check_size(path: Path, located: Located) -> None:
    tokens = located.sentence.tokens
    if len(tokens) > LONGEST_SENTENCE:
        message = f"expected sentences of at most {LONGEST_SENTENCE} tokens. Received: {len(tokens)}"
        raise CorpusFormatError(path, located.line, f"{message}; is a blank line missing?")
    for position, token in enumerate(tokens):
        if len(token) > LONGEST_TOKEN:
            message = f"expected tokens of at most {LONGEST_TOKEN} characters. Received: {len(token)}, {token[:40]!r}"
            raise CorpusFormatError(path, located.line_of(position), message)


def _to_iob2(path: Path, located: Located, corpus: CorpusParams, faults: Faults) -> tuple[tuple[str, ...], list[str]]:
    """Convert the tags of a sentence to IOB2; return them and their repairs."""
    if corpus.tags is None:  # a format with mentions: its reader writes IOB2
        return located.sentence.tags, []
    tokens, tags = located.sentence.tokens, located.sentence.tags
    if malformed := list(_malformed(tags)):
        for error in malformed:
            faults.add(CorpusFormatError(path, located.line_of(error.position), str(error)))
        return tags, []
    converted = to_iob2(tags, corpus.tags.scheme)
    if corpus.tags.invalid == "error" and not located.lines:  # a tag whose neighbours were left out may be valid
        for error in converted.wrong:
            cure = f"`invalid: repair` reads {tokens[error.position][:40]!r} as conlleval does"
            faults.add(CorpusFormatError(path, located.line_of(error.position), f"{error}; {cure}"))
    repairs = [f"{tags[violation.position]} -> {violation.expected}" for violation in converted.wrong]
    return converted.tags, repairs


def _malformed(tags: Sequence[str]) -> Iterator[InvalidTagSequence]:
    for position, tag in enumerate(tags):
        try:
            Tag.parse(tag)
        except ValueError as error:
            yield InvalidTagSequence(str(error), position)


def _dropped(path: Path, located: Located, corpus: CorpusParams, faults: Faults) -> tuple[str, ...]:
    if located.dropped and corpus.mentions and corpus.mentions.misfit == "error":
        message = "expected mentions that begin and end with tokens of one sentence"
        received = f"{len(located.dropped)} that do not; `misfit: drop` leaves them out, and counts them"
        faults.add(CorpusFormatError(path, located.line, f"{message}. Received: {received}"))
    return located.dropped
