"""Tag schemes: tables of cases, round trips, and every short sequence against two other implementations."""

from itertools import product
from typing import NamedTuple

import pytest
import seqeval.scheme
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from ner.sentence import Span
from ner.tagscheme import SCHEMES, InvalidTagSequence, Tag, spans_to_tags, tags_to_spans, to_iob2, violations

ALL_SHORT_SEQUENCES = [
    tags for length in range(5) for tags in product(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"], repeat=length)
]
LABELS = st.sampled_from(["PER", "LOC", "JOB-TITLE", "B-I", "I-", "O", "مكان", "Straße", "病名"]) | st.text(
    st.characters(categories=["L", "N", "P", "S"]), min_size=1
)
LOOSE_TAGS = st.lists(
    st.just("O") | st.builds("{}-{}".format, st.sampled_from("BI"), st.sampled_from(["PER", "LOC", "JOB-TITLE"])),
    max_size=12,
).map(tuple)


class Layout(NamedTuple):
    """Spans, in order and apart or touching, of a sentence of `length` tokens."""

    spans: list[Span]
    length: int


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    label = st.sampled_from(
        draw(st.lists(LABELS, min_size=1, max_size=2))
    )  # few, so that touching ones are often alike
    spans: list[Span] = []
    end = 0
    for _ in range(draw(st.integers(0, 5))):
        start = end + draw(st.integers(0, 2))
        end = start + draw(st.integers(1, 3))
        spans.append(Span(start, end, draw(label)))
    return Layout(spans, end + draw(st.integers(0, 2)))


def valid_in(tags: tuple[str, ...], scheme: str) -> list[bool]:
    """Written from the definitions, not from the code: whether each tag may stand where it stands."""
    before = ("O", *tags[:-1])
    return [
        tag == "O"
        or (scheme == "IOB2" and (tag[0] == "B" or last in (f"B-{tag[2:]}", f"I-{tag[2:]}")))
        or (scheme == "IOB1" and (tag[0] == "I" or last in (f"B-{tag[2:]}", f"I-{tag[2:]}")))
        for last, tag in zip(before, tags, strict=True)
    ]


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
        ("I-JOB-TITLE", "I", "JOB-TITLE"),
        ("B-B-1", "B", "B-1"),
        ("I--", "I", "-"),
        ("B-O", "B", "O"),
        ("B-مكان", "B", "مكان"),
    ],
)
def test_tag_parse_splits_at_the_first_hyphen(text: str, prefix: str, label: str) -> None:
    assert Tag.parse(text) == Tag(prefix, label)


@pytest.mark.parametrize(
    "text",
    ["", "-", "OO", "IO", "MIS0", "0", "o", "O-PER", "B", "I", "B-", "I-", "BPER", "B_PER", "b-PER", "S-PER", "E-PER"]
    + ["BI-PER", "-PER", " B-PER", "B -PER", "O ", "O\u200f", "B\u2010PER", "PER"],
)
def test_tag_parse_refuses_what_is_no_tag(text: str) -> None:
    with pytest.raises(ValueError, match="expected a tag: O, B-<label> or I-<label>. Received: ") as caught:
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
    for tags in ALL_SHORT_SEQUENCES:
        assert tags_to_spans(tags, strict=strict) == entities_by_regions(tags, strict=strict), tags


def test_tags_to_spans_agrees_with_seqeval_on_every_short_sequence() -> None:
    for tags in ALL_SHORT_SEQUENCES:
        theirs = [Span(start, last + 1, label) for label, start, last in get_entities(list(tags))]
        assert tags_to_spans(tags) == theirs, tags


def test_tags_to_spans_strict_agrees_with_seqeval_on_every_short_sequence() -> None:
    for tags in ALL_SHORT_SEQUENCES:
        [entities] = seqeval.scheme.Entities([list(tags)], seqeval.scheme.IOB2).entities
        theirs = [Span(entity.start, entity.end, entity.tag) for entity in entities]
        assert tags_to_spans(tags, strict=True) == theirs, tags


@given(LOOSE_TAGS)
def test_tags_to_spans_strict_finds_nothing_that_lenient_does_not(tags: tuple[str, ...]) -> None:
    assert set(tags_to_spans(tags, strict=True)) <= set(tags_to_spans(tags))


