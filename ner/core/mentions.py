"""Tagged sentences -> what they mention: the tokens and the label of each entity."""

from collections import Counter
from collections.abc import Iterable, Sequence

from ner.core.sentence import Sentence, Span
from ner.core.tagscheme import tags_to_spans

Mention = tuple[tuple[str, ...], str]


def mention_of(tokens: Sequence[str], span: Span) -> Mention:
    """The tokens of one entity, as they are written, and its label."""
    return tuple(tokens[span.start : span.end]), span.label


def mentions_of(sentences: Iterable[Sentence]) -> list[Mention]:
    """The mentions of sentences in IOB2, one an entity, in order.

    >>> mentions_of([Sentence(("Ada", "Byron", "slept"), ("B-PER", "I-PER", "O"))])
    [(('Ada', 'Byron'), 'PER')]
    """
    return [mention_of(one.tokens, span) for one in sentences for span in tags_to_spans(one.tags)]


def label_counts(sentences: Iterable[Sentence]) -> Counter[str]:
    """How many entities have which label."""
    return Counter(span.label for sentence in sentences for span in tags_to_spans(sentence.tags))
