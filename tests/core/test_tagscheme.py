"""Tag schemes: tables of cases, round trips, and every short sequence against two other implementations."""

import re
from itertools import pairwise, product
from typing import NamedTuple

import pytest
import seqeval.scheme
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from ner.core.sentence import Span
from ner.core.tagscheme import (
    SCHEMES,
    Converted,
    InvalidTagSequence,
    Tag,
    is_allowed,
    is_label,
    spans_to_tags,
    tags_to_spans,
    to_iob2,
    violations,
)

PREFIXES = {"IO": "I", "IOB1": "BI", "IOB2": "BI", "IOBES": "BIES", "BILUO": "BILU"}
# Written from the definitions, not from the code: a valid sequence, each tag with a space behind it.
GRAMMARS = {
    "IO": re.compile(r"(O |I-\w+ )*"),
    "IOB1": re.compile(r"(O |I-(\w+) ([IB]-\2 )*)*"),
    "IOB2": re.compile(r"(O |B-(\w+) (I-\2 )*)*"),
    "IOBES": re.compile(r"(O |S-\w+ |B-(\w+) (I-\2 )*E-\2 )*"),
    "BILUO": re.compile(r"(O |U-\w+ |B-(\w+) (I-\2 )*L-\2 )*"),
}
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
]  # fmt: skip
LABELS = st.sampled_from(["PER", "LOC", "JOB-TITLE", "B-I", "I-I", "O", "مكان", "Straße", "病名"]) | st.text(
    st.characters(categories=["L", "N", "P", "S"]), min_size=1
).filter(lambda label: label == label.strip("-"))
LOOSE_TAGS = st.lists(
    st.just("O") | st.builds("{}-{}".format, st.sampled_from("BIESLU"), st.sampled_from(["PER", "LOC", "JOB-TITLE"])),
    max_size=12,
).map(tuple)


def sequences(prefixes: str, longest: int) -> list[tuple[str, ...]]:
    """All of up to `longest` tags that have one of the prefixes, over two labels."""
    tags = ["O", *(f"{prefix}-{label}" for prefix in prefixes for label in ("PER", "LOC"))]
    return [sequence for length in range(longest + 1) for sequence in product(tags, repeat=length)]


class Layout(NamedTuple):
    """Spans, in order and apart or touching, of a sentence of `length` tokens."""

    spans: list[Span]
    length: int


@st.composite
def layouts(draw: st.DrawFn, *, apart: bool = False) -> Layout:
    """Few labels in each, so that touching spans are often alike; `apart` are never touching."""
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


def entities_by_regions(tags: tuple[str, ...], *, strict: bool) -> list[Span]:
    """Every region that is an entity by its own tags and the two beside it: another road than a pass from the left."""
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


@pytest.mark.parametrize("text", NO_TAGS, ids=ascii)
def test_tag_parse_refuses_what_is_no_tag(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected a tag: O, .* Received: ") as caught:
        Tag.parse(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("end", [" ", "\r", "\t", "\u00a0", "\u200f", "\ufeff"], ids=ascii)
def test_tag_parse_refuses_a_label_with_something_invisible_behind(end: str) -> None:
    with pytest.raises(ValueError, match="expected a tag"):
        Tag.parse(f"B-PER{end}")


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


def test_tag_is_written_as_it_was_parsed() -> None:
    assert [str(Tag.parse(tag)) for tag in ("O", "B-PER", "I-JOB-TITLE")] == ["O", "B-PER", "I-JOB-TITLE"]


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


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        ("IO", "I-A O I-A I-A I-B I-B I-B"),
        ("IOB1", "I-A O I-A I-A I-B I-B I-B"),
        ("IOB2", "B-A O B-A I-A B-B I-B I-B"),
        ("IOBES", "S-A O B-A E-A B-B I-B E-B"),
        ("BILUO", "U-A O B-A L-A B-B I-B L-B"),
    ],
)
def test_spans_to_tags_writes_as_said(scheme: str, written: str) -> None:
    spans = [Span(0, 1, "A"), Span(2, 4, "A"), Span(4, 7, "B")]
    assert spans_to_tags(spans, 7, scheme) == tuple(written.split())


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        ("IOB1", "I-A B-A B-A I-A"),
        ("IOB2", "B-A B-A B-A I-A"),
        ("IOBES", "S-A S-A B-A E-A"),
        ("BILUO", "U-A U-A B-A L-A"),
    ],
)
def test_spans_to_tags_tells_touching_spans_apart(scheme: str, written: str) -> None:
    assert spans_to_tags([Span(0, 1, "A"), Span(1, 2, "A"), Span(2, 4, "A")], 4, scheme) == tuple(written.split())


def test_spans_to_tags_refuses_touching_spans_in_io() -> None:
    with pytest.raises(ValueError, match=r"^expected no A right behind another, for IO\. Received: "):
        spans_to_tags([Span(0, 1, "A"), Span(1, 2, "A")], 2, "IO")


