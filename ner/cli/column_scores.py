"""Gold and predicted tags in files -> entity scores, printed as conlleval prints them.

Tags of every scheme in ner/core/tagscheme.py are read, valid or not. Entities are read as conlleval (version of
2004-01-26) reads them, which is seqeval's default mode; with `strict`, as seqeval does with `mode="strict",
scheme=IOB2`. Entities are counted in NumPy arrays rather than loops: a million tokens take two seconds.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ner.cli.streams import standard_input
from ner.core.columns import DOCUMENT, Row, read_columns, split_columns
from ner.core.entity_f1 import Counts, Score, score
from ner.core.errors import NerError
from ner.core.tagscheme import CLOSING, OPENING, OUTSIDE, SCHEMES, Tag, is_allowed
from ner.corpora.lines import CorpusFormatError, decode_lines, read_lines

BOUNDARY = ""  # stands after each sentence; no tag is empty
STANDARD_INPUT = Path("-")


class ScoringError(NerError):
    """A file can't be scored: `path:line: what was expected, what came`."""


@dataclass(frozen=True, slots=True)
class TaggedFile:
    """The tokens and tags of a file, and the line number of each; BOUNDARY stands after each sentence.

    `tokens` is empty if the file has tags alone.
    """

    path: Path
    tokens: list[str]
    tags: list[str]
    lines: list[int]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Counts of tokens and entities, in all and by label, and the schemes in which the tags of each side are valid."""

    tokens: int
    correct_tokens: int
    total: Counts
    labels: dict[str, Counts]
    gold_schemes: tuple[str, ...]
    predicted_schemes: tuple[str, ...]


def read_tagged(path: Path) -> TaggedFile:
    """Read a file with a tag for each token: the last column, or JSON lines with `tokens` and `tags`.

    A line of -DOCSTART- ends a sentence, as a blank line does.

    Args:
        path: the file; - for standard input; JSON lines if it ends in .jsonl or .ndjson.

    Raises:
        NerError: the file has another form.
    """
    if _is_json(path):
        return _read_json_lines(path, _lines(path))
    (tagged,) = _read_columns(path, (-1,), _begins_document)
    return tagged


def read_both(path: Path) -> tuple[TaggedFile, TaggedFile]:
    """Read gold and predicted tags from the last two columns of one file, which is opened once; - is standard input.

    A line of -DOCSTART- is a token, as to conlleval.

    Raises:
        NerError: the file has another form.
    """
    if _is_json(path):
        raise ScoringError(f"{path}: expected a second file, since JSON lines have one tag a token. Received: none")
    gold, predicted = _read_columns(path, (-2, -1), None)
    return gold, predicted


def evaluate(gold: TaggedFile, predicted: TaggedFile, *, strict: bool = False) -> Evaluation:
    """Count the gold, predicted and correct entities, in all and by label.

    Raises:
        ScoringError: the two differ in tokens or sentences, or have something that is no tag.
    """
    _check_alike(gold, predicted)
    codes = {tag: code for code, tag in enumerate(dict.fromkeys([BOUNDARY, OUTSIDE, *gold.tags, *predicted.tags]))}
    _check_tags(gold, predicted, codes)
    left, right = (
        np.fromiter(map(codes.__getitem__, side.tags), np.int64, len(side.tags)) for side in (gold, predicted)
    )
    parsed = [Tag.parse(tag or OUTSIDE) for tag in codes]
    labels = sorted({tag.label for tag in parsed})  # the first is empty, the label of O
    gold_chunks, predicted_chunks = (_chunks(side, parsed, labels, strict=strict) for side in (left, right))
    common = predicted_chunks[np.isin(_keys(predicted_chunks, len(labels)), _keys(gold_chunks, len(labels)))]
    by_label = [np.bincount(chunks[:, 2], minlength=len(labels)) for chunks in (gold_chunks, predicted_chunks, common)]
    is_token = left != codes[BOUNDARY]
    counted = {label: Counts(*(int(counts[code]) for counts in by_label)) for code, label in enumerate(labels) if code}
    return Evaluation(
        tokens=int(is_token.sum()),
        correct_tokens=int((left == right)[is_token].sum()),
        total=Counts(len(gold_chunks), len(predicted_chunks), len(common)),
        labels={label: counts for label, counts in counted.items() if counts.gold or counts.predicted},
        gold_schemes=_schemes(left, parsed),
        predicted_schemes=_schemes(right, parsed),
    )


def conlleval_report(evaluation: Evaluation) -> str:
    """Format the report byte for byte as conlleval does."""
    total, overall = evaluation.total, score(evaluation.total)
    accuracy = 100 * evaluation.correct_tokens / evaluation.tokens if evaluation.tokens else 0.0
    lines = [
        f"processed {evaluation.tokens} tokens with {total.gold} phrases; "
        f"found: {total.predicted} phrases; correct: {total.correct}.",
        f"accuracy: {accuracy:6.2f}%; {_percents(overall)}",
        *(f"{_indent(label)}: {_percents(score(one))}  {one.predicted}" for label, one in evaluation.labels.items()),
    ]
    return "\n".join(lines) + "\n"


def json_report(evaluation: Evaluation) -> dict[str, Any]:
    """Build the report as JSON values: scores rounded to five places, and the schemes in which each side is valid."""
    accuracy = evaluation.correct_tokens / evaluation.tokens if evaluation.tokens else 0.0
    return {
        "tokens": evaluation.tokens,
        "token_accuracy": round(accuracy, 5),
        **_numbers(evaluation.total),
        "labels": {label: _numbers(counts) for label, counts in evaluation.labels.items()},
        "gold_schemes": list(evaluation.gold_schemes),
        "predicted_schemes": list(evaluation.predicted_schemes),
    }


def _indent(label: str) -> str:
    """Indent a label to a width of 17 bytes, as conlleval does."""
    return " " * (17 - len(label.encode())) + label


def _percents(scores: Score) -> str:
    precision, recall, f1 = (100 * value for value in (scores.precision, scores.recall, scores.f1))
    return f"precision: {precision:6.2f}%; recall: {recall:6.2f}%; FB1: {f1:6.2f}"


def _numbers(counts: Counts) -> dict[str, float]:
    scores = score(counts)
    fractions = {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}
    return {**{name: round(value, 5) for name, value in fractions.items()}, **counts._asdict()}


def _is_json(path: Path) -> bool:
    return path.suffix in (".jsonl", ".ndjson")


def _lines(path: Path) -> Iterator[str]:
    if path == STANDARD_INPUT:
        return decode_lines(_shown(path), standard_input().read(), "utf-8")
    return read_lines(path, "utf-8")


def _shown(path: Path) -> Path:
    return Path("standard input") if path == STANDARD_INPUT else path


def _begins_document(cells: list[str]) -> bool:
    return cells[0] == DOCUMENT


def _read_columns(path: Path, columns: Sequence[int], boundary: Callable[[list[str]], bool] | None) -> list[TaggedFile]:
    """Read the tags of several columns, each as a file of its own; lines that are a `boundary` are no tokens."""
    shown = _shown(path)
    tokens: list[str] = []
    tags: list[list[str]] = [[] for _ in columns]
    numbers: list[int] = []
    width = 0
    numbered = enumerate(_lines(path), start=1)
    for rows in filter(
        None, read_columns(numbered, split_columns, partial(CorpusFormatError, shown), boundary=boundary)
    ):
        width = len(rows[0].cells)
        if boundary and boundary(rows[0].cells):
            continue
        _check_rows(shown, rows, columns)
        tokens += [row.cells[0] for row in rows] + [BOUNDARY]
        numbers += [row.place for row in rows] + [rows[-1].place + 1]
        for side, column in zip(tags, columns, strict=True):
            side += [row.cells[column] for row in rows] + [BOUNDARY]
    return [TaggedFile(shown, tokens if width > 1 else [], side, numbers) for side in tags]


def _check_rows(path: Path, rows: Sequence[Row[int]], columns: Sequence[int]) -> None:
    """Check that all columns exist, and that no token or tag is empty, which would be read as BOUNDARY."""
    if len(rows[0].cells) < len(columns):
        raise ScoringError(f"{path}: expected {len(columns)} columns or more. Received: {len(rows[0].cells)}")
    for column in (0, *columns):
        for row in rows:
            if not row.cells[column].strip():
                expected = "expected a token, and a tag in each column of tags"
                raise ScoringError(f"{path}:{row.place}: {expected}. Received: {row.line[:80]!r}")


def _read_json_lines(path: Path, lines: Iterable[str]) -> TaggedFile:
    tokens, tags, numbers = [], [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            sentence = list(zip(record["tokens"], record["tags"], strict=True))
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ScoringError(f"{path}:{number}: expected tokens and as many tags. Received: {line[:80]!r}") from None
        if BOUNDARY in [tag for _, tag in sentence]:
            raise ScoringError(f"{path}:{number}: expected a tag for each token. Received: an empty one")
        for token, tag in [*sentence, (BOUNDARY, BOUNDARY)] if sentence else []:
            tokens.append(str(token))
            tags.append(str(tag))
            numbers.append(number)
    return TaggedFile(path, tokens, tags, numbers)


def _check_alike(gold: TaggedFile, predicted: TaggedFile) -> None:
    """Check that sentences end at the same places, and that the tokens are the same if both files have them."""
    sides: list[list[Any]] = [[tag == BOUNDARY for tag in side.tags] for side in (gold, predicted)]
    if gold.tokens and predicted.tokens:
        sides = [gold.tokens, predicted.tokens]
    if sides[0] == sides[1]:
        return
    pairs = zip(*sides, strict=False)
    place = next((index for index, (one, other) in enumerate(pairs) if one != other), min(map(len, sides)))
    received = " and ".join(_name(side, place) for side in (gold, predicted))
    raise ScoringError(f"expected the same tokens in the same sentences. Received: {received}")


def _name(side: TaggedFile, place: int) -> str:
    if place >= len(side.tags):
        return f"the end of {side.path}"
    if side.tags[place] == BOUNDARY:
        return f"{side.path}:{side.lines[place - 1] + 1}: the end of a sentence"
    return f"{side.path}:{side.lines[place]}: {side.tokens[place] if side.tokens else 'a token'!r}"


def _check_tags(gold: TaggedFile, predicted: TaggedFile, codes: dict[str, int]) -> None:
    for tag in codes:
        try:
            Tag.parse(tag or OUTSIDE)
        except ValueError as error:
            side = gold if tag in gold.tags else predicted
            raise ScoringError(f"{side.path}:{side.lines[side.tags.index(tag)]}: {error}") from None


def _chunks(
    side: NDArray[np.int64], parsed: Sequence[Tag], labels: Sequence[str], *, strict: bool
) -> NDArray[np.int64]:
    """Find the entities of N tags: (N,) codes -> (C, 3) start, end and label, as tags_to_spans reads them."""
    if not len(side):
        return np.zeros((0, 3), dtype=np.int64)
    codes = {label: code for code, label in enumerate(labels)}
    label = np.array([codes[tag.label] for tag in parsed])[side]
    opens, closes, is_b = (
        np.array([tag.prefix in prefixes for tag in parsed])[side] for prefixes in (OPENING, CLOSING, {"B"})
    )
    inside = label > 0
    goes_on = np.zeros(len(side), dtype=np.bool_)  # this token continues the entity of the token before
    goes_on[1:] = inside[1:] & (label[1:] == label[:-1]) & ~closes[:-1] & ~opens[1:]
    starts = np.flatnonzero(inside & ~goes_on)
    ends = np.flatnonzero(inside & ~np.append(goes_on[1:], False)) + 1
    chunks = np.stack([starts, ends, label[starts]], axis=1)
    return chunks[is_b[starts]] if strict else chunks


def _keys(chunks: NDArray[np.int64], labels: int) -> NDArray[np.int64]:
    """Give equal entities equal numbers, and others different ones; they stay below 2^63 for 10^8 tokens."""
    length = chunks[:, 1] - chunks[:, 0]
    return (chunks[:, 0] * 100_000 + length) * labels + chunks[:, 2]


def _schemes(side: NDArray[np.int64], parsed: Sequence[Tag]) -> tuple[str, ...]:
    """Find the schemes in which the tags are valid: every pair of neighbours is allowed; a boundary counts as O."""
    neighbours = np.unique(np.append(0, side) * len(parsed) + np.append(side, 0))
    pairs = [divmod(int(number), len(parsed)) for number in neighbours]
    return tuple(
        name for name in SCHEMES if all(is_allowed(parsed[before], parsed[after], name) for before, after in pairs)
    )
