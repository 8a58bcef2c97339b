"""Cleaning of training text: dropped lines are counted, and no text of dev or test is left."""

from collections import Counter
from collections.abc import Iterable

import pytest

from ner.embeddings.cleaning import HeldOut, HeldOutTextError, check_held_out, clean

TEST = "Shares of the Bank of Oslo rose 12.5 percent on Monday , traders said ."
NOTHING = HeldOut.of([])


def cleaned(lines: Iterable[str], held_out: HeldOut = NOTHING) -> tuple[list[str], Counter[str]]:
    counts: Counter[str] = Counter()
    kept = clean(lines, str.split, ("lowercase", "digits"), held_out, counts)
    return [" ".join(tokens) for tokens in kept], counts


def test_clean_counts_what_it_drops() -> None:
    lines = [
        "Three short words .",
        "Four words are enough",
        "four WORDS are enough",
        "In 1996 it rained",
        "In 1997 it rained",
    ]
    kept, counts = cleaned(lines)
    assert kept == ["Four words are enough", "In 1996 it rained"]  # the first of duplicates
    assert counts == {"lines": 5, "short": 1, "duplicate": 2, "kept": 2, "tokens": 8}


@pytest.mark.parametrize(
    ("line", "dropped"),
    [
        ("we heard that shares of the bank of Oslo rose 12.5 percent", True),  # ten in a row
        ("we heard that shares of the bank of Oslo rose 99.5 percent", False),  # another number
        ("shares of the Bank-of-Oslo rose 12.5 again", False),  # nine in a row
        ("shares of the Bank-of-Oslo rose 12.5 percent", True),  # ten in a row, tokenized differently
        ("of the bank of oslo rose 00.0 per cent on monday traders said", False),
        ("SHARES, of the bank: of Oslo (rose 12.5) percent", True),  # differs in punctuation only
        ("the bank of oslo rose", False),
    ],
)
def test_clean_drops_lines_that_share_ten_words_with_a_sentence(line: str, dropped: bool) -> None:
    kept, counts = cleaned([line], HeldOut.of([TEST.split()]))
    assert (counts["overlapping"], len(kept)) == (int(dropped), int(not dropped))


def test_clean_drops_a_whole_sentence_however_short() -> None:
    held_out = HeldOut.of([["Rain", "fell", "in", "Oslo", "."], ["It", "rained"]])
    kept, counts = cleaned(["rain fell in oslo", "rain fell in oslo today", "then it rained again"], held_out)
    assert kept == ["rain fell in oslo today", "then it rained again"]
    assert counts["overlapping"] == 1


def test_check_held_out_fails_when_ten_words_are_left() -> None:
    held_out = HeldOut.of([TEST.split()])
    check_held_out([["the", "bank", "of", "oslo"]], held_out)
    with pytest.raises(HeldOutTextError, match=r"line 2: expected fewer than 10 words in a row .+ 'and shares of"):
        check_held_out([["fine"], ["and", *TEST.lower().split()]], held_out)
