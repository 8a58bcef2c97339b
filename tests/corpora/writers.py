"""Sentences -> a UTF-8 file of each corpus format, for round trips through its reader."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from ner.core.sentence import Sentence
from ner.core.tagscheme import tags_to_spans


def write_conll(path: Path, sentences: Iterable[Sentence]) -> None:
    """Write the token first and the tag last. A token `-DOCSTART-` would end a sentence."""
    blocks = ("".join(f"{token}\t{tag}\n" for token, tag in pairs(one)) for one in sentences)
    write_text(path, (f"{block}\n" for block in blocks))


def write_kaggle_csv(path: Path, sentences: Iterable[Sentence]) -> None:
    """Write `-` for the part of speech, and a sentence's name in its first row only."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Sentence #", "Word", "POS", "Tag"])
        for number, sentence in enumerate(sentences, start=1):
            for position, (token, tag) in enumerate(pairs(sentence)):
                rows.writerow(["" if position else f"Sentence: {number}", token, "-", tag])


def write_jsonl_tokens(path: Path, sentences: Iterable[Sentence]) -> None:
    objects = ({"tokens": sentence.tokens, "tags": sentence.tags} for sentence in sentences)
    write_text(path, (json.dumps(content, ensure_ascii=False) + "\n" for content in objects))


def write_jsonl_spans(path: Path, sentences: Iterable[Sentence]) -> None:
    objects = ({"text": " ".join(one.tokens), "entities": list(mentions(one))} for one in sentences)
    write_text(path, (json.dumps(content, ensure_ascii=False) + "\n" for content in objects))


def write_pubtator(path: Path, sentences: Iterable[Sentence]) -> None:
    """Write one document per sentence, with the sentence as title and an empty abstract."""

    def document(number: int, sentence: Sentence) -> str:
        text = " ".join(sentence.tokens)
        spans = (f"{number}\t{start}\t{end}\t{text[start:end]}\t{label}\n" for start, end, label in mentions(sentence))
        return f"{number}|t|{text}\n{number}|a|\n{''.join(spans)}\n"

    write_text(path, (document(number, sentence) for number, sentence in enumerate(sentences, start=1)))


def mentions(sentence: Sentence) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, label) of each entity, as character offsets in the tokens joined by spaces."""
    starts = [0]
    for token in sentence.tokens:
        starts.append(starts[-1] + len(token) + 1)
    for span in tags_to_spans(sentence.tags):
        yield starts[span.start], starts[span.end] - 1, span.label


def pairs(sentence: Sentence) -> Iterable[tuple[str, str]]:
    return zip(sentence.tokens, sentence.tags, strict=True)


def write_text(path: Path, parts: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(parts)


WRITERS: dict[str, Callable[[Path, Iterable[Sentence]], Any]] = {
    "conll": write_conll,
    "kaggle-csv": write_kaggle_csv,
    "jsonl-tokens": write_jsonl_tokens,
    "jsonl-spans": write_jsonl_spans,
    "pubtator": write_pubtator,
}
