"""Tags of IOB1 and IOB2: parse, check, tags <-> spans, conversion.

A tag is `O`, or a prefix, a hyphen and a label: `B-PER`, `I-JOB-TITLE`. The label is all that follows the first hyphen.
IOB2 opens every entity with `B-`; IOB1 opens it with `I-`, and with `B-` only where it touches an entity of the same
label before it (Ramshaw and Marcus 1995; Tjong Kim Sang and Veenstra 1999).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ner.sentence import Span

OUTSIDE = "O"
SCHEMES = ("IOB1", "IOB2")


class InvalidTagSequence(ValueError):
    """A tag that the scheme does not have, or does not allow where it stands. `position` counts from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Tag:
    """A parsed tag; `label` is empty for `O` alone.

    >>> Tag.parse("I-JOB-TITLE")
    Tag(prefix='I', label='JOB-TITLE')
    """

    prefix: str
    label: str

    @classmethod
    @cache
    def parse(cls, text: str) -> "Tag":
        """Raises ValueError unless `text` is `O`, or `B-` or `I-` and a label."""
        prefix, hyphen, label = text.partition("-")
        if text == OUTSIDE or (prefix in {"B", "I"} and hyphen and label):
            return cls(prefix, label)
        raise ValueError(f"expected a tag: O, B-<label> or I-<label>. Received: {text!r}")


def tags_to_spans(tags: Sequence[str], *, strict: bool = False) -> list[Span]:
    """The entities of a tag sequence.

    As conlleval reads it, an entity begins at `B-`, at an `I-` after `O`, and at an `I-` whose label differs from the
    tag before. So valid IOB1 and valid IOB2 are both read exactly, and every other sequence has a reading too;
    `violations` tells which is which. Read strictly, as IOB2, only `B-` begins an entity, and an `I-` that continues
    none is passed over.

    >>> tags_to_spans(["B-PER", "I-PER", "O", "I-LOC"])
    [Span(start=0, end=2, label='PER'), Span(start=3, end=4, label='LOC')]
    >>> tags_to_spans(["B-PER", "I-PER", "O", "I-LOC"], strict=True)
    [Span(start=0, end=2, label='PER')]
    """
    spans: list[Span] = []
    start, open_label = 0, ""
    for position, tag in enumerate([*map(Tag.parse, tags), Tag(OUTSIDE, "")]):
        if open_label and (tag.prefix != "I" or tag.label != open_label):
            spans.append(Span(start, position, open_label))
            open_label = ""
        if tag.label and not open_label and (tag.prefix == "B" or not strict):
            start, open_label = position, tag.label
    return spans


def spans_to_tags(spans: Iterable[Span], length: int, scheme: str = "IOB2") -> tuple[str, ...]:
    """Tags of `length` tokens.

    Raises:
        ValueError: a span is empty, reaches beyond the sentence, or overlaps another.
    """
    tags = [OUTSIDE] * length
    previous = Span(0, 0, "")
    for span in sorted(spans):
        if not 0 <= span.start < span.end <= length:
            raise ValueError(f"expected 0 <= start < end <= {length}. Received: {span}")
        if span.start < previous.end:
            raise ValueError(f"expected spans that do not overlap. Received: {previous} and {span}")
        touches = span.start == previous.end and span.label == previous.label
        opening = "B" if scheme == "IOB2" or touches else "I"
        tags[span.start : span.end] = [f"{opening}-{span.label}"] + [f"I-{span.label}"] * (span.end - span.start - 1)
        previous = span
    return tuple(tags)


def violations(tags: Sequence[str], scheme: str) -> Iterator[InvalidTagSequence]:
    """Each tag that `scheme` does not allow where it stands, judged by the tag just before it.

    IOB2 forbids an `I-` that continues nothing. IOB1 forbids a `B-` that touches no entity of its own label.

    Raises:
        InvalidTagSequence: something is no tag at all, so that it has no reading.
    """
    previous = Tag(OUTSIDE, "")
    for position, text in enumerate(tags):
        try:
            tag = Tag.parse(text)
        except ValueError as error:
            raise InvalidTagSequence(str(error), position) from None
        if tag.label and tag.label != previous.label:
            if scheme == "IOB2" and tag.prefix == "I":
                yield InvalidTagSequence(
                    f"expected B-{tag.label}, since IOB2 opens an entity so. Received: {text!r}", position
                )
            if scheme == "IOB1" and tag.prefix == "B":
                yield InvalidTagSequence(
                    f"expected I-{tag.label}, since no {tag.label} stands before it in IOB1. Received: {text!r}",
                    position,
                )
        previous = tag


@dataclass(frozen=True, slots=True)
class Converted:
    """IOB2 tags, and how many tags of the source its scheme did not allow, so that reading them was a repair."""

    tags: tuple[str, ...]
    repaired: int


def to_iob2(tags: Sequence[str], scheme: str, *, repair: bool) -> Converted:
    """The same entities in IOB2.

    Args:
        tags: as the file has them.
        scheme: what the file is said to be in, one of SCHEMES.
        repair: read what the scheme forbids as conlleval does, and count it, instead of raising.

    Raises:
        InvalidTagSequence: something is no tag, or, without `repair`, is not allowed where it stands.
    """
    wrong = list(violations(tags, scheme))
    if wrong and not repair:
        raise wrong[0]
    return Converted(spans_to_tags(tags_to_spans(tags), len(tags)), len(wrong))
