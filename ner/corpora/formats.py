"""The table of corpus formats and their readers. A new format is one new file and one row here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ner.corpora.conll import read_conll
from ner.corpora.jsonl import read_jsonl_spans, read_jsonl_tokens
from ner.corpora.kaggle_csv import read_kaggle_csv
from ner.corpora.lines import Located
from ner.corpora.pubtator import read_pubtator


@dataclass(frozen=True, slots=True)
class Format:
    """A corpus format: its reader, and the keys of params.yaml that only some formats have.

    `read(path, encoding)` yields the sentences; a format with `columns` takes them as third argument. `settings` are
    the keys that a corpus of this format must have: `tags` if its files have tags, `mentions` if character spans.
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
