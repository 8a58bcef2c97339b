"""Statistics of the published corpora, compared with the numbers that their papers or others report.

The committed statistics, `metrics/corpora`, are always checked. The corpora may not be distributed with the project, so
reading them needs a mirror: the directory that NER_MIRROR names, or `shared/corpora` beside the project, with the files
at their `path` in params.yaml.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ner.core.params import build, read_params
from ner.corpora.catalogue import CorpusParams
from ner.corpora.reading import read_split
from ner.corpora.statistics import corpus_statistics

ROOT = Path(__file__).parents[2]
MIRROR = Path(os.environ.get("NER_MIRROR") or ROOT.parent / "shared" / "corpora")
DECLARED = {
    name: build(CorpusParams, section, f"corpora.{name}")
    for name, section in read_params(ROOT / "params.yaml")["corpora"].items()
    if not name.startswith("demo-")
}
FILES = [(name, split) for name, corpus in DECLARED.items() for split in corpus.files]
GMB = {
    "geo": 37_644,
    "tim": 20_333,
    "org": 20_143,
    "per": 16_990,
    "gpe": 15_870,
    "art": 402,
    "eve": 308,
    "nat": 201,
}


@cache
def committed(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "metrics" / "corpora" / f"{name}.json").read_text(encoding="utf-8"))


@cache
def read_anew(name: str, split: str) -> dict[str, Any]:
    file = DECLARED[name].files[split].path
    if not (MIRROR / file).exists():
        pytest.skip(f"needs the published {file}: set NER_MIRROR to a directory that holds it")
    return corpus_statistics({split: read_split(MIRROR / file, DECLARED[name])}, {})["files"][split]


def test_params_declares_the_published_corpora() -> None:
    assert {"gmb", "conll2003", "bc5cdr", "bc5cdr-pubtator", "anercorp"} <= set(DECLARED)


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
def test_corpus_has_the_published_numbers(name: str, split: str, sentences: int, tokens: int, entities: int) -> None:
    card = committed(name)["files"][split]
    assert (card["sentences"], card["tokens"], card["entities"]) == (sentences, tokens, entities)


@pytest.mark.parametrize(
    ("name", "split", "labels"),
    [
        ("gmb", "train", GMB),
        ("bc5cdr", "train", {"Chemical": 5_203, "Disease": 4_182}),
        ("bc5cdr", "dev", {"Chemical": 5_347, "Disease": 4_246}),
        ("bc5cdr", "test", {"Chemical": 5_385, "Disease": 4_424}),
    ],
)
def test_corpus_has_the_published_labels(name: str, split: str, labels: dict[str, int]) -> None:
    assert committed(name)["files"][split]["labels"] == labels


@pytest.mark.parametrize(
    ("name", "repaired"),
    [
        ("gmb", [0]),
        ("conll2003", [2, 0, 0]),
        ("bc5cdr", [0, 0, 0]),
        ("bc5cdr-pubtator", [0, 0, 0]),
        ("anercorp", [39, 74]),
    ],
)
def test_corpus_has_the_published_faults(name: str, repaired: list[int]) -> None:
    assert [sum(file["tags_repaired"].values()) for file in committed(name)["files"].values()] == repaired


def test_conll2003_has_two_superfluous_openings() -> None:
    assert committed("conll2003")["files"]["train"]["tags_repaired"] == {"B-MISC -> I-MISC": 2}


def test_conll2003_has_test_sentences_in_train() -> None:
    assert committed("conll2003")["splits"]["test"]["sentences_in_train"] == 126


def test_gmb_has_the_published_repeats() -> None:
    card = committed("gmb")["files"]["train"]
    assert (card["repeated_sentences"], card["tagged_differently"]) == (384, 35)


def test_gmb_splits_are_what_deduplication_leaves() -> None:
    splits = committed("gmb")["splits"].values()
    assert sum(split["sentences"] for split in splits) == 47_959 - 384
    assert not any(count for split in splits for key, count in split.items() if key.startswith("sentences_in_"))


def test_anercorp_has_the_longest_sentence_and_its_own_labels() -> None:
    files = committed("anercorp")["files"].values()
    assert max(file["longest_sentence"] for file in files) == 530
    assert all(set(file["labels"]) == {"LOC", "MISC", "ORG", "PERS"} for file in files)


def test_anercorp_has_fewer_openings_than_chunks_by_its_repairs() -> None:
    files = committed("anercorp")["files"].values()
    assert [file["entities"] - sum(file["tags_repaired"].values()) for file in files] == [8_961, 2_211]


def test_bc5cdr_pubtator_tags_or_counts_every_mention() -> None:
    files = committed("bc5cdr-pubtator")["files"].values()
    found = {
        label: sum(file["labels"][label] + file["mentions_dropped"].get(label, 0) for file in files)
        for label in ("Chemical", "Disease")
    }
    assert found == {"Chemical": 15_935, "Disease": 12_850}


def test_bc5cdr_pubtator_drops_few_mentions() -> None:
    files = committed("bc5cdr-pubtator")["files"].values()
    assert sum(sum(file["mentions_dropped"].values()) for file in files) == 15


@pytest.mark.parametrize("name", DECLARED)
def test_splits_have_all_tokens_of_the_files_but_for_repeats(name: str) -> None:
    card = committed(name)
    tokens = [sum(part["tokens"] for part in card[key].values()) for key in ("files", "splits")]
    assert tokens[0] > tokens[1] if DECLARED[name].deduplicate else tokens[0] == tokens[1]


@pytest.mark.parametrize(("name", "split"), FILES)
def test_read_split_finds_what_is_committed(name: str, split: str) -> None:
    assert read_anew(name, split) == committed(name)["files"][split]
