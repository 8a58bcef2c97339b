"""What a scheme allows: tables of cases, every short sequence against its grammar, and conversion to IOB2."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.core.tagscheme import (
    SCHEMES,
    Converted,
    InvalidTagSequence,
    Tag,
    is_allowed,
    spans_to_tags,
    tags_to_spans,
    to_iob2,
    violations,
)
from tests.core.tag_sequences import LOOSE_TAGS, PREFIXES, is_valid, layouts, sequences


@pytest.mark.parametrize(
    ("scheme", "prefixes", "longest"),
    [
        *((scheme, prefixes, 4) for scheme, prefixes in PREFIXES.items()),
        *((scheme, "BIESLU", 2) for scheme in PREFIXES),
    ],
)
def test_scheme_allows_exactly_what_its_grammar_allows(scheme: str, prefixes: str, longest: int) -> None:
    """Check `violations` on whole sequences and `is_allowed` on pairs of tags against the same grammar."""
    for tags in sequences(prefixes, longest):
        parsed = map(Tag.parse, ["O", *tags, "O"])
        allowed = all(is_allowed(*pair, scheme) for pair in pairwise(parsed))
        assert (violations(tags, scheme) == []) == allowed == is_valid(tags, scheme), tags


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
