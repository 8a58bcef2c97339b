"""Encoding of tokens, and batches: each sentence once, no padding, order drawn by the seed."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ner.core.sentence import Sentence
from ner.features.encoding import CASINGS, Batch, EncodedCorpus, Encoder, Features, batches, casing, drop_words, encode
from ner.features.trimmed import ABSENT, ClusterTable, VectorTable
from ner.features.vocabulary import PADDING, UNKNOWN, Vocabulary

WORDS = Vocabulary(("<padding>", "<unknown>", "in", "rome", "0000"), ("lowercase", "digits"))
CHARACTERS = Vocabulary(("<padding>", "<unknown>", *"Romeabc"), ())
SPELLING = Encoder(WORDS, casings=True, characters=CHARACTERS, longest=6)
VECTORS = VectorTable(("rome", "in"), np.array([[127, 0], [5, -127]], np.int8), np.ones(2, np.float32), ("lowercase",))
CLUSTERS = ClusterTable(("Rome", "in"), ("0110", "10"), (2, 4), ())
LENGTHS = st.lists(st.integers(1, 4), max_size=30)


def corpus_of(lengths: list[int]) -> EncodedCorpus:
    """Encode sentences of these lengths; all tokens differ, so that features identify their sentence."""
    tokens = [
        tuple(f"{chr(97 + position)}w{chr(97 + number)}" for position in range(n)) for number, n in enumerate(lengths)
    ]
    words = Vocabulary.count([token for sentence in tokens for token in sentence], 1, ())
    return encode([Sentence(sentence, ("O",) * len(sentence)) for sentence in tokens], Encoder(words, casings=True))


def seen(order: list[Batch]) -> list[list[int]]:
    return [batch.indices.tolist() for batch in order]


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("--", "no letter"),
        ("", "no letter"),
        ("$", "no letter"),
        ("rome", "lower"),
        ("semi-final", "lower"),
        ("مكان", "lower"),  # a script without cases
        ("病名", "lower"),
        ("Rome", "title"),
        ("A", "title"),
        ("A.", "title"),
        ("Jean-Luc", "title"),
        ("O'Neil", "title"),
        ("Åmot", "title"),
        ("IBM", "upper"),
        ("U.S.", "upper"),
        ("AT&T", "upper"),
        ("McCoy", "mixed"),
        ("iPhone", "mixed"),
        ("Semi-final", "mixed"),
        ("1996", "digits"),
        ("3.5%", "digits"),
        ("٣٤", "digits"),
        ("A4", "letters and digits"),
        ("20th", "letters and digits"),
        ("IL-2", "letters and digits"),
    ],
)
def test_casing_tells_how_a_token_is_written(token: str, expected: str) -> None:
    assert CASINGS[casing(token)] == expected


@given(st.text())
def test_casing_has_a_place_for_every_token(token: str) -> None:
    assert 0 <= casing(token) < len(CASINGS)


def features_of(tokens: tuple[str, ...], encoder: Encoder) -> Features:
    return encode([Sentence(tokens, ("O",) * len(tokens))], encoder).features[0]


def test_encode_looks_up_normalised_words_and_casings() -> None:
    features = features_of(("Rome", "In", "1996", "x"), SPELLING)
    assert features["words"].tolist() == [3, 2, 4, UNKNOWN]
    assert [CASINGS[place] for place in features["casings"]] == ["title", "title", "digits", "lower"]


def test_encode_gives_characters_as_published_between_paddings() -> None:
    features = features_of(("Rome", "zR", "R"), SPELLING)
    assert features["characters"].tolist() == [
        [PADDING, 2, 3, 4, 5, PADDING, PADDING, PADDING],
        [PADDING, UNKNOWN, 2, PADDING, PADDING, PADDING, PADDING, PADDING],
        [PADDING, 2, PADDING, PADDING, PADDING, PADDING, PADDING, PADDING],
    ]


@pytest.mark.parametrize(
    ("longest", "read"), [(6, "Romabc"), (5, "Rombc"), (2, "Rc"), (9, "Romeabbbc"), (8, "Romebbbc")]
)
def test_encode_reads_both_ends_of_a_long_token(longest: int, read: str) -> None:
    encoder = Encoder(None, casings=False, characters=CHARACTERS, longest=longest)
    token = "Romeabbbc" if longest > 6 else "Romeccabc"
    ids = CHARACTERS.ids(read).tolist()
    assert features_of((token,), encoder)["characters"].tolist() == [[PADDING, *ids, PADDING]]


def test_encode_looks_up_vectors_and_clusters() -> None:
    features = features_of(("Rome", "x", "IN"), Encoder(None, casings=False, vectors=VECTORS, clusters=CLUSTERS))
    assert features["vectors"].tolist() == [1, ABSENT, 2]
    clusters = features["clusters"]
    assert clusters.shape == (3, 2)
    assert clusters[1].tolist() == [ABSENT, ABSENT]
    assert len(set(clusters[[0, 2]].ravel().tolist())) == 4  # each prefix has an id of its own


@pytest.mark.parametrize(
    ("encoder", "shapes"),
    [
        (Encoder(WORDS, casings=True), {"words": (2,), "casings": (2,)}),
        (Encoder(WORDS, casings=False), {"words": (2,)}),
        (SPELLING, {"words": (2,), "casings": (2,), "characters": (2, 8)}),
        (Encoder(None, casings=False, vectors=VECTORS), {"vectors": (2,)}),
        (Encoder(None, casings=True, clusters=CLUSTERS), {"casings": (2,), "clusters": (2, 2)}),
    ],
    ids=["words and casings", "words", "characters", "vectors", "clusters"],
)
def test_features_are_what_the_encoder_has(encoder: Encoder, shapes: dict[str, tuple[int, ...]]) -> None:
    features = features_of(("Rome", "in"), encoder)
    assert {name: array.shape for name, array in features.items()} == shapes
    assert {array.dtype for array in features.values()} == {np.dtype(np.int32)}


def test_encode_of_no_sentence_is_empty() -> None:
    corpus = encode([], SPELLING)
    assert (corpus.features, corpus.by_length) == ([], {})
    assert list(batches(corpus, 3)) == []


def test_encode_keeps_the_order_and_groups_indices_by_length() -> None:
    corpus = corpus_of([2, 1, 2, 3, 1])
    assert [len(features["words"]) for features in corpus.features] == [2, 1, 2, 3, 1]
    assert {length: indices.tolist() for length, indices in corpus.by_length.items()} == {1: [1, 4], 2: [0, 2], 3: [3]}
    assert list(corpus.by_length) == [1, 2, 3]


@given(LENGTHS, st.integers(1, 7), st.none() | st.integers(0, 5))
def test_batches_hold_every_sentence_once(lengths: list[int], batch_size: int, seed: int | None) -> None:
    shuffle = None if seed is None else np.random.default_rng(seed)
    found = Counter(index for batch in batches(corpus_of(lengths), batch_size, shuffle) for index in batch.indices)
    assert found == Counter(range(len(lengths)))


@given(LENGTHS, st.integers(1, 7), st.none() | st.integers(0, 5))
def test_batches_hold_the_features_of_their_sentences(lengths: list[int], batch_size: int, seed: int | None) -> None:
    corpus = corpus_of(lengths)
    for batch in batches(corpus, batch_size, None if seed is None else np.random.default_rng(seed)):
        expected = [corpus.features[index] for index in batch.indices]
        assert list(batch.features) == ["words", "casings"]
        for name, column in batch.features.items():
            assert column.tolist() == [features[name].tolist() for features in expected]
            assert column.dtype == np.int32


@given(LENGTHS, st.integers(1, 7), st.none() | st.integers(0, 5))
def test_batches_are_as_few_as_their_size_allows(lengths: list[int], batch_size: int, seed: int | None) -> None:
    order = list(batches(corpus_of(lengths), batch_size, None if seed is None else np.random.default_rng(seed)))
    assert all(1 <= len(batch.indices) <= batch_size for batch in order)
    assert len(order) == sum(-(-number // batch_size) for number in Counter(lengths).values())


def test_batches_without_shuffle_go_by_length_then_by_place() -> None:
    assert seen(list(batches(corpus_of([2, 1, 2, 1, 2, 3]), 2))) == [[1, 3], [0, 2], [4], [5]]


def test_batches_of_one_seed_are_alike() -> None:
    corpus = corpus_of([1, 2] * 12)
    one, other = (seen(list(batches(corpus, 4, np.random.default_rng(7)))) for _ in range(2))
    assert one == other


def test_batches_of_two_seeds_differ() -> None:
    corpus = corpus_of([1, 2] * 12)
    one, other = (seen(list(batches(corpus, 4, np.random.default_rng(seed)))) for seed in (7, 8))
    assert one != other


def test_batches_of_two_epochs_differ() -> None:
    corpus, shuffle = corpus_of([1, 2] * 12), np.random.default_rng(7)
    one, other = (seen(list(batches(corpus, 4, shuffle))) for _ in range(2))
    assert one != other


def test_batches_shuffle_which_sentences_meet_and_in_which_order_batches_come() -> None:
    order = seen(list(batches(corpus_of([1, 2] * 12), 4, np.random.default_rng(7))))
    assert {frozenset(batch) for batch in order} != {
        frozenset(batch) for batch in seen(list(batches(corpus_of([1, 2] * 12), 4)))
    }
    lengths = [batch[0] % 2 for batch in order]  # of two lengths, told by even and odd
    assert lengths not in (sorted(lengths), sorted(lengths, reverse=True))


def test_batches_leave_the_corpus_in_order() -> None:
    corpus = corpus_of([1, 2] * 12)
    list(batches(corpus, 4, np.random.default_rng(7)))
    assert {length: indices.tolist() for length, indices in corpus.by_length.items()} == {
        1: list(range(0, 24, 2)),
        2: list(range(1, 24, 2)),
    }


@pytest.fixture
def words() -> NDArray[np.int32]:
    return np.arange(200, dtype=np.int32).reshape(10, 20)


def rates(rare: float, first: int = 100) -> NDArray[np.float64]:
    return np.where(np.arange(200) >= first, rare, 0.0)


def test_drop_words_at_rate_0_drops_none(words: NDArray[np.int32]) -> None:
    np.testing.assert_array_equal(drop_words(words, rates(0), np.random.default_rng(1)), words)


def test_drop_words_at_rate_1_drops_every_such_word(words: NDArray[np.int32]) -> None:
    expected = np.where(words >= 150, UNKNOWN, words)
    np.testing.assert_array_equal(drop_words(words, rates(1, 150), np.random.default_rng(1)), expected)


def test_drop_words_drops_each_at_its_own_rate(words: NDArray[np.int32]) -> None:
    dropped = drop_words(words, rates(0.5), np.random.default_rng(1)) != words
    assert not dropped[words < 100].any()
    assert 30 <= dropped[words >= 100].sum() <= 70


def test_drop_words_puts_unknown_where_it_drops(words: NDArray[np.int32]) -> None:
    after = drop_words(words, rates(0.5), np.random.default_rng(1))
    assert set(after[after != words]) == {UNKNOWN}


def test_drop_words_draws_by_its_generator(words: NDArray[np.int32]) -> None:
    one, again, other = (drop_words(words, rates(0.5), np.random.default_rng(seed)).tolist() for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_drop_words_gives_a_new_array_of_int32(words: NDArray[np.int32]) -> None:
    before = words.copy()
    after = drop_words(words, rates(1, 0), np.random.default_rng(1))
    assert (after.dtype, after.shape) == (np.int32, words.shape)
    np.testing.assert_array_equal(words, before)
