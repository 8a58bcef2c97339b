"""The published corpora, read as params.yaml says, have the numbers that were published or counted by others.

The corpora may not come with the project. These tests need a mirror of them: the directory that NER_MIRROR names, or
`shared/corpora` beside the project; the layout is that of `path` in params.yaml.
"""

import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from ner.corpus.catalogue import Columns, CorpusParams, SplitParams
from ner.corpus.formats import read_split
from ner.corpus.partition import deduplicate
from ner.corpus.source import SourceFile
from ner.params import build, read_params
from ner.tagscheme import tags_to_spans

ROOT = Path(__file__).parents[2]
MIRROR = Path(os.environ.get("NER_MIRROR") or ROOT.parent / "shared" / "corpora")


class Numbers(NamedTuple):
    sentences: int
    tokens: int
    labels: Counter[str]
    longest: int
    repeats: int
    repaired: int
    dropped: int


def by_hand(format: str, repair: bool, files: dict[str, str], columns: Columns | None = None) -> CorpusParams:
    """A corpus that params.yaml does not have (yet); all of these are UTF-8 and IOB2."""
    return CorpusParams(
        language="en",
        format=format,
        encoding="utf-8",
        scheme="IOB2",
        repair=repair,
        deduplicate=False,
        files={split: SourceFile(path, "0" * 64) for split, path in files.items()},
        split=None if "dev" in files else SplitParams(seed=1, dev=0.1, test=0),
        columns=columns,
    )


BY_HAND = {
    "bc5cdr": by_hand(
        "conll",
        False,
        {"train": "bc5cdr/train.tsv", "dev": "bc5cdr/devel.tsv", "test": "bc5cdr/test.tsv"},
        Columns(token=0, tag=1),
    ),
    "bc5cdr-pubtator": by_hand(
        "pubtator",
        True,
        {
            "train": "bc5cdr-pubtator/CDR_TrainingSet.PubTator.txt",
            "dev": "bc5cdr-pubtator/CDR_DevelopmentSet.PubTator.txt",
            "test": "bc5cdr-pubtator/CDR_TestSet.PubTator.txt",
        },
    ),
    "anercorp": by_hand(
        "conll",
        True,
        {"train": "anercorp/ANERCorp_CamelLab_train.txt", "test": "anercorp/ANERCorp_CamelLab_test.txt"},
        Columns(token=0, tag=-1),
    ),
}


@cache
def corpus(name: str) -> CorpusParams:
    declared = read_params(ROOT / "params.yaml")["corpora"]
    if name in declared:
        return build(CorpusParams, declared[name], f"corpora.{name}")
    return BY_HAND[name]


@cache
def numbers(name: str, split: str) -> Numbers:
    file = corpus(name).files[split].path
    if not (MIRROR / file).exists():
        pytest.skip(f"needs the published {file}: set NER_MIRROR to a directory that holds it")
    read = read_split(MIRROR / file, corpus(name))
    return Numbers(
        sentences=len(read.sentences),
        tokens=sum(map(len, read.sentences)),
        labels=Counter(span.label for sentence in read.sentences for span in tags_to_spans(sentence.tags)),
        longest=max(map(len, read.sentences)),
        repeats=len(read.sentences) - len(deduplicate(read.sentences)),
        repaired=read.repaired,
        dropped=read.dropped,
    )


@pytest.mark.parametrize(
    ("name", "split", "sentences", "tokens", "entities"),
    [
        ("gmb", "train", 47_959, 1_048_575, 111_891),
        ("conll2003", "train", 14_041, 203_621, 23_499),
        ("conll2003", "dev", 3_250, 51_362, 5_942),
        ("conll2003", "test", 3_453, 46_435, 5_648),
        ("bc5cdr", "train", 4_560, 118_170, 5_203 + 4_182),
        ("bc5cdr", "dev", 4_581, 117_453, 5_347 + 4_246),
        ("bc5cdr", "test", 4_797, 124_750, 5_385 + 4_424),
        ("anercorp", "train", 3_973, 125_102, 9_000),
        ("anercorp", "test", 925, 25_008, 2_285),
    ],
)
def test_read_split_finds_the_published_numbers(
    name: str, split: str, sentences: int, tokens: int, entities: int
) -> None:
    read = numbers(name, split)
    assert (read.sentences, read.tokens, read.labels.total()) == (sentences, tokens, entities)


@pytest.mark.parametrize(
    ("name", "split", "labels"),
    [
        (
            "gmb",
            "train",
            {
                "geo": 37_644,
                "tim": 20_333,
                "org": 20_143,
                "per": 16_990,
                "gpe": 15_870,
                "art": 402,
                "eve": 308,
                "nat": 201,
            },
        ),
        ("bc5cdr", "train", {"Chemical": 5_203, "Disease": 4_182}),
        ("bc5cdr", "dev", {"Chemical": 5_347, "Disease": 4_246}),
        ("bc5cdr", "test", {"Chemical": 5_385, "Disease": 4_424}),
    ],
)
def test_read_split_finds_the_published_labels(name: str, split: str, labels: dict[str, int]) -> None:
    assert numbers(name, split).labels == labels


@pytest.mark.parametrize(
    ("name", "split", "repaired"),
    [
        ("gmb", "train", 0),
        ("conll2003", "train", 2),
        ("conll2003", "dev", 0),
        ("conll2003", "test", 0),
        ("bc5cdr", "train", 0),
        ("anercorp", "train", 39),
        ("anercorp", "test", 74),
    ],
)
def test_read_split_counts_the_published_faults(name: str, split: str, repaired: int) -> None:
    assert numbers(name, split).repaired == repaired


def test_read_split_finds_the_repeated_sentences_of_gmb() -> None:
    assert numbers("gmb", "train").repeats == 384


def test_read_split_keeps_the_longest_sentence_of_anercorp() -> None:
    assert max(numbers("anercorp", split).longest for split in ("train", "test")) == 530


def test_read_split_finds_pers_in_anercorp() -> None:
    assert set(numbers("anercorp", "train").labels) == {"LOC", "MISC", "ORG", "PERS"}


def test_read_split_tags_or_counts_every_mention_of_bc5cdr() -> None:
    splits = [numbers("bc5cdr-pubtator", split) for split in ("train", "dev", "test")]
    found = sum((read.labels for read in splits), Counter())
    assert found.total() + sum(read.dropped for read in splits) == 15_935 + 12_850
    assert found["Chemical"] <= 15_935
    assert found["Disease"] <= 12_850


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_read_split_drops_few_mentions_of_bc5cdr(split: str) -> None:
    read = numbers("bc5cdr-pubtator", split)
    assert read.dropped <= 0.01 * read.labels.total()
