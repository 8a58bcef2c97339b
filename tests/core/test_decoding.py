"""CRF decoding, compared with the enumeration of all tag paths."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from ner.core.decoding import Chain, constraints, entity_probability, marginals, path_probability, viterbi
from ner.core.tagscheme import violations

TAGS = ("B-LOC", "B-PER", "I-LOC", "I-PER", "O")


def path_score(logits: NDArray[np.floating], chain: Chain, path: tuple[int, ...]) -> float:
    """Compute the score of a path by its definition, from the logits `(T, K)` of one sentence."""
    emitted = sum(logits[position, tag] for position, tag in enumerate(path))
    moved = sum(chain.transitions[before, after] for before, after in itertools.pairwise(path))
    return float(chain.start[path[0]] + emitted + moved + chain.end[path[-1]])


def every_path(logits: NDArray[np.floating], chain: Chain) -> dict[tuple[int, ...], float]:
    """Enumerate all paths of one sentence, with their probabilities."""
    length, tags = logits.shape
    paths = itertools.product(range(tags), repeat=length)
    weights = {path: np.exp(path_score(logits, chain, path)) for path in paths}
    total = sum(weights.values())
    return {path: weight / total for path, weight in weights.items()}


def cases() -> Iterator[tuple[NDArray[np.float64], Chain]]:
    """Draw batches of three sentences, for each length up to four with and without constraints."""
    draw = np.random.default_rng(7)
    for length in (1, 2, 3, 4):
        free = Chain(draw.normal(size=5), draw.normal(size=(5, 5)), draw.normal(size=5))
        scheme = constraints(TAGS, "IOB2")
        bound = Chain(free.start + scheme.start, free.transitions + scheme.transitions, free.end + scheme.end)
        for chain in (free, bound):
            yield 2 * draw.normal(size=(3, length, 5)), chain


CASES = list(cases())


@pytest.mark.parametrize(("logits", "chain"), CASES)
def test_viterbi_finds_the_best_of_all_paths(logits: NDArray[np.float64], chain: Chain) -> None:
    for sentence, found in zip(logits, viterbi(logits, chain), strict=True):
        probabilities = every_path(sentence, chain)
        assert tuple(found) == max(probabilities, key=probabilities.__getitem__)


@pytest.mark.parametrize(("logits", "chain"), CASES)
def test_marginals_are_sums_over_all_paths(logits: NDArray[np.float64], chain: Chain) -> None:
    found = marginals(logits, chain).tags
    for number, sentence in enumerate(logits):
        expected = np.zeros(sentence.shape)
        for path, probability in every_path(sentence, chain).items():
            expected[np.arange(len(path)), path] += probability
        np.testing.assert_allclose(found[number], expected, atol=1e-12)


@pytest.mark.parametrize(("logits", "chain"), CASES)
def test_path_probability_is_the_sum_over_paths_that_hold_it(logits: NDArray[np.float64], chain: Chain) -> None:
    given = marginals(logits, chain)
    length = logits.shape[1]
    for number, sentence in enumerate(logits):
        probabilities = every_path(sentence, chain)
        for start, stop in itertools.combinations(range(length + 1), 2):
            for part in itertools.product((0, 2, 4), repeat=stop - start):
                expected = sum(p for path, p in probabilities.items() if path[start:stop] == part)
                assert path_probability(given, chain, number, start, part) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("logits", "chain"), CASES)
def test_entity_probability_counts_only_paths_where_the_entity_ends(logits: NDArray[np.float64], chain: Chain) -> None:
    given = marginals(logits, chain)
    length = logits.shape[1]
    inside = TAGS.index("I-LOC")
    for number, sentence in enumerate(logits):
        probabilities = every_path(sentence, chain)
        for start, stop in itertools.combinations(range(length + 1), 2):
            tags = (TAGS.index("B-LOC"), *[inside] * (stop - start - 1))
            expected = sum(
                p
                for path, p in probabilities.items()
                if path[start:stop] == tags and (stop == length or path[stop] != inside)
            )
            found = entity_probability(given, chain, number, start, tags, [inside])
            assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("scheme", ["IO", "IOB1", "IOB2", "IOBES", "BILUO"])
def test_constraints_leave_exactly_the_valid_paths(scheme: str) -> None:
    tags = ("B-A", "I-A", "E-A", "S-A", "L-A", "U-A", "B-B", "I-B", "O")
    chain = constraints(tags, scheme)
    for length in (1, 2, 3):
        for path in itertools.product(range(len(tags)), repeat=length):
            possible = path_score(np.zeros((length, len(tags))), chain, path) == 0
            assert possible == (not violations([tags[tag] for tag in path], scheme)), [tags[tag] for tag in path]


def test_marginals_of_a_long_sentence_neither_overflow_nor_vanish() -> None:
    draw = np.random.default_rng(1)
    logits = (50 * draw.normal(size=(2, 2000, 5))).astype(np.float32)
    found = marginals(logits, constraints(TAGS, "IOB2")).tags
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-9)
