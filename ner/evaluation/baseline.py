"""Most-frequent-tag baseline: each word gets the tag that it has most often in train."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ner.core.sentence import Sentence
from ner.core.tagscheme import OUTSIDE


def most_frequent_tags(train: Iterable[Sentence]) -> dict[str, str]:
    """Map each training word to its most frequent tag. Case counts; ties go to the alphabetically first tag."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sentence in train:
        for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
            counts[token][tag] += 1
    return {token: min(tags, key=lambda tag: (-tags[tag], tag)) for token, tags in counts.items()}


def look_up(tokens: Sequence[str], tags: Mapping[str, str]) -> list[str]:
    """Return the baseline's tag for each token, `O` for unknown words. The tags need not be valid IOB2."""
    return [tags.get(token, OUTSIDE) for token in tokens]
