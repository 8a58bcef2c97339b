"""Tag schemes: parse, check, tags <-> spans, conversion, allowed transitions.

A tag is `O`, or a prefix, a hyphen and a label: `B-PER`, `I-JOB-TITLE`. The label is all that follows the first hyphen.
What tells the schemes apart is which prefix each token of an entity bears, so a scheme is a row of SCHEMES:

    IO            I I I       two entities of one label that touch can't be told apart
    IOB1          I I I       the first is B if the entity touches one of its own label before it
    IOB2, BIO     B I I       (Ramshaw and Marcus 1995; Tjong Kim Sang and Veenstra 1999)
    IOBES, BIOES  B I E, S alone
    BILUO         B I L, U alone   (Ratinov and Roth 2009)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from ner.core.errors import NerError
from ner.core.sentence import Span

OUTSIDE = "O"
OPENING, CLOSING = frozenset("BSU"), frozenset("ESLU")  # prefixes that always open or close an entity


class InvalidTagSequence(NerError):
    """A tag that is none, or not the one that the scheme wants where it stands.

    `position` counts from 0; `expected` is the tag that the scheme wants, and empty if what came is no tag.
    """

    def __init__(self, message: str, position: int, expected: str = "") -> None:
        super().__init__(message)
        self.position = position
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Scheme:
    """The prefixes of an entity's only token, of its first, of those between, and of its last.

    `touching` is the first token's prefix behind an entity of the same label, where that differs; None if the scheme
    can't tell two such entities apart.
    """

    single: str
    first: str
    inside: str
    last: str
    touching: str | None


SCHEMES = {
    "IO": Scheme(single="I", first="I", inside="I", last="I", touching=None),
    "IOB1": Scheme(single="I", first="I", inside="I", last="I", touching="B"),
    "IOB2": Scheme(single="B", first="B", inside="I", last="I", touching="B"),
    "IOBES": Scheme(single="S", first="B", inside="I", last="E", touching=""),
    "BILUO": Scheme(single="U", first="B", inside="I", last="L", touching=""),
}


def scheme_named(name: str) -> Scheme:
    """Raises ValueError unless `name` is a key of SCHEMES."""
    if name not in SCHEMES:
        raise ValueError(f"scheme: expected one of {', '.join(SCHEMES)}. Received: {name!r}")
    return SCHEMES[name]


def is_label(text: str) -> bool:
    """Whether `text` can be a label: it may hold hyphens and spaces, but at neither end, and nothing invisible."""
    return text != "" and text == text.strip(" -") and text.isprintable()


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
        """Raises ValueError unless `text` is `O`, or a prefix, a hyphen and a label."""
        prefix, _, label = text.partition("-")
        if text == OUTSIDE or (prefix in set("BIESLU") and is_label(label)):
            return cls(prefix, label)
        raise ValueError(f"expected a tag: O, or a prefix, a hyphen and a label, as in B-PER. Received: {text!r}")

    def __str__(self) -> str:
        return f"{self.prefix}-{self.label}" if self.label else self.prefix


def parse_tags(tags: Sequence[str]) -> list[Tag]:
    """Raises InvalidTagSequence at the first that is no tag."""
    parsed = []
    for position, text in enumerate(tags):
        try:
            parsed.append(Tag.parse(text))
        except ValueError as error:
            raise InvalidTagSequence(str(error), position) from None
    return parsed


def tags_to_spans(tags: Sequence[str], *, strict: bool = False) -> list[Span]:
    """The entities of a tag sequence of any scheme.

    Every sequence has a reading, conlleval's: an entity begins at a prefix that opens, and at any other that can't
    continue one, since an `O`, another label or a prefix that closes stands before it. Valid sequences of all schemes
    are so read exactly. Read strictly, as IOB2, only `B-` begins an entity, and an `I-` that continues none is passed
    over.

    >>> tags_to_spans(["B-PER", "I-PER", "O", "I-LOC"])
    [Span(start=0, end=2, label='PER'), Span(start=3, end=4, label='LOC')]
    >>> tags_to_spans(["B-PER", "I-PER", "O", "I-LOC"], strict=True)
    [Span(start=0, end=2, label='PER')]

    Raises:
        InvalidTagSequence: something is no tag.
    """
    spans: list[Span] = []
    start, open_label = 0, ""
    for position, tag in enumerate([*parse_tags(tags), Tag(OUTSIDE, "")]):
        if open_label and (tag.label != open_label or tag.prefix in OPENING):
            spans.append(Span(start, position, open_label))
            open_label = ""
        if tag.label and not open_label and (tag.prefix == "B" or not strict):
            start, open_label = position, tag.label
        if open_label and tag.prefix in CLOSING:
            spans.append(Span(start, position + 1, open_label))
            open_label = ""
    return spans


def spans_to_tags(spans: Iterable[Span], length: int, scheme: str = "IOB2") -> tuple[str, ...]:
    """Tags of `length` tokens.

    Raises:
        ValueError: a span is empty, without label, beyond the sentence, or overlaps another; there is no such scheme;
            or it is IO, and two spans of one label touch.
    """
    previous = Span(0, 0, "")
    ordered = sorted(spans)
    for span in ordered:
        if not 0 <= span.start < span.end <= length or not is_label(span.label):
            raise ValueError(f"expected 0 <= start < end <= {length} and a label. Received: {span}")
        if span.start < previous.end:
            raise ValueError(f"expected spans that do not overlap. Received: {previous} and {span}")
        if scheme_named(scheme).touching is None and (span.start, span.label) == (previous.end, previous.label):
            raise ValueError(f"expected no {span.label} right behind another, for {scheme}. Received: {span}")
        previous = span
    return _write(ordered, length, scheme_named(scheme))


@dataclass(frozen=True, slots=True)
class Converted:
    """IOB2 tags, and the tags of the source that are not what its scheme wants, so that reading them was a repair."""

    tags: tuple[str, ...]
    wrong: tuple[InvalidTagSequence, ...]


def to_iob2(tags: Sequence[str], scheme: str) -> Converted:
    """The same entities in IOB2; what is not valid in `scheme`, a key of SCHEMES, is read as conlleval does.

    Raises:
        InvalidTagSequence: something is no tag.
    """
    spans = tags_to_spans(tags)
    return Converted(_write(spans, len(tags), SCHEMES["IOB2"]), tuple(_violations(tags, spans, scheme)))


def violations(tags: Sequence[str], scheme: str) -> list[InvalidTagSequence]:
    """Each tag that is not what `scheme` writes for the entities that are read there; none if `tags` are valid.

    >>> [str(violation) for violation in violations(["O", "I-PER"], "IOB2")]
    ["expected B-PER here in IOB2. Received: 'I-PER'"]

    Raises:
        InvalidTagSequence: something is no tag, so that it has no reading.
    """
    return _violations(tags, tags_to_spans(tags), scheme)


def is_allowed(before: Tag, after: Tag, scheme: str) -> bool:
    """Whether a valid sequence can hold `after` right behind `before`; `O` stands for either end of the sentence too.

    A sequence is valid exactly if each of its tags and both ends are allowed behind the one before: this is what a CRF
    needs to know of a scheme.
    """
    row = scheme_named(scheme)
    for tag in (before, after):
        if tag.label and tag.prefix not in {row.single, row.first, row.inside, row.last, row.touching}:
            return False
    same = before.label == after.label != ""
    continues = same and before.prefix not in CLOSING and after.prefix in {row.inside, row.last}
    closed = not before.label or before.prefix in {row.single, row.last, row.touching}
    first = row.touching if same and row.touching else row.first
    single = row.touching if same and row.touching else row.single
    opens = not after.label or after.prefix in {first, single}
    return continues or (closed and opens)


def _violations(tags: Sequence[str], spans: Sequence[Span], scheme: str) -> list[InvalidTagSequence]:
    written = _write(spans, len(tags), scheme_named(scheme))
    return [
        InvalidTagSequence(f"expected {right} here in {scheme}. Received: {tag!r}", position, right)
        for position, (tag, right) in enumerate(zip(tags, written, strict=True))
        if tag != right
    ]


def _write(spans: Iterable[Span], length: int, scheme: Scheme) -> tuple[str, ...]:
    """Tags of spans that are in order and do not overlap; IO writes those that touch as one."""
    tags = [OUTSIDE] * length
    previous = Span(0, 0, "")
    for span in spans:
        inner = span.end - span.start - 2
        prefixes = [scheme.first, *scheme.inside * inner, scheme.last] if inner >= 0 else [scheme.single]
        if scheme.touching and (span.start, span.label) == (previous.end, previous.label):
            prefixes[0] = scheme.touching
        tags[span.start : span.end] = [f"{prefix}-{span.label}" for prefix in prefixes]
        previous = span
    return tuple(tags)
