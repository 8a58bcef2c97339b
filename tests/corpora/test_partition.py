"""Deduplication and splitting: reproducible by the seed, without lost sentences, without overlap."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.core.params import ParamsError, build
from ner.core.sentence import Sentence
from ner.corpora.partition import SPLITS, SplitParams, cut, deduplicate


def numbered(count: int) -> list[Sentence]:
    return [Sentence((str(number),), ("O",)) for number in range(count)]


def test_deduplicate_keeps_the_first_of_sentences_tagged_differently() -> None:
    first, second = Sentence(("May", "rows"), ("B-per", "O")), Sentence(("May", "rows"), ("B-tim", "O"))
    assert deduplicate([first, second]) == [first]


def test_deduplicate_keeps_the_order() -> None:
    one, two, three = numbered(3)
    assert deduplicate([two, one, two, three, one]) == [two, one, three]


@pytest.mark.parametrize("other", [("may", "rows"), ("May",), ("rows", "May"), ("May rows",)], ids=str)
def test_deduplicate_keeps_sentences_that_differ_in_their_tokens(other: tuple[str, ...]) -> None:
    sentences = [Sentence(("May", "rows"), ("O", "O")), Sentence(other, ("O",) * len(other))]
    assert deduplicate(sentences) == sentences


@pytest.mark.parametrize(
    ("count", "dev", "test", "sizes"),
    [
        (10, 0.1, 0.1, {"train": 8, "dev": 1, "test": 1}),
        (10, 0.2, 0.3, {"train": 5, "dev": 2, "test": 3}),
        (99, 0.1, 0.1, {"train": 79, "dev": 10, "test": 10}),
        (20, 0.1, 0, {"train": 18, "dev": 2, "test": 0}),
        (20, 0, 0.1, {"train": 18, "dev": 0, "test": 2}),
        (3, 0.3, 0.3, {"train": 1, "dev": 1, "test": 1}),
    ],
)
def test_cut_rounds_shares_to_whole_sentences(count: int, dev: float, test: float, sizes: dict[str, int]) -> None:
    parts = cut(numbered(count), SplitParams(seed=1, dev=dev, test=test))
    assert {name: len(part) for name, part in parts.items()} == sizes


def splits(dev: st.SearchStrategy[float], test: st.SearchStrategy[float]) -> st.SearchStrategy[SplitParams]:
    shuffled = st.builds(SplitParams, seed=st.integers(0, 2**31 - 1), dev=dev, test=test)
    return shuffled | st.builds(SplitParams, order=st.just("published"), dev=dev, test=test)


@given(st.integers(10, 200), splits(st.floats(0.1, 0.4), st.floats(0.1, 0.4)))
def test_cut_gives_every_sentence_to_one_part(count: int, split: SplitParams) -> None:
    parts = cut(numbered(count), split)
    assert Counter(sentence for part in parts.values() for sentence in part) == Counter(numbered(count))


def test_cut_keeps_as_many_of_repeated_sentences_as_there_are() -> None:
    parts = cut(numbered(5) * 4, SplitParams(seed=1, dev=0.2, test=0.2))
    assert Counter(sentence for part in parts.values() for sentence in part) == Counter(numbered(5) * 4)


def test_cut_keeps_file_order_in_each_part() -> None:
    sentences = numbered(100)
    parts = cut(sentences, SplitParams(seed=3, dev=0.2, test=0.2))
    assert all(part == sorted(part, key=sentences.index) for part in parts.values())


def test_cut_is_the_same_for_the_same_seed() -> None:
    split = SplitParams(seed=7, dev=0.2, test=0.2)
    assert cut(numbered(100), split) == cut(numbered(100), split)


def test_cut_differs_by_the_seed() -> None:
    parts = [cut(numbered(100), SplitParams(seed=seed, dev=0.2, test=0.2))["test"] for seed in (1, 2)]
    assert parts[0] != parts[1]


def test_cut_is_the_same_as_ever() -> None:
    """Pin the draw of NumPy's `default_rng`: if a NumPy release changed it, all splits and scores would change."""
    parts = cut(numbered(10), SplitParams(seed=1, dev=0.2, test=0.2))
    assert {name: [int(sentence.tokens[0]) for sentence in part] for name, part in parts.items()} == {
        "train": [1, 2, 3, 5, 6, 9],
        "dev": [4, 8],
        "test": [0, 7],
    }


