"""Scores that need train: the most-frequent-tag baseline, and F1 of seen and unseen mentions."""

import pytest

from ner.core.mentions import mentions_of
from ner.core.predictions import TaggedSentence
from ner.core.sentence import Sentence
from ner.evaluation.baseline import look_up, most_frequent_tags
from ner.evaluation.matching import match_entities
from ner.evaluation.report import training_metrics
from ner.evaluation.seen_unseen import SeenUnseen, seen_unseen_f1


def sentence(tokens: str, tags: str) -> Sentence:
    return Sentence(tuple(tokens.split()), tuple(tags.split()))


def tagged(tokens: str, gold: str, predicted: str) -> TaggedSentence:
    size = len(tokens.split())
    return TaggedSentence(*(tuple(text.split()) for text in (tokens, gold, predicted)), (0.5,) * size, (0.5,) * size)


TRAIN = [
    sentence("Ada saw Rome", "B-PER O B-LOC"),
    sentence("Ada saw New York", "B-LOC O B-LOC I-LOC"),
    sentence("Ada", "B-PER"),
]


@pytest.mark.parametrize(("token", "tag"), [("Ada", "B-PER"), ("Rome", "B-LOC"), ("saw", "O"), ("rome", "O")])
def test_lookup_gives_the_most_frequent_tag_of_the_word_as_written(token: str, tag: str) -> None:
    assert look_up([token], most_frequent_tags(TRAIN)) == [tag]


@pytest.mark.parametrize("tags", [("O", "B-X"), ("B-X", "O")])
def test_lookup_breaks_ties_by_the_alphabet(tags: tuple[str, str]) -> None:
    assert most_frequent_tags([sentence("a", tag) for tag in tags]) == {"a": "B-X"}


def test_mentions_are_tokens_with_label() -> None:
    assert mentions_of(TRAIN) == [
        (("Ada",), "PER"),
        (("Rome",), "LOC"),
        (("Ada",), "LOC"),
        (("New", "York"), "LOC"),
        (("Ada",), "PER"),
    ]


def test_seen_unseen_f1_shares_entities_out_by_tokens_and_label() -> None:
    sentences = [
        tagged("Rome Oslo", "B-LOC B-LOC", "B-LOC B-LOC"),  # seen and found; unseen and found
        tagged("New York", "B-LOC I-LOC", "B-LOC O"),  # seen in gold; `New` alone is unseen
        tagged("Rome", "B-ORG", "B-LOC"),  # unseen as ORG; seen as LOC
        tagged("york Bergen", "O B-LOC", "O O"),  # unseen, missed
    ]
    seen, unseen = 2 * 1 / (2 + 2), 2 * 1 / (3 + 2)
    assert seen_unseen_f1(sentences, match_entities(sentences), TRAIN) == SeenUnseen(seen_f1=seen, unseen_f1=unseen)


def test_training_metrics_are_strict() -> None:
    """The baseline tags `York` alone I-LOC, which begins no entity in strict IOB2."""
    sentences = [tagged("York Rome Ada", "B-LOC B-LOC B-PER", "B-LOC B-LOC O")]
    assert training_metrics(sentences, match_entities(sentences), TRAIN) == {
        "lookup_f1": 0.8,
        "seen_f1": 0.66667,
        "unseen_f1": 1.0,
    }
