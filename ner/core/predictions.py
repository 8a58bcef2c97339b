"""What a tagger said of the test set <-> a TSV of token, gold tag, predicted tag, and confidence in tag and entity."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ner.core.columns import read_tab_columns


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """One sentence, one entry a token in each.

    `confidences` are probabilities of the predicted tags; `entity_confidences` of the entity as predicted, bounds and
    label, the same for each of its tokens, and 0 outside entities.
    """

    tokens: tuple[str, ...]
    gold: tuple[str, ...]
    predicted: tuple[str, ...]
    confidences: tuple[float, ...]
    entity_confidences: tuple[float, ...]


def write_predictions(path: Path, sentences: Iterable[TaggedSentence]) -> None:
    """A line a token, columns separated by tabs, a blank line after each sentence; confidences to four places."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for sentence in sentences:
            columns = (sentence.tokens, sentence.gold, sentence.predicted)
            sure = (sentence.confidences, sentence.entity_confidences)
            rows = zip(*columns, *sure, strict=True)
            file.writelines(
                f"{token}\t{gold}\t{said}\t{tag:.4f}\t{entity:.4f}\n" for token, gold, said, tag, entity in rows
            )
            file.write("\n")


def read_predictions(path: Path) -> list[TaggedSentence]:
    """Read what `write_predictions` wrote.

    Raises:
        LineError: a line has not five columns.
    """
    return [
        TaggedSentence(tokens, gold, predicted, tuple(map(float, tag)), tuple(map(float, entity)))
        for tokens, gold, predicted, tag, entity in read_tab_columns(path, 5)
    ]
