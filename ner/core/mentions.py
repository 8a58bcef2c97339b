"""Tagged sentences -> the tokens and the label of each entity, and counts of labels."""

from collections import Counter
from collections.abc import Iterable, Sequence

from ner.core.sentence import Sentence, Span
from ner.core.tagscheme import tags_to_spans

Mention = tuple[tuple[str, ...], str]


def mention_of(tokens: Sequence[str], span: Span) -> Mention:
    """Return the tokens of one entity, not normalised, and its label."""
    return tuple(tokens[span.start : span.end]), span.label


def mentions_of(sentences: Iterable[Sentence]) -> list[Mention]:
    """List the mention of each entity of all sentences, in order.

    >>> mentions_of([Sentence(("Ada", "Byron", "slept"), ("B-PER", "I-PER", "O"))])
    [(('Ada', 'Byron'), 'PER')]
    """
    return [mention_of(one.tokens, span) for one in sentences for span in tags_to_spans(one.tags)]


def label_counts(sentences: Iterable[Sentence]) -> Counter[str]:
    """Count the entities of each label."""
    return Counter(span.label for sentence in sentences for span in tags_to_spans(sentence.tags))
