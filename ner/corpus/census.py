"""Splits of a corpus -> the numbers of its data card."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ner.sentence import Sentence
from ner.tagscheme import tags_to_spans


def census(splits: Mapping[str, Sequence[Sentence]]) -> dict[str, Any]:
    """Per split: sentences, tokens, distinct words, longest sentence, entities and entities by label.

    Beside them, what makes a test set easier than it looks: `seen_in_train`, sentences of dev and test whose tokens
    stand in train too, and `unknown_tokens`, the share of tokens that train does not have.
    """
    known_sentences = {sentence.tokens for sentence in splits["train"]}
    known_words = {token for tokens in known_sentences for token in tokens}
    card: dict[str, Any] = {}
    for name, sentences in splits.items():
        words = Counter(token for sentence in sentences for token in sentence.tokens)
        labels = Counter(span.label for sentence in sentences for span in tags_to_spans(sentence.tags))
        card[name] = {
            "sentences": len(sentences),
            "tokens": words.total(),
            "distinct_words": len(words),
            "longest_sentence": max(map(len, sentences)),
            "entities": labels.total(),
            "labels": dict(sorted(labels.items())),
        }
        if name != "train":
            unknown = sum(count for word, count in words.items() if word not in known_words)
            card[name]["seen_in_train"] = sum(sentence.tokens in known_sentences for sentence in sentences)
            card[name]["unknown_tokens"] = round(unknown / words.total(), 5)
    return card
