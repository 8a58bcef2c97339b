"""Gold and predicted entities -> matches: correct, or one of five kinds of error. All tables count these matches.

Entities are read by strict IOB2. A gold and a predicted entity that share a token can form a pair, and each entity is
in one pair at most. Where there is a choice, pairs with equal bounds come first, then those with equal labels, then
those that share the most tokens, then the leftmost. A pair, or an entity without one, is of one of six kinds:

    correct         bounds and label are right
    wrong_label     the bounds are right, the label is not
    wrong_boundary  the label is right, the bounds are not
    wrong_both      neither is right, though they share a token
    missed          a gold entity without a pair
    spurious        a predicted entity without a pair

So the gold entities are always correct + wrong_* + missed, and the predicted ones correct + wrong_* + spurious.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ner.core.predictions import TaggedSentence
from ner.core.sentence import Span
from ner.core.tagscheme import tags_to_spans

CORRECT = "correct"
ERRORS = ("missed", "spurious", "wrong_label", "wrong_boundary", "wrong_both")


@dataclass(frozen=True, slots=True)
class EntityMatch:
    """A pair of a gold and a predicted entity, or one of them alone, with the kind of match.

    `confidence` is the probability of the predicted entity. For a missed entity it is the lowest probability among the
    tags that were predicted there: an upper bound on the probability of that tag sequence.
    """

    kind: str
    sentence: int  # its position in the test set
    gold: Span | None
    predicted: Span | None
    confidence: float


def match_entities(sentences: Sequence[TaggedSentence]) -> list[EntityMatch]:
    """Match the entities of every sentence; matches are in the order of sentences, then of first tokens."""
    return [match for number, sentence in enumerate(sentences) for match in _match_sentence(number, sentence)]


def _match_sentence(number: int, sentence: TaggedSentence) -> list[EntityMatch]:
    gold, predicted = (tags_to_spans(tags, strict=True) for tags in (sentence.gold, sentence.predicted))
    matches = []
    pairs = _pairs(gold, predicted)
    for one, other in pairs:
        confidence = sentence.entity_confidences[other.start]
        matches.append(EntityMatch(_kind(one, other), number, one, other, confidence))
    for span in gold:
        if all(span is not one for one, _ in pairs):
            sure = min(sentence.confidences[span.start : span.end])
            matches.append(EntityMatch("missed", number, span, None, sure))
    for span in predicted:
        if all(span is not other for _, other in pairs):
            matches.append(EntityMatch("spurious", number, None, span, sentence.entity_confidences[span.start]))
    return sorted(matches, key=lambda match: min(span.start for span in (match.gold, match.predicted) if span))


def _pairs(gold: Sequence[Span], predicted: Sequence[Span]) -> list[tuple[Span, Span]]:
    """Pair overlapping gold and predicted spans greedily by `_preference`, each span at most once."""
    candidates = [(one, other) for one in gold for other in predicted if _shared(one, other) > 0]
    if len(candidates) > 1:
        candidates.sort(key=_preference)
    pairs: list[tuple[Span, Span]] = []
    for one, other in candidates:
        if all(one is not taken and other is not given for taken, given in pairs):
            pairs.append((one, other))
    return pairs


def _preference(pair: tuple[Span, Span]) -> tuple[bool, bool, int, Span, Span]:
    gold, predicted = pair
    same_bounds = (gold.start, gold.end) == (predicted.start, predicted.end)
    return not same_bounds, gold.label != predicted.label, -_shared(gold, predicted), gold, predicted


def _shared(one: Span, other: Span) -> int:
    return min(one.end, other.end) - max(one.start, other.start)


def _kind(gold: Span, predicted: Span) -> str:
    if gold == predicted:
        return CORRECT
    if gold.label == predicted.label:
        return "wrong_boundary"
    return "wrong_label" if (gold.start, gold.end) == (predicted.start, predicted.end) else "wrong_both"
