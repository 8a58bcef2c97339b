"""Tagged sentences for tests in which only the tags matter."""

from ner.core.predictions import TaggedSentence


def tagged(gold: str, predicted: str) -> TaggedSentence:
    """Make a sentence with these tags, equal tokens, and confidences of 0.5."""
    gold_tags, predicted_tags = tuple(gold.split()), tuple(predicted.split())
    sure = (0.5,) * len(gold_tags)
    return TaggedSentence(("x",) * len(gold_tags), gold_tags, predicted_tags, sure, sure)
