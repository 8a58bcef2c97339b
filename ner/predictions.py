"""What a tagger said of the test set <-> a TSV of token, gold tag, predicted tag and confidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """One sentence, one entry a token in each; a confidence is the probability of the predicted tag."""

    tokens: tuple[str, ...]
    gold: tuple[str, ...]
    predicted: tuple[str, ...]
    confidences: tuple[float, ...]


def write_predictions(path: Path, sentences: Iterable[TaggedSentence]) -> None:
    """A line a token, columns separated by tabs, a blank line after each sentence; confidences to four places."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for sentence in sentences:
            columns = (sentence.tokens, sentence.gold, sentence.predicted, sentence.confidences)
            rows = zip(*columns, strict=True)
            file.writelines(f"{token}\t{gold}\t{said}\t{sure:.4f}\n" for token, gold, said, sure in rows)
            file.write("\n")


def read_predictions(path: Path) -> list[TaggedSentence]:
    """What `write_predictions` wrote."""
    sentences = []
    for block in filter(None, path.read_bytes().decode().removesuffix("\n\n").split("\n\n")):
        tokens, gold, predicted, confidences = zip(*(line.split("\t") for line in block.split("\n")), strict=True)
        sentences.append(TaggedSentence(tokens, gold, predicted, tuple(map(float, confidences))))
    return sentences
