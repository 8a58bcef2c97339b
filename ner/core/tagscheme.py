"""Tag schemes: parse and check tags, convert tags <-> spans and between schemes, list allowed transitions.

A tag is `O`, or a prefix, a hyphen and a label: `B-PER`, `I-JOB-TITLE`. The label is all that follows the first hyphen.
Schemes differ in the prefix of each token of an entity, so a scheme is a row of SCHEMES. For an entity of three tokens:

    IO            I I I       two adjacent entities of the same label can't be told apart
    IOB1          I I I       the first is B if the entity right before has the same label
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
    """A malformed tag, or a tag that the scheme does not allow at its position.

    `position` counts from 0. `expected` is the tag that the scheme requires there; it is empty for a malformed tag.
    """

    def __init__(self, message: str, position: int, expected: str = "") -> None:
        super().__init__(message)
        self.position = position
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Scheme:
    """A tag scheme: the prefixes of a single-token entity, and of the first, inner and last token of a longer one.

    `touching` is the prefix of an entity's first token right after an entity of the same label. It is empty if such an
    entity has its usual prefix, and None if the scheme can't tell two such entities apart.
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
    """Return the scheme of this name; raise ValueError unless it is a key of SCHEMES."""
    if name not in SCHEMES:
        raise ValueError(f"scheme: expected one of {', '.join(SCHEMES)}. Received: {name!r}")
    return SCHEMES[name]


def is_label(text: str) -> bool:
    """Tell whether `text` can be a label: printable, not empty, and no hyphen or space at either end."""
    return text != "" and text == text.strip(" -") and text.isprintable()


@dataclass(frozen=True, slots=True)
class Tag:
    """A parsed tag; `label` is empty only for `O`.

    >>> Tag.parse("I-JOB-TITLE")
    Tag(prefix='I', label='JOB-TITLE')
    """

    prefix: str
    label: str

    @classmethod
    @cache
    def parse(cls, text: str) -> "Tag":
        """Parse a tag; raise ValueError unless `text` is `O`, or a prefix, a hyphen and a label."""
        prefix, _, label = text.partition("-")
        if text == OUTSIDE or (prefix in set("BIESLU") and is_label(label)):
            return cls(prefix, label)
        raise ValueError(f"expected a tag: O, or a prefix, a hyphen and a label, as in B-PER. Received: {text!r}")

    def __str__(self) -> str:
        return f"{self.prefix}-{self.label}" if self.label else self.prefix


def parse_tags(tags: Sequence[str]) -> list[Tag]:
    """Parse each tag; raise InvalidTagSequence at the first malformed one."""
    parsed = []
    for position, text in enumerate(tags):
        try:
            parsed.append(Tag.parse(text))
        except ValueError as error:
            raise InvalidTagSequence(str(error), position) from None
    return parsed


def tags_to_spans(tags: Sequence[str], *, strict: bool = False) -> list[Span]:
    """Extract the entity spans of a tag sequence, of any scheme.

    By default tags are read as conlleval does, so that every sequence has a reading: an entity begins at a prefix of
    OPENING, and at any tag after `O`, after another label or after a prefix of CLOSING. Valid sequences of all schemes
    give exactly their entities. With `strict` tags are read as strict IOB2: only `B-` begins an entity, and an `I-`
    that does not continue one is ignored.

    >>> tags_to_spans(["B-PER", "I-PER", "O", "I-LOC"])
    [Span(start=0, end=2, label='PER'), Span(start=3, end=4, label='LOC')]
    >>> tags_to_spans(["B-PER", "I-PER", "O", "I-LOC"], strict=True)
    [Span(start=0, end=2, label='PER')]

    Raises:
        InvalidTagSequence: a tag is malformed.
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
    """Write spans as the tags of a sentence of `length` tokens.

    Raises:
        ValueError: a span is empty, has no valid label, exceeds the sentence or overlaps another; the scheme is
            unknown; or it is IO, and two spans of the same label are adjacent.
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
    """IOB2 tags, and the violations of the source scheme that were repaired to get them."""

    tags: tuple[str, ...]
    wrong: tuple[InvalidTagSequence, ...]


def to_iob2(tags: Sequence[str], scheme: str) -> Converted:
    """Convert tags to IOB2; tags that are invalid in `scheme`, a key of SCHEMES, are read as conlleval does.

    Raises:
        InvalidTagSequence: a tag is malformed.
    """
    spans = tags_to_spans(tags)
    return Converted(_write(spans, len(tags), SCHEMES["IOB2"]), tuple(_violations(tags, spans, scheme)))


def violations(tags: Sequence[str], scheme: str) -> list[InvalidTagSequence]:
    """List the tags that differ from what `scheme` writes for the entities read from `tags`; none if all are valid.

    >>> [str(violation) for violation in violations(["O", "I-PER"], "IOB2")]
    ["expected B-PER here in IOB2. Received: 'I-PER'"]

    Raises:
        InvalidTagSequence: a tag is malformed.
    """
    return _violations(tags, tags_to_spans(tags), scheme)


def is_allowed(before: Tag, after: Tag, scheme: str) -> bool:
    """Tell whether the scheme allows the transition from tag `before` to tag `after`.

    The start and the end of a sentence count as `O`. A sequence is valid if and only if all its transitions, with those
    from the start and to the end, are allowed. The CRF's constraints are made of this.
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
    """Write sorted, non-overlapping spans as tags; IO merges adjacent spans of the same label."""
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
