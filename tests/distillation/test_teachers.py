"""The average of two teachers, and the best valid tags by it: compared with every path."""

from itertools import pairwise, product

import numpy as np
import pytest

from ner.core.tagscheme import OUTSIDE, Tag, is_allowed
from ner.distillation.distill_parameters import DistillationError
from ner.distillation.teachers import SCHEME, average, best_tags, chain_of, check_same_tags, columns_of

TAGS = ("B-LOC", "B-PER", "I-LOC", "I-PER", "O")


def is_valid(tags: tuple[str, ...]) -> bool:
    parsed = [Tag(OUTSIDE, ""), *map(Tag.parse, tags), Tag(OUTSIDE, "")]
    return all(is_allowed(before, after, SCHEME) for before, after in pairwise(parsed))


def test_average_is_that_of_each_tag_at_each_token() -> None:
    one, other = np.array([[0.2, 0.8], [1, 0]]), np.array([[0.6, 0.4], [0.5, 0.5]])
    assert np.allclose(average([one, other]), [[0.4, 0.6], [0.75, 0.25]])
    assert np.array_equal(average([one]), one)


def test_best_tags_are_the_most_probable_of_all_valid_paths() -> None:
    draw = np.random.default_rng(1)
    every = [path for path in product(TAGS, repeat=4) if is_valid(path)]
    for _ in range(50):
        probabilities = draw.dirichlet(np.full(len(TAGS), 0.5), size=4)  # (T, K)
        likely = {
            path: np.prod([row[TAGS.index(tag)] for row, tag in zip(probabilities, path, strict=True)])
            for path in every
        }
        assert best_tags(probabilities, TAGS, chain_of(TAGS)) == max(every, key=likely.__getitem__)


def test_two_teachers_can_agree_on_what_neither_finds_best() -> None:
    one, other = np.array([[0.55, 0, 0, 0, 0.45]]), np.array([[0, 0.6, 0, 0, 0.4]])
    assert best_tags(average([one, other]), TAGS, chain_of(TAGS)) == ("O",)


def test_best_tags_are_valid_and_finite_where_all_valid_tags_have_probability_0() -> None:
    inside = np.array([[0, 0, 0, 1, 0], [0, 0, 0, 1, 0], [0, 1, 0, 0, 0]], np.float64)
    with np.errstate(all="raise"):
        tags = best_tags(inside, TAGS, chain_of(TAGS))
    assert tags == ("B-PER", "I-PER", "B-PER")


def test_columns_of_put_the_tags_of_another_teacher_into_order() -> None:
    other = tuple(reversed(TAGS))
    assert [other[column] for column in columns_of(TAGS, other)] == list(TAGS)


def test_check_same_tags_names_the_teachers_that_differ() -> None:
    check_same_tags({"one": TAGS, "two": TAGS[::-1]}, "distill.name.teachers")
    with pytest.raises(DistillationError) as error:
        check_same_tags({"one": ("B-LOC", "O"), "two": ("O", "B-PER")}, "distill.name.teachers")
    received = "one with B-LOC, O; two with B-PER, O"
    assert str(error.value) == f"distill.name.teachers: expected taggers with the same tags. Received: {received}"
