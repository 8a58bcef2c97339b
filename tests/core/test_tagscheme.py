"""Tag schemes: tables of cases, round trips, and every short sequence against two other implementations."""

from collections.abc import Callable
from functools import partial
from itertools import product

import pytest
import seqeval.scheme
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from ner.core.sentence import Span
from ner.core.tagscheme import (
    SCHEMES,
    Tag,
    is_label,
    spans_to_tags,
    tags_to_spans,
    to_iob2,
    violations,
)
from tests.core.tag_sequences import GRAMMARS, LABELS, LOOSE_TAGS, Layout, layouts, sequences

SEQEVAL = {
    "IOB1": seqeval.scheme.IOB1,
    "IOB2": seqeval.scheme.IOB2,
    "IOBES": seqeval.scheme.IOBES,
    "BILUO": seqeval.scheme.BILOU,
}
NO_TAGS = [
    "", "-", "OO", "IO", "MIS0", "0", "o", "O-PER", "O-", "B", "I", "B-", "I-", "BPER", "B_PER", "b-PER", "BI-PER",
    "M-PER", "-PER", "PER", " B-PER", "B -PER", "B- PER", "O ", "O\u200f", "\u200fB-PER", "B\u2010PER",
    "I--", "B-PER-", "B--PER", "B- ", "B- -", "B-PE\u200bR", "B-\ud800",
    "B-PER ", "B-PER\r", "B-PER\t", "B-PER\u00a0", "B-PER\u200f", "B-PER\ufeff",
]  # fmt: skip


def entities_by_regions(tags: tuple[str, ...], *, strict: bool) -> list[Span]:
    """Find entities by testing each stretch of tokens on its own, unlike the single pass of the code under test."""
    found = []
    for start in range(len(tags)):
        for end in range(start + 1, len(tags) + 1):
            label = tags[start][2:]
            inside = {f"B-{label}", f"I-{label}"}
            opens = tags[start] == f"B-{label}" or (
                not strict and tags[start] == f"I-{label}" and (start == 0 or tags[start - 1] not in inside)
            )
            continues = all(tag == f"I-{label}" for tag in tags[start + 1 : end])
            ends = end == len(tags) or tags[end] != f"I-{label}"
            if label and opens and continues and ends:
                found.append(Span(start, end, label))
    return found


@pytest.mark.parametrize(
    ("text", "prefix", "label"),
    [
        ("O", "O", ""),
        ("B-PER", "B", "PER"),
        ("I-PER", "I", "PER"),
        ("B-ERS", "B", "ERS"),
        ("E-PER", "E", "PER"),
        ("S-PER", "S", "PER"),
        ("L-L", "L", "L"),
        ("U-PER", "U", "PER"),
        ("I-JOB-TITLE", "I", "JOB-TITLE"),
        ("B-B-1", "B", "B-1"),
        ("B-O", "B", "O"),
        ("B-مكان", "B", "مكان"),
    ],
)
def test_tag_parse_splits_at_the_first_hyphen(text: str, prefix: str, label: str) -> None:
    assert Tag.parse(text) == Tag(prefix, label)
    assert str(Tag(prefix, label)) == text


