"""A tagger's predictions on the test set <-> a TSV of token, gold tag, predicted tag, tag and entity confidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ner.core.columns import read_tab_columns


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A sentence with its gold and predicted tags; each field has one entry per token.

    `confidences` are the marginal probabilities of the predicted tags. `entity_confidences` are the probabilities of
    the predicted entities (start, end and label): the same for each token of an entity, and 0 outside entities.
    """

    tokens: tuple[str, ...]
    gold: tuple[str, ...]
    predicted: tuple[str, ...]
    confidences: tuple[float, ...]
    entity_confidences: tuple[float, ...]


def write_predictions(path: Path, sentences: Iterable[TaggedSentence]) -> None:
    """Write predictions as TSV: one token per line, a blank line after each sentence, confidences to four decimals."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for sentence in sentences:
            columns = (sentence.tokens, sentence.gold, sentence.predicted)
            confidences = (sentence.confidences, sentence.entity_confidences)
            rows = zip(*columns, *confidences, strict=True)
            file.writelines(
                f"{token}\t{gold}\t{predicted}\t{tag:.4f}\t{entity:.4f}\n"
                for token, gold, predicted, tag, entity in rows
            )
            file.write("\n")


def read_predictions(path: Path) -> list[TaggedSentence]:
    """Read the predictions that `write_predictions` wrote.

    Raises:
        LineError: a line does not have five columns.
    """
    return [
        TaggedSentence(tokens, gold, predicted, tuple(map(float, tag)), tuple(map(float, entity)))
        for tokens, gold, predicted, tag, entity in read_tab_columns(path, 5)
    ]
