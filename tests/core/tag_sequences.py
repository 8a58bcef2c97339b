"""Tag sequences and span layouts for tests, enumerated or drawn at random, and a regular expression for each scheme."""

import re
from itertools import product
from typing import NamedTuple

from hypothesis import strategies as st

from ner.core.sentence import Span

PREFIXES = {"IO": "I", "IOB1": "BI", "IOB2": "BI", "IOBES": "BIES", "BILUO": "BILU"}
# What a valid sequence matches, each tag followed by a space; written from the schemes' definitions, not from the code.
GRAMMARS = {
    "IO": re.compile(r"(O |I-\w+ )*"),
    "IOB1": re.compile(r"(O |I-(\w+) ([IB]-\2 )*)*"),
    "IOB2": re.compile(r"(O |B-(\w+) (I-\2 )*)*"),
    "IOBES": re.compile(r"(O |S-\w+ |B-(\w+) (I-\2 )*E-\2 )*"),
    "BILUO": re.compile(r"(O |U-\w+ |B-(\w+) (I-\2 )*L-\2 )*"),
}
LABELS = st.sampled_from(["PER", "LOC", "JOB-TITLE", "B-I", "I-I", "O", "مكان", "Straße", "病名"]) | st.text(
    st.characters(categories=["L", "N", "P", "S"]), min_size=1
).filter(lambda label: label == label.strip("-"))
LOOSE_TAGS = st.lists(
    st.just("O") | st.builds("{}-{}".format, st.sampled_from("BIESLU"), st.sampled_from(["PER", "LOC", "JOB-TITLE"])),
    max_size=12,
).map(tuple)


def sequences(prefixes: str, longest: int) -> list[tuple[str, ...]]:
    """List all sequences of up to `longest` tags, of `O` and of the prefixes with two labels."""
    tags = ["O", *(f"{prefix}-{label}" for prefix in prefixes for label in ("PER", "LOC"))]
    return [sequence for length in range(longest + 1) for sequence in product(tags, repeat=length)]


class Layout(NamedTuple):
    """Sorted, non-overlapping spans of a sentence of `length` tokens."""

    spans: list[Span]
    length: int


@st.composite
def layouts(draw: st.DrawFn, *, apart: bool = False) -> Layout:
    """Draw a layout of one or two labels, so that adjacent spans often share one; with `apart`, none are adjacent."""
    label = st.sampled_from(draw(st.lists(LABELS, min_size=1, max_size=2)))
    spans: list[Span] = []
    end = 0
    for _ in range(draw(st.integers(0, 5))):
        start = end + draw(st.integers(int(apart), 2))
        end = start + draw(st.integers(1, 3))
        spans.append(Span(start, end, draw(label)))
    return Layout(spans, end + draw(st.integers(0, 2)))


def is_valid(tags: tuple[str, ...], scheme: str) -> bool:
    return GRAMMARS[scheme].fullmatch("".join(f"{tag} " for tag in tags)) is not None