@pytest.mark.parametrize(
    ("spans", "length", "iob1", "iob2"),
    [
        ([], 0, "", ""),
        ([], 2, "O O", "O O"),
        ([(0, 2, "PER")], 3, "I-PER I-PER O", "B-PER I-PER O"),
        ([(0, 1, "PER"), (1, 3, "PER")], 3, "I-PER B-PER I-PER", "B-PER B-PER I-PER"),
        ([(0, 1, "PER"), (1, 2, "LOC")], 2, "I-PER I-LOC", "B-PER B-LOC"),
        ([(0, 1, "PER"), (2, 3, "PER")], 3, "I-PER O I-PER", "B-PER O B-PER"),
        ([(1, 2, "LOC"), (0, 1, "LOC")], 2, "I-LOC B-LOC", "B-LOC B-LOC"),
        ([(0, 1, "B-I")], 1, "I-B-I", "B-B-I"),
    ],
)
def test_spans_to_tags_writes_as_said(spans: list[tuple[int, int, str]], length: int, iob1: str, iob2: str) -> None:
    assert spans_to_tags([Span(*span) for span in spans], length, "IOB1") == tuple(iob1.split())
    assert spans_to_tags([Span(*span) for span in spans], length, "IOB2") == tuple(iob2.split())


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([Span(1, 1, "PER")], r"expected 0 <= start < end <= 3. Received: Span\(start=1, end=1"),
        ([Span(2, 1, "PER")], r"expected 0 <= start < end <= 3. Received: Span\(start=2, end=1"),
        ([Span(-1, 1, "PER")], r"expected 0 <= start < end <= 3. Received: Span\(start=-1"),
        ([Span(2, 4, "PER")], r"expected 0 <= start < end <= 3. Received: Span\(start=2, end=4"),
        ([Span(0, 2, "PER"), Span(1, 3, "LOC")], "expected spans that do not overlap. Received: .*PER.* and .*LOC"),
        ([Span(0, 3, "PER"), Span(1, 2, "PER")], "expected spans that do not overlap"),
        ([Span(0, 1, "PER"), Span(0, 1, "PER")], "expected spans that do not overlap"),
        ([Span(0, 1, "PER"), Span(0, 1, "LOC")], "expected spans that do not overlap"),
    ],
)
def test_spans_to_tags_refuses_spans_that_do_not_fit(spans: list[Span], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spans_to_tags(spans, 3)


def test_spans_to_tags_refuses_a_span_without_label() -> None:
    with pytest.raises(ValueError, match="label"):
        spans_to_tags([Span(0, 1, "")], 1)


@pytest.mark.parametrize("scheme", ["IOB3", "BIO", "iob2"])
def test_spans_to_tags_refuses_another_scheme(scheme: str) -> None:
    with pytest.raises(ValueError, match="IOB1"):
        spans_to_tags([Span(0, 1, "PER")], 1, scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
@given(layout=layouts())
def test_spans_come_back_from_tags(scheme: str, layout: Layout) -> None:
    assert tags_to_spans(spans_to_tags(layout.spans, layout.length, scheme)) == layout.spans


@given(layouts())
def test_spans_come_back_from_iob2_read_strictly(layout: Layout) -> None:
    assert tags_to_spans(spans_to_tags(layout.spans, layout.length), strict=True) == layout.spans


@pytest.mark.parametrize("scheme", SCHEMES)
@given(layout=layouts())
def test_spans_to_tags_breaks_no_rule_of_its_scheme(scheme: str, layout: Layout) -> None:
    assert list(violations(spans_to_tags(layout.spans, layout.length, scheme), scheme)) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_tags_come_back_from_spans_where_no_rule_is_broken(scheme: str) -> None:
    for tags in ALL_SHORT_SEQUENCES:
        same = spans_to_tags(tags_to_spans(tags), len(tags), scheme) == tags
        assert same == all(valid_in(tags, scheme)), tags


@pytest.mark.parametrize("scheme", SCHEMES)
def test_violations_are_those_of_the_definition_on_every_short_sequence(scheme: str) -> None:
    for tags in ALL_SHORT_SEQUENCES:
        wrong = [position for position, valid in enumerate(valid_in(tags, scheme)) if not valid]
        assert [violation.position for violation in violations(tags, scheme)] == wrong, tags


@pytest.mark.parametrize(
    ("tags", "scheme", "messages"),
    [
        (["O", "I-PER"], "IOB2", ["expected B-PER, since IOB2 opens an entity so. Received: 'I-PER'"]),
        (
            ["B-MISC"],
            "IOB1",
            ["expected I-MISC, since no MISC stands before it in IOB1. Received: 'B-MISC'"],
        ),
    ],
)
def test_violations_say_what_was_expected_and_what_came(tags: list[str], scheme: str, messages: list[str]) -> None:
    assert [str(violation) for violation in violations(tags, scheme)] == messages


@pytest.mark.parametrize("scheme", SCHEMES)
def test_violations_stop_at_what_is_no_tag(scheme: str) -> None:
    with pytest.raises(InvalidTagSequence, match="expected a tag.* Received: 'OO'") as caught:
        list(violations(["O", "O", "OO"], scheme))
    assert caught.value.position == 2


def test_violations_refuse_another_scheme() -> None:
    with pytest.raises(ValueError, match="IOB1"):
        list(violations(["I-PER"], "BIO"))


@pytest.mark.parametrize(
    ("tags", "scheme", "converted", "repaired"),
    [
        ("O I-PER I-PER B-PER I-LOC", "IOB1", "O B-PER I-PER B-PER B-LOC", 0),
        ("B-PER I-PER B-PER O", "IOB2", "B-PER I-PER B-PER O", 0),
        ("O B-MISC I-MISC", "IOB1", "O B-MISC I-MISC", 1),
        ("O I-PERS I-PERS O I-LOC", "IOB2", "O B-PERS I-PERS O B-LOC", 2),
        ("B-PER I-LOC I-LOC", "IOB2", "B-PER B-LOC I-LOC", 1),
        ("B-PER I-LOC I-PER", "IOB2", "B-PER B-LOC B-PER", 2),
        ("", "IOB2", "", 0),
    ],
)
def test_to_iob2_converts_and_counts_repairs(tags: str, scheme: str, converted: str, repaired: int) -> None:
    result = to_iob2(tags.split(), scheme, repair=True)
    assert (result.tags, result.repaired) == (tuple(converted.split()), repaired)


@given(LOOSE_TAGS, st.sampled_from(SCHEMES))
def test_to_iob2_keeps_the_entities(tags: tuple[str, ...], scheme: str) -> None:
    assert tags_to_spans(to_iob2(tags, scheme, repair=True).tags, strict=True) == tags_to_spans(tags)


@given(layouts(), st.sampled_from(SCHEMES))
def test_to_iob2_repairs_nothing_in_valid_tags(layout: Layout, scheme: str) -> None:
    tags = spans_to_tags(layout.spans, layout.length, scheme)
    result = to_iob2(tags, scheme, repair=False)
    assert (result.tags, result.repaired) == (spans_to_tags(layout.spans, layout.length, "IOB2"), 0)


@given(LOOSE_TAGS, st.sampled_from(SCHEMES))
def test_to_iob2_gives_valid_iob2(tags: tuple[str, ...], scheme: str) -> None:
    assert list(violations(to_iob2(tags, scheme, repair=True).tags, "IOB2")) == []


@pytest.mark.parametrize(
    ("tags", "scheme", "position"), [("O I-PER O I-PER", "IOB2", 1), ("I-LOC O O B-LOC", "IOB1", 3)]
)
def test_to_iob2_without_repair_raises_at_the_first_violation(tags: str, scheme: str, position: int) -> None:
    with pytest.raises(InvalidTagSequence, match="expected") as caught:
        to_iob2(tags.split(), scheme, repair=False)
    assert caught.value.position == position


@pytest.mark.parametrize("tag", ["OO", "IO", "MIS0", ""])
def test_to_iob2_does_not_repair_what_is_no_tag(tag: str) -> None:
    with pytest.raises(InvalidTagSequence, match="expected a tag") as caught:
        to_iob2(["B-PER", tag], "IOB2", repair=True)
    assert caught.value.position == 1