@pytest.mark.parametrize("text", NO_TAGS, ids=ascii)
def test_tag_parse_refuses_what_is_no_tag(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected a tag: O, .* Received: ") as caught:
        Tag.parse(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("tags", "lenient", "strict"),
    [
        ("", [], []),
        ("O O", [], []),
        ("B-PER", [(0, 1, "PER")], [(0, 1, "PER")]),
        ("B-PER I-PER O", [(0, 2, "PER")], [(0, 2, "PER")]),
        ("B-PER B-PER", [(0, 1, "PER"), (1, 2, "PER")], [(0, 1, "PER"), (1, 2, "PER")]),
        ("I-PER", [(0, 1, "PER")], []),
        ("O I-PER I-PER", [(1, 3, "PER")], []),
        ("I-PER B-PER I-PER", [(0, 1, "PER"), (1, 3, "PER")], [(1, 3, "PER")]),
        ("B-PER I-LOC", [(0, 1, "PER"), (1, 2, "LOC")], [(0, 1, "PER")]),
        ("B-PER I-LOC I-PER", [(0, 1, "PER"), (1, 2, "LOC"), (2, 3, "PER")], [(0, 1, "PER")]),
        ("B-PER O I-PER", [(0, 1, "PER"), (2, 3, "PER")], [(0, 1, "PER")]),
        ("I-PER I-LOC B-LOC", [(0, 1, "PER"), (1, 2, "LOC"), (2, 3, "LOC")], [(2, 3, "LOC")]),
        ("B-JOB-TITLE I-JOB-TITLE", [(0, 2, "JOB-TITLE")], [(0, 2, "JOB-TITLE")]),
        ("B-JOB I-JOB-TITLE", [(0, 1, "JOB"), (1, 2, "JOB-TITLE")], [(0, 1, "JOB")]),
    ],
)
def test_tags_to_spans_reads_as_said(
    tags: str, lenient: list[tuple[int, int, str]], strict: list[tuple[int, int, str]]
) -> None:
    assert tags_to_spans(tags.split()) == [Span(*span) for span in lenient]
    assert tags_to_spans(tags.split(), strict=True) == [Span(*span) for span in strict]


def test_tags_to_spans_refuses_what_is_no_tag() -> None:
    with pytest.raises(ValueError, match="Received: 'MIS0'"):
        tags_to_spans(["B-PER", "MIS0"])


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
def test_tags_to_spans_agrees_with_regions_on_every_short_sequence(strict: bool) -> None:
    for tags in sequences("BI", 4):
        assert tags_to_spans(tags, strict=strict) == entities_by_regions(tags, strict=strict), tags


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("S-PER S-PER", [(0, 1, "PER"), (1, 2, "PER")]),
        ("B-PER E-PER E-PER", [(0, 2, "PER"), (2, 3, "PER")]),
        ("B-PER I-PER E-PER I-PER", [(0, 3, "PER"), (3, 4, "PER")]),
        ("B-PER E-LOC", [(0, 1, "PER"), (1, 2, "LOC")]),
        ("B-PER L-PER U-PER L-PER", [(0, 2, "PER"), (2, 3, "PER"), (3, 4, "PER")]),
        ("B-PER I-PER", [(0, 2, "PER")]),
        ("S-PER I-PER", [(0, 1, "PER"), (1, 2, "PER")]),
    ],
)
def test_tags_to_spans_reads_closing_prefixes(tags: str, spans: list[tuple[int, int, str]]) -> None:
    assert tags_to_spans(tags.split()) == [Span(*span) for span in spans]


@pytest.mark.parametrize(("prefixes", "longest"), [("BI", 4), ("BIES", 3)])
def test_tags_to_spans_agrees_with_seqeval_on_every_short_sequence(prefixes: str, longest: int) -> None:
    for tags in sequences(prefixes, longest):
        theirs = [Span(start, last + 1, label) for label, start, last in get_entities(list(tags))]
        assert tags_to_spans(tags) == theirs, tags


def test_tags_to_spans_strict_agrees_with_seqeval_on_every_short_sequence() -> None:
    for tags in sequences("BI", 4):
        [entities] = seqeval.scheme.Entities([list(tags)], seqeval.scheme.IOB2).entities
        theirs = [Span(entity.start, entity.end, entity.tag) for entity in entities]
        assert tags_to_spans(tags, strict=True) == theirs, tags


@given(LOOSE_TAGS)
def test_tags_to_spans_strict_finds_nothing_that_lenient_does_not(tags: tuple[str, ...]) -> None:
    assert set(tags_to_spans(tags, strict=True)) <= set(tags_to_spans(tags))


APART, TOUCHING = (
    [Span(0, 1, "A"), Span(2, 4, "A"), Span(4, 7, "B")],
    [Span(0, 1, "A"), Span(1, 2, "A"), Span(2, 4, "A")],
)


@pytest.mark.parametrize(
    ("scheme", "spans", "written"),
    [
        ("IO", APART, "I-A O I-A I-A I-B I-B I-B"),
        ("IOB1", APART, "I-A O I-A I-A I-B I-B I-B"),
        ("IOB2", APART, "B-A O B-A I-A B-B I-B I-B"),
        ("IOBES", APART, "S-A O B-A E-A B-B I-B E-B"),
        ("BILUO", APART, "U-A O B-A L-A B-B I-B L-B"),
        ("IOB1", TOUCHING, "I-A B-A B-A I-A"),
        ("IOB2", TOUCHING, "B-A B-A B-A I-A"),
        ("IOBES", TOUCHING, "S-A S-A B-A E-A"),
        ("BILUO", TOUCHING, "U-A U-A B-A L-A"),
        ("IOB1", [Span(1, 2, "A"), Span(0, 1, "A")], "I-A B-A"),  # in any order
    ],
)
def test_spans_to_tags_writes_as_said(scheme: str, spans: list[Span], written: str) -> None:
    assert spans_to_tags(spans, len(written.split()), scheme) == tuple(written.split())


