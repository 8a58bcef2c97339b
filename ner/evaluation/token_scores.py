"""Gold and predicted tags -> token-level scores, as notebooks often report them, to compare with entity F1.

The definitions are those of scikit-learn (`accuracy_score`, `f1_score`). Each tag is a class: `B-PER` and `I-PER` are
different classes. A division by zero gives 0.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from ner.core.predictions import TaggedSentence
from ner.core.tagscheme import OUTSIDE


def token_scores(sentences: Sequence[TaggedSentence]) -> dict[str, float]:
    """Compute token-level scores, as fractions from 0 to 1.

    - `token_accuracy`: share of tokens with the correct tag, `O` included.
    - `token_accuracy_padded`: the same if every sentence is padded to the longest, and all padding counts as correct.
      Keras reports this accuracy for a network with padding and no mask; micro F1 over all tags equals it.
    - `token_f1_without_o`: `f1_score(average="micro")` with all tags but `O` as `labels`.
    - `token_f1_weighted_without_o`: `f1_score(average="weighted")` with the same `labels`: the mean F1 of the tags,
      weighted by their number of gold tokens.
    - `token_f1_weighted_with_o`: `f1_score(average="weighted")` over all tags.
    """
    pairs = Counter(pair for one in sentences for pair in zip(one.gold, one.predicted, strict=True))
    tokens, right = pairs.total(), sum(count for (gold, predicted), count in pairs.items() if gold == predicted)
    padded = len(sentences) * max(len(sentence.tokens) for sentence in sentences)
    tags = {tag for pair in pairs for tag in pair}
    return {
        "token_accuracy": right / tokens,
        "token_accuracy_padded": (right + padded - tokens) / padded,
        "token_f1_without_o": micro_f1(pairs, tags - {OUTSIDE}),
        "token_f1_weighted_without_o": weighted_f1(pairs, tags - {OUTSIDE}),
        "token_f1_weighted_with_o": weighted_f1(pairs, tags),
    }


def micro_f1(pairs: Counter[tuple[str, str]], tags: Iterable[str]) -> float:
    """Compute the micro-averaged F1 of `tags`. `pairs` counts the pairs (gold tag, predicted tag)."""
    counted = [_counts(pairs, tag) for tag in sorted(tags)]
    gold, predicted, right = (sum(column) for column in zip((0, 0, 0), *counted, strict=True))
    return _f1(gold, predicted, right)


def weighted_f1(pairs: Counter[tuple[str, str]], tags: Iterable[str]) -> float:
    """Compute the mean F1 of `tags`, weighted by gold tokens. `pairs` counts the pairs (gold tag, predicted tag)."""
    counted = [_counts(pairs, tag) for tag in sorted(tags)]
    support = sum(gold for gold, _, _ in counted)
    return sum(gold * _f1(gold, predicted, right) for gold, predicted, right in counted) / support if support else 0.0


def _counts(pairs: Counter[tuple[str, str]], tag: str) -> tuple[int, int, int]:
    gold = sum(count for (one, _), count in pairs.items() if one == tag)
    predicted = sum(count for (_, other), count in pairs.items() if other == tag)
    return gold, predicted, pairs[tag, tag]


def _f1(gold: int, predicted: int, right: int) -> float:
    return 2 * right / (gold + predicted) if gold + predicted else 0.0
