"""Corpus statistics and the tables of plots, on ten sentences counted by hand."""

from collections import Counter

import pytest

from ner.core.sentence import Sentence
from ner.corpora.reading import SplitRead
from ner.corpora.statistics import corpus_statistics, labels_table, lengths_table

NORA = Sentence(("Nora", "Okoro", "rows", "."), ("B-PER", "I-PER", "O", "O"))
MILA = Sentence(("Mila", "saw", "Nora", "."), ("B-PER", "O", "B-PER", "O"))
RAIN = Sentence(("Rain", "."), ("O", "O"))
STORM = Sentence(("Rain", "."), ("B-TIM", "O"))
TRAIN = [NORA, MILA, RAIN, STORM, RAIN]
DEV = [STORM, Sentence(("Nordhaven", "saw", "rain"), ("B-LOC", "O", "O"))]
TEST = [RAIN, DEV[1], Sentence(("Mila", "rows"), ("B-PER", "O"))]
SPLITS = {"train": TRAIN, "dev": DEV, "test": TEST}
FILES = {
    "train": SplitRead([*TRAIN, *DEV], Counter({"I-PER -> B-PER": 2, "I-LOC -> B-LOC": 1}), Counter()),
    "test": SplitRead(TEST, Counter(), Counter({"PER": 1, "LOC": 3})),
}


def of_length(*lengths: int) -> list[Sentence]:
    return [Sentence(("x",) * length, ("O",) * length) for length in lengths]


def test_corpus_statistics_counts_what_was_read_by_hand() -> None:
    assert corpus_statistics(FILES, SPLITS)["files"] == {
        "train": {
            "sentences": 7,
            "tokens": 19,  # 4 + 4 + 2 + 2 + 2, 2 + 3
            "distinct_words": 9,  # Nora Okoro rows . Mila saw Rain, Nordhaven rain
            "longest_sentence": 4,
            "entities": 6,  # 1 + 2 + 0 + 1 + 0, 1 + 1
            "labels": {"LOC": 1, "PER": 3, "TIM": 2},
            "repeated_sentences": 3,  # Rain . stands four times
            "tagged_differently": 1,
            "tags_repaired": {"I-LOC -> B-LOC": 1, "I-PER -> B-PER": 2},
            "mentions_dropped": {},
        },
        "test": {
            "sentences": 3,
            "tokens": 7,
            "distinct_words": 7,
            "longest_sentence": 3,
            "entities": 2,
            "labels": {"LOC": 1, "PER": 1},
            "repeated_sentences": 0,
            "tagged_differently": 0,
            "tags_repaired": {},
            "mentions_dropped": {"LOC": 3, "PER": 1},
        },
    }


def test_corpus_statistics_counts_what_became_of_it_by_hand() -> None:
    assert corpus_statistics(FILES, SPLITS)["splits"] == {
        "train": {
            "sentences": 5,
            "tokens": 14,
            "distinct_words": 7,
            "longest_sentence": 4,
            "entities": 4,
            "labels": {"PER": 3, "TIM": 1},
            "repeated_sentences": 2,
            "tagged_differently": 1,
        },
        "dev": {
            "sentences": 2,
            "tokens": 5,
            "distinct_words": 5,
            "longest_sentence": 3,
            "entities": 2,
            "labels": {"LOC": 1, "TIM": 1},
            "repeated_sentences": 0,
            "tagged_differently": 0,
            "sentences_in_train": 1,
            "unknown_token_share": 0.4,  # Nordhaven and rain, of five
            "unknown_word_share": 0.4,
            "seen_mention_share": 0.5,  # Rain as TIM, not Nordhaven as LOC
        },
        "test": {
            "sentences": 3,
            "tokens": 7,
            "distinct_words": 7,
            "longest_sentence": 3,
            "entities": 2,
            "labels": {"LOC": 1, "PER": 1},
            "repeated_sentences": 0,
            "tagged_differently": 0,
            "sentences_in_train": 1,  # whatever its tags
            "sentences_in_dev": 2,
            "unknown_token_share": 0.28571,
            "unknown_word_share": 0.28571,
            "seen_mention_share": 0.5,
        },
    }


def test_corpus_statistics_lists_labels_and_repairs_in_order() -> None:
    read = SplitRead([Sentence(("a", "b", "c"), ("B-TIM", "B-LOC", "B-PER"))], Counter(["b", "a"]), Counter(["d", "c"]))
    card = corpus_statistics({"train": read}, {"train": read.sentences})
    assert list(card["splits"]["train"]["labels"]) == ["LOC", "PER", "TIM"]
    assert list(card["files"]["train"]["tags_repaired"]) == ["a", "b"]
    assert list(card["files"]["train"]["mentions_dropped"]) == ["c", "d"]


