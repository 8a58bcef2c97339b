"""What a tagger found: a tagged sentence and its entities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner.text.segmentation import TextSentence


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of a sentence. All ranges are half-open."""

    text: str
    label: str
    start: int  # character of the caller's text, or, if tokens were given, of the tokens joined by spaces
    end: int
    first: int  # token of the sentence; tokens[first:last]
    last: int
    confidence: float  # probability of an entity with exactly these bounds and this label, given the sentence


@dataclass(frozen=True, slots=True)
class Tagged:
    """One sentence, tagged."""

    tokens: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...]  # (start, end) in characters, as in Entity
    tags: tuple[str, ...]  # IOB2
    entities: tuple[Entity, ...]  # in order
    probabilities: NDArray[np.float64] | None  # (T, K), in the order of Tagger.tags; None if not asked for


def sentence_of(sentence: Sequence[str]) -> TextSentence:
    """Join tokens by spaces into a sentence with offsets; raise TypeError for a string."""
    if isinstance(sentence, str):
        raise TypeError(f"expected a sequence of tokens; tag_text is for raw text. Received: {sentence[:40]!r}")
    tokens, end = tuple(sentence), -1
    text = " ".join(tokens)
    return TextSentence(text, tokens, tuple([(start := end + 1, end := start + len(token)) for token in tokens]))


def entity_of(sentence: TextSentence, first: int, last: int, label: str, confidence: float) -> Entity:
    """Build the entity of the tokens from `first` up to `last`, which is not part of it."""
    start, end = sentence.offsets[first][0], sentence.offsets[last - 1][1]
    return Entity(sentence.text[start:end], label, start, end, first, last, confidence)


def first_tokens(tagged: Tagged, length: int, shift: int) -> Tagged:
    """Keep the first `length` tokens of a piece that begins at token `shift` of its sentence, and their entities."""
    entities = (
        Entity(one.text, one.label, one.start, one.end, one.first + shift, one.last + shift, one.confidence)
        for one in tagged.entities
        if one.last <= length
    )
    probabilities = None if tagged.probabilities is None else tagged.probabilities[:length]
    return Tagged(tagged.tokens[:length], tagged.offsets[:length], tagged.tags[:length], tuple(entities), probabilities)