def test_spans_to_tags_takes_spans_in_any_order() -> None:
    assert spans_to_tags([Span(1, 2, "A"), Span(0, 1, "A")], 2, "IOB1") == ("I-A", "B-A")


def test_spans_to_tags_writes_iob2_unless_told() -> None:
    assert spans_to_tags([Span(0, 2, "B-I")], 3) == ("B-B-I", "I-B-I", "O")


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([Span(1, 1, "PER")], r"expected 0 <= start < end <= 3 .*Received: Span\(start=1, end=1"),
        ([Span(2, 1, "PER")], r"expected 0 <= start < end <= 3 .*Received: Span\(start=2, end=1"),
        ([Span(-1, 1, "PER")], r"expected 0 <= start < end <= 3 .*Received: Span\(start=-1"),
        ([Span(2, 4, "PER")], r"expected 0 <= start < end <= 3 .*Received: Span\(start=2, end=4"),
        ([Span(0, 2, "PER"), Span(1, 3, "LOC")], "expected spans that do not overlap. Received: .*PER.* and .*LOC"),
        ([Span(0, 3, "PER"), Span(1, 2, "PER")], "expected spans that do not overlap"),
        ([Span(0, 1, "PER"), Span(0, 1, "PER")], "expected spans that do not overlap"),
        ([Span(0, 1, "PER"), Span(0, 1, "LOC")], "expected spans that do not overlap"),
    ],
)
def test_spans_to_tags_refuses_spans_that_do_not_fit(spans: list[Span], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spans_to_tags(spans, 3)


@pytest.mark.parametrize("label", ["", " ", "PER ", "-PER", "PER-", "PER\u200f", "P\tR"], ids=ascii)
def test_spans_to_tags_refuses_a_span_whose_label_no_tag_could_have(label: str) -> None:
    with pytest.raises(ValueError, match="label"):
        spans_to_tags([Span(0, 1, label)], 1)


@given(st.text() | LABELS)
def test_is_label_takes_exactly_what_a_tag_can_have(text: str) -> None:
    try:
        taken = Tag.parse(f"B-{text}") == Tag("B", text)
    except ValueError:
        taken = False
    assert is_label(text) == taken


@pytest.mark.parametrize("scheme", ["IOB3", "BIO", "iob2"])
@pytest.mark.parametrize("spans", [[], [Span(0, 1, "PER")]], ids=["no span", "a span"])
def test_spans_to_tags_refuses_another_scheme(scheme: str, spans: list[Span]) -> None:
    with pytest.raises(ValueError, match=f"^scheme: expected one of IO, IOB1, .* Received: '{scheme}'$"):
        spans_to_tags(spans, 1, scheme)


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


@pytest.mark.parametrize(
    ("scheme", "prefixes", "longest"),
    [
        *((scheme, prefixes, 4) for scheme, prefixes in PREFIXES.items()),
        *((scheme, "BIESLU", 2) for scheme in PREFIXES),
    ],
)
def test_violations_are_none_exactly_in_what_the_grammar_allows(scheme: str, prefixes: str, longest: int) -> None:
    for tags in sequences(prefixes, longest):
        assert (violations(tags, scheme) == []) == is_valid(tags, scheme), tags


@pytest.mark.parametrize(
    ("scheme", "prefixes", "longest"),
    [
        *((scheme, prefixes, 4) for scheme, prefixes in PREFIXES.items()),
        *((scheme, "BIESLU", 2) for scheme in PREFIXES),
    ],
)
def test_is_allowed_holds_for_each_pair_exactly_in_what_the_grammar_allows(
    scheme: str, prefixes: str, longest: int
) -> None:
    for tags in sequences(prefixes, longest):
        parsed = map(Tag.parse, ["O", *tags, "O"])
        assert all(is_allowed(*pair, scheme) for pair in pairwise(parsed)) == is_valid(tags, scheme), tags


@pytest.mark.parametrize(
    ("tags", "scheme", "wrong"),
    [
        ("I-A O I-A I-B", "IOB2", [0, 2, 3]),
        ("B-A I-B I-A", "IOB2", [1, 2]),
        ("B-A O I-A B-A B-B", "IOB1", [0, 4]),
        ("B-A I-A B-A", "IOBES", [1, 2]),
        ("S-A E-A", "IOBES", [1]),
        ("U-A L-A", "BILUO", [1]),
        ("B-A I-A", "IO", [0]),
        ("B-A E-A S-A", "IOB2", [1, 2]),
    ],
)
def test_violations_stand_where_said(tags: str, scheme: str, wrong: list[int]) -> None:
    assert [violation.position for violation in violations(tags.split(), scheme)] == wrong


@pytest.mark.parametrize(
    ("tags", "scheme", "messages"),
    [
        (["O", "I-PER"], "IOB2", ["expected B-PER here in IOB2. Received: 'I-PER'"]),
        (["B-MISC"], "IOB1", ["expected I-MISC here in IOB1. Received: 'B-MISC'"]),
        (["B-A", "I-A"], "IOBES", ["expected E-A here in IOBES. Received: 'I-A'"]),
    ],
)
def test_violations_say_what_was_expected_and_what_came(tags: list[str], scheme: str, messages: list[str]) -> None:
    assert [str(violation) for violation in violations(tags, scheme)] == messages


@pytest.mark.parametrize("scheme", SCHEMES)
def test_violations_stop_at_what_is_no_tag(scheme: str) -> None:
    with pytest.raises(InvalidTagSequence, match=r"expected a tag.* Received: 'OO'") as caught:
        violations(["O", "O", "OO"], scheme)
    assert caught.value.position == 2


def test_violations_refuse_another_scheme() -> None:
    with pytest.raises(ValueError, match=r"^scheme: expected one of"):
        violations(["I-PER"], "BIO")


@pytest.mark.parametrize(
    ("tags", "scheme", "converted", "wrong"),
    [
        ("O I-PER I-PER B-PER I-LOC", "IOB1", "O B-PER I-PER B-PER B-LOC", []),
        ("B-PER I-PER B-PER O", "IOB2", "B-PER I-PER B-PER O", []),
        ("O B-MISC I-MISC", "IOB1", "O B-MISC I-MISC", [(1, "I-MISC")]),
        ("O I-PERS I-PERS O I-LOC", "IOB2", "O B-PERS I-PERS O B-LOC", [(1, "B-PERS"), (4, "B-LOC")]),
        ("B-PER I-LOC I-LOC", "IOB2", "B-PER B-LOC I-LOC", [(1, "B-LOC")]),
        ("B-PER I-LOC I-PER", "IOB2", "B-PER B-LOC B-PER", [(1, "B-LOC"), (2, "B-PER")]),
        ("I-A I-A O", "IO", "B-A I-A O", []),
        ("B-A E-A S-A B-B I-B E-B", "IOBES", "B-A I-A B-A B-B I-B I-B", []),
        ("B-A L-A U-A", "BILUO", "B-A I-A B-A", []),
        ("B-A I-A O", "IOBES", "B-A I-A O", [(1, "E-A")]),
        ("B-A E-A", "BILUO", "B-A I-A", [(1, "L-A")]),
        ("", "IOB2", "", []),
    ],
)
def test_to_iob2_converts_and_names_what_was_wrong(
    tags: str, scheme: str, converted: str, wrong: list[tuple[int, str]]
) -> None:
    result = to_iob2(tags.split(), scheme)
    assert result.tags == tuple(converted.split())
    assert [(violation.position, violation.expected) for violation in result.wrong] == wrong


@given(LOOSE_TAGS, st.sampled_from(list(SCHEMES)))
def test_to_iob2_keeps_the_entities(tags: tuple[str, ...], scheme: str) -> None:
    assert tags_to_spans(to_iob2(tags, scheme).tags, strict=True) == tags_to_spans(tags)


@pytest.mark.parametrize("scheme", SCHEMES)
@given(st.data())
def test_to_iob2_finds_nothing_wrong_in_valid_tags(scheme: str, data: st.DataObject) -> None:
    spans, length = data.draw(layouts(apart=scheme == "IO"))
    result = to_iob2(spans_to_tags(spans, length, scheme), scheme)
    assert result == Converted(spans_to_tags(spans, length, "IOB2"), ())


@given(LOOSE_TAGS, st.sampled_from(list(SCHEMES)))
def test_to_iob2_gives_valid_iob2(tags: tuple[str, ...], scheme: str) -> None:
    assert violations(to_iob2(tags, scheme).tags, "IOB2") == []


@given(LOOSE_TAGS, st.sampled_from(list(SCHEMES)))
def test_to_iob2_tells_what_would_have_been_right(tags: tuple[str, ...], scheme: str) -> None:
    mended = list(tags)
    for violation in to_iob2(tags, scheme).wrong:
        mended[violation.position] = violation.expected
    touching = any(
        (one.end, one.label) == (two.start, two.label) for one, two in pairwise(tags_to_spans(tags))
    )  # two of those are one in IO
    assert violations(mended, scheme) == []
    assert (scheme == "IO" and touching) or tags_to_spans(mended) == tags_to_spans(tags)


@pytest.mark.parametrize("tag", ["OO", "IO", "MIS0", ""])
def test_to_iob2_does_not_repair_what_is_no_tag(tag: str) -> None:
    with pytest.raises(InvalidTagSequence, match="expected a tag") as caught:
        to_iob2(["B-PER", tag], "IOB2")
    assert (caught.value.position, caught.value.expected) == (1, "")


def test_to_iob2_refuses_another_scheme() -> None:
    with pytest.raises(ValueError, match=r"^scheme: expected one of"):
        to_iob2(["B-PER"], "BIO")