def test_corpus_statistics_counts_each_repeat_of_a_sentence_that_train_has() -> None:
    card = corpus_statistics({}, {"train": TRAIN, "test": [RAIN, STORM, *DEV[1:]]})
    assert card["splits"]["test"]["sentences_in_train"] == 2


def test_corpus_statistics_counts_tokens_and_words_that_train_lacks_apart() -> None:
    test = [Sentence(("snow", "snow", "Rain"), ("O", "O", "O"))]
    card = corpus_statistics({}, {"train": TRAIN, "test": test})["splits"]["test"]
    assert (card["unknown_token_share"], card["unknown_word_share"]) == (0.66667, 0.5)


@pytest.mark.parametrize(
    ("sentence", "share"),
    [
        (Sentence(("Nora", "Okoro"), ("B-PER", "I-PER")), 1.0),
        (Sentence(("Nora", "Okoro"), ("B-LOC", "I-LOC")), 0.0),
        (Sentence(("Nora", "Okoro"), ("B-PER", "B-PER")), 0.5),
        (Sentence(("nora",), ("B-PER",)), 0.0),
        (Sentence(("Nora",), ("O",)), 0.0),
    ],
    ids=["alike", "another label", "cut in two", "another case", "no entity"],
)
def test_corpus_statistics_takes_mentions_of_the_same_words_and_label_for_seen(
    sentence: Sentence, share: float
) -> None:
    assert corpus_statistics({}, {"train": TRAIN, "test": [sentence]})["splits"]["test"]["seen_mention_share"] == share


def test_lengths_table_counts_by_hand() -> None:
    splits = {"train": of_length(1, 5, 6, 10, 101, 5_000, 50, 51), "test": of_length(5, 4, 12)}
    counted = {
        ("1-5", "train"): (2, 0.25),
        ("6-10", "train"): (2, 0.25),
        ("41-50", "train"): (1, 0.125),
        ("51-75", "train"): (1, 0.125),
        ("over 100", "train"): (2, 0.25),
        ("1-5", "test"): (2, 0.66667),
        ("11-15", "test"): (1, 0.33333),
    }
    bars = ["1-5", "6-10", "11-15", "16-20", "21-25", "26-30", "31-40", "41-50", "51-75", "76-100", "over 100"]
    table = lengths_table(splits)
    assert list(table.columns) == ["tokens", "split", "sentences", "share"]
    assert list(table.itertuples(index=False, name=None)) == [
        (bar, name, *counted.get((bar, name), (0, 0.0))) for name in splits for bar in bars
    ]


@pytest.mark.parametrize("length", [1, 5, 6, 15, 16, 20, 21, 40, 41, 75, 76, 100, 101, 999])
def test_lengths_table_has_one_bar_for_a_sentence(length: int) -> None:
    table = lengths_table({"train": of_length(length)})
    [bar] = table.loc[table["sentences"] == 1, "tokens"]
    first, _, last = bar.removeprefix("over ").partition("-")
    assert (int(first) <= length <= int(last)) if last else int(first) < length


def test_labels_table_counts_by_hand() -> None:
    table = labels_table(SPLITS)
    assert list(table.columns) == ["label", "split", "entities", "share"]
    assert list(table.itertuples(index=False, name=None)) == [
        ("LOC", "train", 0, 0.0),
        ("LOC", "dev", 1, 0.5),
        ("LOC", "test", 1, 0.5),
        ("PER", "train", 3, 0.75),
        ("PER", "dev", 0, 0.0),
        ("PER", "test", 1, 0.5),
        ("TIM", "train", 1, 0.25),
        ("TIM", "dev", 1, 0.5),
        ("TIM", "test", 0, 0.0),
    ]


def test_labels_table_of_no_entities_has_no_rows() -> None:
    table = labels_table({"train": [RAIN], "test": [RAIN]})
    assert (list(table.columns), len(table)) == (["label", "split", "entities", "share"], 0)


def test_labels_table_has_no_share_of_no_entities() -> None:
    table = labels_table({"train": [STORM], "test": [RAIN]})
    assert list(table.itertuples(index=False, name=None)) == [("TIM", "train", 1, 1.0), ("TIM", "test", 0, 0.0)]


def test_labels_table_adds_the_entities_of_a_split_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 100,000 labels, sums for each label took minutes."""
    sums: list[int] = []
    monkeypatch.setattr(Counter, "total", lambda counts: sums.append(sum(counts.values())) or sums[-1])
    labels_table(SPLITS)
    assert sums == [4, 2, 2]
