"""The table of formats: how each is read. A new format is one file, and one row here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ner.corpora.conll import read_conll
from ner.corpora.jsonl import read_jsonl_spans, read_jsonl_tokens
from ner.corpora.kaggle_csv import read_kaggle_csv
from ner.corpora.lines import Located
from ner.corpora.pubtator import read_pubtator


@dataclass(frozen=True, slots=True)
class Format:
    """`read(path, encoding)` gives its sentences; a format with columns takes them as third argument.

    `settings` are the keys that a corpus of this format has in params.yaml beside those of every corpus: `tags` if its
    files have tags, `mentions` if they have spans of characters.
    """

    read: Callable[..., Iterator[Located]]
    settings: tuple[str, ...]


FORMATS = {
    "conll": Format(read_conll, ("columns", "tags")),
    "kaggle-csv": Format(read_kaggle_csv, ("tags",)),
    "jsonl-tokens": Format(read_jsonl_tokens, ("tags",)),
    "jsonl-spans": Format(read_jsonl_spans, ("mentions",)),
    "pubtator": Format(read_pubtator, ("mentions",)),
}