def test_spans_to_tags_writes_iob2_unless_told() -> None:
    assert spans_to_tags([Span(0, 2, "B-I")], 3) == ("B-B-I", "I-B-I", "O")


@pytest.mark.parametrize(
    ("scheme", "spans", "message"),
    [
        ("IO", [Span(0, 1, "A"), Span(1, 2, "A")], r"^expected no A right behind another, for IO\. Received: "),
        ("IOB2", [Span(1, 1, "PER")], r"expected 0 <= start < end <= 3 .*Received: Span\(start=1, end=1"),
        ("IOB2", [Span(2, 1, "PER")], r"expected 0 <= start < end <= 3 .*Received: Span\(start=2, end=1"),
        ("IOB2", [Span(-1, 1, "PER")], r"expected 0 <= start < end <= 3 .*Received: Span\(start=-1"),
        ("IOB2", [Span(2, 4, "PER")], r"expected 0 <= start < end <= 3 .*Received: Span\(start=2, end=4"),
        (
            "IOB2",
            [Span(0, 2, "PER"), Span(1, 3, "LOC")],
            "expected spans that do not overlap. Received: .*PER.* and .*LOC",
        ),
        ("IOB2", [Span(0, 3, "PER"), Span(1, 2, "PER")], "expected spans that do not overlap"),
        ("IOB2", [Span(0, 1, "PER"), Span(0, 1, "PER")], "expected spans that do not overlap"),
        ("IOB2", [Span(0, 1, "PER"), Span(0, 1, "LOC")], "expected spans that do not overlap"),
        *(
            ("IOB2", [Span(0, 1, label)], "label")
            for label in ("", " ", "PER ", "-PER", "PER-", "PER\u200f", "P\tR")  # no tag could have it
        ),
    ],
)
def test_spans_to_tags_refuses_spans_that_do_not_fit(scheme: str, spans: list[Span], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spans_to_tags(spans, 3, scheme)


@given(st.text() | LABELS)
def test_is_label_takes_exactly_what_a_tag_can_have(text: str) -> None:
    try:
        taken = Tag.parse(f"B-{text}") == Tag("B", text)
    except ValueError:
        taken = False
    assert is_label(text) == taken


@pytest.mark.parametrize("scheme", ["IOB3", "BIO", "iob2"])
@pytest.mark.parametrize(
    "use",
    [
        partial(spans_to_tags, [], 1),
        partial(spans_to_tags, [Span(0, 1, "PER")], 1),
        partial(violations, ["I-PER"]),
        partial(to_iob2, ["B-PER"]),
    ],
)
def test_another_scheme_is_refused(use: Callable[[str], object], scheme: str) -> None:
    with pytest.raises(ValueError, match=f"^scheme: expected one of IO, IOB1, .* Received: '{scheme}'$"):
        use(scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
@given(st.data())
def test_spans_come_back_from_tags(scheme: str, data: st.DataObject) -> None:
    spans, length = data.draw(layouts(apart=scheme == "IO"))
    assert tags_to_spans(spans_to_tags(spans, length, scheme)) == spans


@given(layouts())
def test_spans_come_back_from_iob2_read_strictly(layout: Layout) -> None:
    assert tags_to_spans(spans_to_tags(layout.spans, layout.length), strict=True) == layout.spans


@pytest.mark.parametrize("scheme", SCHEMES)
@given(st.data())
def test_spans_to_tags_breaks_no_rule_of_its_scheme(scheme: str, data: st.DataObject) -> None:
    spans, length = data.draw(layouts(apart=scheme == "IO"))
    assert violations(spans_to_tags(spans, length, scheme), scheme) == []


@pytest.mark.parametrize("scheme", SEQEVAL)
def test_spans_to_tags_writes_what_seqeval_reads(scheme: str) -> None:
    for iob2 in filter(
        GRAMMARS["IOB2"].fullmatch, map("".join, product(["O ", "B-A ", "I-A ", "B-B ", "I-B "], repeat=4))
    ):
        spans = tags_to_spans(iob2.split())
        [entities] = seqeval.scheme.Entities([list(spans_to_tags(spans, 4, scheme))], SEQEVAL[scheme]).entities
        assert [Span(entity.start, entity.end, entity.tag) for entity in entities] == spans, iob2