@pytest.mark.parametrize(
    ("dev", "test", "sizes"),
    [(0.2, 0.3, (5, 2, 3)), (0.1, 0, (9, 1, 0)), (0, 0.1, (9, 0, 1)), (0, 0, (10, 0, 0))],
)
def test_cut_in_published_order_takes_dev_and_then_test_from_the_end(
    dev: float, test: float, sizes: tuple[int, ...]
) -> None:
    parts = cut(numbered(10), SplitParams(order="published", dev=dev, test=test))
    assert tuple(len(parts[name]) for name in SPLITS) == sizes
    assert [*parts["train"], *parts["dev"], *parts["test"]] == numbered(10)


def test_cut_draws_from_the_whole_file() -> None:
    test = cut(numbered(1000), SplitParams(seed=1, dev=0, test=0.1))["test"]
    assert int(test[0].tokens[0]) < 100
    assert int(test[-1].tokens[0]) >= 900


@pytest.mark.parametrize(
    ("count", "dev", "test"),
    [(0, 0.1, 0.1), (1, 0.1, 0.1), (4, 0.1, 0.4), (4, 0.4, 0.1), (2, 0.5, 0.4), (5, 0.0, 0.01)],
)
def test_cut_refuses_too_few_sentences(count: int, dev: float, test: float) -> None:
    with pytest.raises(
        ValueError, match=rf"^expected enough sentences to cut {dev} and {test} from. Received: {count}$"
    ):
        cut(numbered(count), SplitParams(seed=1, dev=dev, test=test))
    with pytest.raises(ValueError, match=r"^expected enough sentences"):
        cut(numbered(count), SplitParams(order="published", dev=dev, test=test))


@pytest.mark.parametrize(
    ("seed", "dev", "test", "key"),
    [
        (-1, 0.1, 0.1, "seed"),
        (2**32, 0.1, 0.1, "seed"),
        (1, -0.1, 0.1, "dev"),
        (1, 0.6, 0.1, "dev"),
        (1, float("nan"), 0.1, "dev"),
        (1, 0.1, 0.51, "test"),
        (1, 0.5, 0.5, "test"),
    ],
)
def test_split_params_refuse_shares_that_leave_no_train(seed: int, dev: float, test: float, key: str) -> None:
    with pytest.raises(ParamsError, match=rf"^split\.{key}: expected .* Received: "):
        build(SplitParams, {"seed": seed, "dev": dev, "test": test}, "split")


@pytest.mark.parametrize(
    ("order", "seed", "error"),
    [
        ("sorted", 1, "order: expected one of 'shuffled' or 'published'. Received: 'sorted'"),
        (
            "shuffled",
            None,
            "seed: expected a number for order shuffled, none for order published. Received: None, and shuffled",
        ),
        (
            "published",
            1,
            "seed: expected a number for order shuffled, none for order published. Received: 1, and published",
        ),
    ],
)
def test_split_params_refuse_an_order_without_what_it_needs(order: str, seed: int | None, error: str) -> None:
    with pytest.raises(ParamsError, match=re.escape(error)):
        build(SplitParams, {"dev": 0.1, "test": 0.1, "order": order, "seed": seed}, "split")


def test_split_params_are_shuffled_unless_they_say_otherwise() -> None:
    split = build(SplitParams, {"seed": 1, "dev": 0.1, "test": 0}, "split")
    assert split.order == "shuffled"
