"""A corpus -> its statistics, as in metrics/corpora and the data card, and the tables of its plots."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ner.core.mentions import label_counts, mentions_of
from ner.core.sentence import Sentence
from ner.corpora.reading import SplitRead

LENGTHS = (0, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100)  # tokens; each bin of the plot begins above one of these


def corpus_statistics(files: Mapping[str, SplitRead], splits: Mapping[str, Sequence[Sentence]]) -> dict[str, Any]:
    """Compute the statistics of a corpus: of each file as read, and of each split made from the files.

    Args:
        files: the files as read, before deduplication.
        splits: train, dev and test.
    """
    return {
        "files": {
            name: {
                **_sizes(file.sentences),
                **_repeats(file.sentences),
                "tags_repaired": dict(sorted(file.repaired.items())),
                "mentions_dropped": dict(sorted(file.dropped.items())),
            }
            for name, file in files.items()
        },
        "splits": {
            name: {**_sizes(sentences), **_repeats(sentences), **_seen_unseen(name, sentences, splits)}
            for name, sentences in splits.items()
        },
    }


def lengths_table(splits: Mapping[str, Sequence[Sentence]]) -> pd.DataFrame:
    """Tabulate sentence lengths: number and share of the sentences of each split, by bins of LENGTHS."""
    rows = []
    for name, sentences in splits.items():
        counts = Counter(max(start for start in LENGTHS if start < len(sentence)) for sentence in sentences)
        for start, end in zip(LENGTHS, (*LENGTHS[1:], None), strict=True):
            label = f"{start + 1}-{end}" if end else f"over {start}"
            rows.append((label, name, counts[start], round(counts[start] / len(sentences), 5)))
    return pd.DataFrame(rows, columns=["tokens", "split", "sentences", "share"])


def labels_table(splits: Mapping[str, Sequence[Sentence]]) -> pd.DataFrame:
    """Tabulate entity labels: number and share of the entities of each split that have each label."""
    counts = {name: label_counts(sentences) for name, sentences in splits.items()}
    entities = {name: counted.total() for name, counted in counts.items()}
    labels = sorted(set().union(*counts.values()))
    rows = [
        (label, name, counts[name][label], round(counts[name][label] / max(1, entities[name]), 5))
        for label in labels
        for name in splits
    ]
    return pd.DataFrame(rows, columns=["label", "split", "entities", "share"])


def _sizes(sentences: Sequence[Sentence]) -> dict[str, Any]:
    labels = label_counts(sentences)
    return {
        "sentences": len(sentences),
        "tokens": sum(map(len, sentences)),
        "distinct_words": len({token for sentence in sentences for token in sentence.tokens}),
        "longest_sentence": max(map(len, sentences)),
        "entities": labels.total(),
        "labels": dict(sorted(labels.items())),
    }


def _repeats(sentences: Sequence[Sentence]) -> dict[str, int]:
    """Count sentences that repeat the tokens of an earlier one, and token sequences that are tagged in several ways."""
    readings: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for sentence in sentences:
        readings.setdefault(sentence.tokens, set()).add(sentence.tags)
    return {
        "repeated_sentences": len(sentences) - len(readings),
        "tagged_differently": sum(len(tags) > 1 for tags in readings.values()),
    }


def _seen_unseen(name: str, sentences: Sequence[Sentence], splits: Mapping[str, Sequence[Sentence]]) -> dict[str, Any]:
    """Measure how much of dev or test was seen in train: shared sentences, unknown words, seen mentions."""
    if name == "train":
        return {}
    train = splits["train"]
    train_words = {token for sentence in train for token in sentence.tokens}
    train_mentions = set(mentions_of(train))
    tokens = [token for sentence in sentences for token in sentence.tokens]
    mentions = mentions_of(sentences)
    before = [split for split in splits if split != name and (split, name) != ("test", "dev")]
    shared = {split: {sentence.tokens for sentence in splits[split]} for split in before}
    return {
        **{f"sentences_in_{split}": sum(one.tokens in shared[split] for one in sentences) for split in before},
        "unknown_token_share": round(sum(token not in train_words for token in tokens) / len(tokens), 5),
        "unknown_word_share": round(len(set(tokens) - train_words) / len(set(tokens)), 5),
        "seen_mention_share": round(sum(one in train_mentions for one in mentions) / max(1, len(mentions)), 5),
    }
