"""The data card's numbers on ten sentences' worth of counting by hand."""

from ner.corpus.census import census
from ner.sentence import Sentence

TRAIN = [
    Sentence(("Nora", "Okoro", "rows", "."), ("B-PER", "I-PER", "O", "O")),
    Sentence(("Mila", "saw", "Nora", "."), ("B-PER", "O", "B-PER", "O")),
    Sentence(("Rain", "."), ("O", "O")),
    Sentence(("Rain", "."), ("O", "O")),
]
DEV = [Sentence(("Rain", "."), ("B-TIM", "O")), Sentence(("Nordhaven", "saw", "rain"), ("B-LOC", "O", "O"))]
TEST = [Sentence(("Mila", "rows"), ("B-PER", "O"))]


def test_census_counts_by_hand() -> None:
    assert census({"train": TRAIN, "dev": DEV, "test": TEST}) == {
        "train": {
            "sentences": 4,
            "tokens": 12,
            "distinct_words": 7,
            "longest_sentence": 4,
            "entities": 3,
            "labels": {"PER": 3},
        },
        "dev": {
            "sentences": 2,
            "tokens": 5,
            "distinct_words": 5,
            "longest_sentence": 3,
            "entities": 2,
            "labels": {"LOC": 1, "TIM": 1},
            "seen_in_train": 1,
            "unknown_tokens": 0.4,
        },
        "test": {
            "sentences": 1,
            "tokens": 2,
            "distinct_words": 2,
            "longest_sentence": 2,
            "entities": 1,
            "labels": {"PER": 1},
            "seen_in_train": 0,
            "unknown_tokens": 0.0,
        },
    }


def test_census_lists_labels_in_order() -> None:
    card = census({"train": [Sentence(("a", "b", "c"), ("B-TIM", "B-LOC", "B-PER"))]})
    assert list(card["train"]["labels"]) == ["LOC", "PER", "TIM"]


def test_census_counts_no_label_without_entities() -> None:
    assert census({"train": [Sentence(("Rain",), ("O",))]})["train"]["labels"] == {}


def test_census_counts_each_repeat_of_a_sentence_seen_in_train() -> None:
    assert census({"train": TRAIN, "test": [TRAIN[2], TRAIN[2], *TEST]})["test"]["seen_in_train"] == 2


def test_census_rounds_the_share_of_unknown_tokens() -> None:
    test = [Sentence(("Rain", "Mila", "falls"), ("O", "O", "O"))]
    assert census({"train": TRAIN, "test": test})["test"]["unknown_tokens"] == 0.33333
