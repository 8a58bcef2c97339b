"""A tagger's predictions on the test set <-> a TSV of token, gold tag, predicted tag, tag and entity confidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ner.core.columns import Row, read_tab_rows
from ner.core.errors import LineError
from ner.core.tagscheme import Tag


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
        LineError: a line does not have five columns: a token, two tags and two probabilities.
    """
    return [_sentence(path, rows) for rows in read_tab_rows(path, 5)]


def _sentence(path: Path, rows: Sequence[Row[int]]) -> TaggedSentence:
    for row in rows:
        try:
            Tag.parse(row.cells[1]), Tag.parse(row.cells[2])
            valid = all(0 <= float(cell) <= 1 for cell in row.cells[3:])
        except ValueError:
            valid = False
        if not valid:
            expected = "expected a token, two tags and two probabilities"
            raise LineError(path, row.place, f"{expected}. Received: {row.line[:80]!r}")
    tokens, gold, predicted, tag, entity = zip(*(row.cells for row in rows), strict=True)
    return TaggedSentence(tokens, gold, predicted, tuple(map(float, tag)), tuple(map(float, entity)))
