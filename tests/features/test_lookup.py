"""Spellings under which a token is looked up, and their order."""

import pytest

from ner.features.lookup import find, spellings


@pytest.mark.parametrize(
    ("token", "normalisation", "expected"),
    [
        ("rome", (), ("rome", "Rome", "ROME")),
        ("ROME", (), ("ROME", "rome", "Rome")),
        ("NEW-YORK", (), ("NEW-YORK", "new-york", "New-york", "New-York")),
        ("B-52", (), ("B-52", "B-00", "b-52", "b-00")),
        ("B-52", ("lowercase",), ("b-52", "b-00")),
        ("B-52", ("lowercase", "digits"), ("b-00",)),
        ("1996", (), ("1996", "0000")),
        ("(", (), ("(", "-LRB-")),
        (")", ("lowercase",), (")", "-rrb-")),
        ("\u0623\u064e\u062d\u0645\u062f", ("arabic",), ("احمد",)),
        ("والكتاب", ("arabic",), ("والكتاب", "الكتاب", "كتاب")),
        ("للبيت", ("arabic",), ("للبيت", "لبيت", "بيت")),
        ("ولد", ("arabic",), ("ولد",)),  # too short to have lost a conjunction
        ("والكتاب", (), ("والكتاب",)),
    ],
)
def test_spellings_come_in_the_documented_order(
    token: str, normalisation: tuple[str, ...], expected: tuple[str]
) -> None:
    assert tuple(dict.fromkeys(spellings(token, normalisation))) == expected


def test_find_prefers_the_spelling_that_comes_first() -> None:
    index = {"rome": 1, "Rome": 2, "ROME": 3}
    assert [find(token, index, ()) for token in ("ROME", "Rome", "rome", "rOME", "Oslo")] == [3, 2, 1, 1, None]


def test_find_normalises_as_the_embedding_was() -> None:
    assert find("Boeing-747", {"boeing-000": 0}, ("lowercase", "digits")) == 0
    assert find("Boeing-747", {"boeing-747": 0}, ("lowercase", "digits")) is None
