"""Matching of entities: every kind by hand, and totals that must hold for any tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.core.entity_f1 import count_entities
from ner.core.predictions import TaggedSentence
from ner.core.sentence import Span
from ner.evaluation.matching import CORRECT, EntityMatch, match_entities


def tagged(gold: str, predicted: str) -> TaggedSentence:
    gold_tags, predicted_tags = tuple(gold.split()), tuple(predicted.split())
    sure = tuple((position + 5) / 10 for position in range(len(gold_tags)))
    return TaggedSentence(("x",) * len(gold_tags), gold_tags, predicted_tags, sure, (0.25,) * len(gold_tags))


@pytest.mark.parametrize(
    ("gold", "predicted", "kinds"),
    [
        ("B-PER I-PER O", "B-PER I-PER O", ["correct"]),
        ("B-PER I-PER O", "B-LOC I-LOC O", ["wrong_label"]),
        ("B-PER I-PER O", "B-PER O O", ["wrong_boundary"]),
        ("B-PER I-PER O", "O B-LOC I-LOC", ["wrong_both"]),
        ("B-PER I-PER O", "O O O", ["missed"]),
        ("O O O", "B-PER I-PER O", ["spurious"]),
        ("B-PER O O", "O B-PER O", ["missed", "spurious"]),  # they touch, and share no token
        ("O O B-PER", "O O I-PER", ["missed"]),  # read strictly, nothing is predicted
        ("B-PER B-PER O", "B-PER I-PER O", ["wrong_boundary", "missed"]),  # one prediction, one pair
        ("B-PER I-PER I-PER", "B-PER O B-PER", ["wrong_boundary", "spurious"]),
        ("B-LOC I-LOC I-LOC", "B-PER I-PER B-LOC", ["spurious", "wrong_boundary"]),  # the label before the tokens
        ("B-LOC I-LOC I-LOC", "B-PER B-ORG I-ORG", ["wrong_both", "spurious"]),  # the most tokens
        ("O", "O", []),
    ],
)
def test_match_entities_tells_kinds_apart(gold: str, predicted: str, kinds: list[str]) -> None:
    assert sorted(match.kind for match in match_entities([tagged(gold, predicted)])) == sorted(kinds)


def test_match_entities_pairs_with_the_entity_that_shares_most_tokens() -> None:
    pair = next(
        one for one in match_entities([tagged("B-LOC I-LOC I-LOC", "B-PER B-ORG I-ORG")]) if one.kind == "wrong_both"
    )
    assert pair.predicted == Span(1, 3, "ORG")


def test_match_entities_numbers_sentences_and_orders_by_the_first_token() -> None:
    matches = match_entities([tagged("O", "O"), tagged("O B-PER B-LOC", "B-LOC O B-LOC")])
    assert [(one.sentence, one.kind) for one in matches] == [(1, "spurious"), (1, "missed"), (1, "correct")]


def test_match_entities_gives_a_missed_entity_the_least_probability_of_its_tags() -> None:
    assert match_entities([tagged("O B-PER I-PER", "O O O")]) == [
        EntityMatch("missed", 0, Span(1, 3, "PER"), None, 0.6)
    ]


def test_match_entities_gives_a_predicted_entity_its_own_probability() -> None:
    assert match_entities([tagged("O O", "O B-PER")]) == [EntityMatch("spurious", 0, None, Span(1, 2, "PER"), 0.25)]


TAGS = st.sampled_from(("O", "B-PER", "I-PER", "B-LOC", "I-LOC"))


@given(st.integers(1, 9).flatmap(lambda n: st.tuples(*[st.lists(TAGS, min_size=n, max_size=n)] * 2)))
def test_matches_hold_every_entity_once(sides: tuple[list[str], list[str]]) -> None:
    matches = match_entities([tagged(*map(" ".join, sides))])
    gold = [match.gold for match in matches if match.gold]
    predicted = [match.predicted for match in matches if match.predicted]
    assert len(set(gold)) == len(gold)
    assert len(set(predicted)) == len(predicted)
    found = sum(match.kind == CORRECT for match in matches)
    assert (len(gold), len(predicted), found) == count_entities(*sides, strict=True)
    assert all(match.kind == "missed" for match in matches if not match.predicted)
    assert all(match.kind == "spurious" for match in matches if not match.gold)
