"""Coverage: counts of the tokens and types that an embedding has."""

from ner.core.sentence import Sentence
from ner.embeddings.coverage import coverage

SENTENCES = [
    Sentence(("Rome", "is", "in", "Italy"), ("B-LOC", "O", "O", "B-LOC")),
    Sentence(("ROME", "is", "Rome"), ("O", "O", "B-LOC")),
]


def test_coverage_counts_tokens_types_and_those_of_entities() -> None:
    assert coverage(SENTENCES, {"rome": 0, "is": 1}, ("lowercase",)) == {
        "tokens": 7,
        "tokens_found": 5,
        "token_coverage": 0.714286,
        "types": 5,
        "types_found": 3,
        "type_coverage": 0.6,
        "entity_tokens": 3,
        "entity_tokens_found": 2,
        "entity_token_coverage": 0.666667,
        "entity_types": 2,
        "entity_types_found": 1,
        "entity_type_coverage": 0.5,
    }


def test_coverage_of_nothing_is_nought() -> None:
    assert set(coverage([], {"a": 0}, ()).values()) == {0}
