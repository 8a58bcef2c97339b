"""A corpus file of any format -> its sentences in IOB2. A new format is one reader, and one line in `read_split`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ner.corpus.catalogue import CorpusParams
from ner.corpus.conll import read_conll
from ner.corpus.kaggle_csv import read_kaggle_csv
from ner.corpus.lines import CorpusFormatError, Located
from ner.corpus.pubtator import read_pubtator
from ner.sentence import Sentence
from ner.tagscheme import InvalidTagSequence, to_iob2


@dataclass(frozen=True, slots=True)
class Split:
    """The sentences of one file, how many of their tags were repaired, and how many mentions dropped."""

    sentences: list[Sentence]
    repaired: int
    dropped: int


def read_split(path: Path, corpus: CorpusParams) -> Split:
    """All sentences of one file of `corpus`, converted to IOB2.

    Raises:
        CorpusFormatError: the file is not of the format, encoding or tag scheme that params.yaml says, or is empty.
    """
    sentences: list[Sentence] = []
    repaired = dropped = 0
    for located in _read(path, corpus):
        tokens = located.sentence.tokens
        try:
            converted = to_iob2(located.sentence.tags, corpus.scheme, repair=corpus.repair)
        except InvalidTagSequence as error:
            cure = "" if corpus.repair else f"; `repair: true` reads {tokens[error.position][:40]!r} as conlleval does"
            raise CorpusFormatError(path, located.line + error.position, f"{error}{cure}") from None
        if located.dropped and not corpus.repair:
            raise CorpusFormatError(
                path, located.line, f"expected mentions that begin and end with tokens of one sentence. "
                f"Received: {located.dropped} that do not; `repair: true` drops and counts them"
            )  # fmt: skip
        repaired += converted.repaired
        dropped += located.dropped
        sentences.append(Sentence(tokens, converted.tags))
    if not sentences:
        raise CorpusFormatError(path, 1, "expected at least one sentence. Received: none")
    return Split(sentences, repaired, dropped)


def _read(path: Path, corpus: CorpusParams) -> Iterator[Located]:
    if corpus.columns:
        return read_conll(path, corpus.encoding, corpus.columns)
    readers = {"kaggle-csv": read_kaggle_csv, "pubtator": read_pubtator}
    return readers[corpus.format](path, corpus.encoding)
