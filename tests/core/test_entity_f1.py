"""Entity counts and scores, compared with conlleval's own output, with seqeval, and with counts by hand.

`data/conlleval/<case>.txt` holds invented lines `token gold predicted`; `<case>.expected.txt` is what the conlleval
script, version 2004-01-26, printed for them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import precision_recall_fscore_support
from seqeval.metrics.v1 import precision_recall_fscore_support as strict_precision_recall_fscore_support
from seqeval.scheme import IOB2

from ner.core.entity_f1 import Counts, Score, count_entities, entity_f1, score
from ner.core.predictions import TaggedSentence
from ner.evaluation.report import metrics

DATA = Path(__file__).parents[1] / "data" / "conlleval"
CASES = sorted(path.stem for path in DATA.glob("*.txt") if not path.stem.endswith(".expected"))
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-JOB-TITLE", "I-JOB-TITLE")
Tags = list[str]


@dataclass(frozen=True)
class Printed:
    """One line of scores as conlleval prints it, in percent; `found` counts predicted entities."""

    precision: str
    recall: str
    f1: str
    found: int


@dataclass(frozen=True)
class Conlleval:
    """The parsed output of the conlleval script."""

    tokens: int
    counts: Counts
    accuracy: str
    overall: Printed
    labels: dict[str, Printed]


def read_case(case: str) -> list[TaggedSentence]:
    blocks = (DATA / f"{case}.txt").read_text(encoding="utf-8").strip().split("\n\n")
    sentences = []
    for block in blocks:
        tokens, gold, predicted = zip(*(line.split(" ") for line in block.split("\n")), strict=True)
        sentences.append(TaggedSentence(tokens, gold, predicted, (1.0,) * len(tokens), (1.0,) * len(tokens)))
    return sentences


def read_expected(case: str) -> Conlleval:
    first, second, *rest = (DATA / f"{case}.expected.txt").read_text(encoding="utf-8").splitlines()
    tokens, gold, found, correct = map(int, re.findall(r"\d+", first))
    accuracy, precision, recall, f1 = re.findall(r"[\d.]+", second.replace("FB1", ""))
    labels = {}
    for line in rest:
        label, *scores, number = re.fullmatch(
            r" *(\S+): precision: +([\d.]+)%; recall: +([\d.]+)%; FB1: +([\d.]+)  (\d+)", line
        ).groups()
        labels[label] = Printed(*scores, int(number))
    return Conlleval(tokens, Counts(gold, found, correct), accuracy, Printed(precision, recall, f1, found), labels)


def add_up(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], *, strict: bool) -> Counts:
    total = Counts()
    for one, other in zip(gold, predicted, strict=True):
        total = total.plus(count_entities(one, other, strict=strict))
    return total


def only(label: str, sentences: Sequence[Sequence[str]]) -> list[Tags]:
    """Replace the tags of all other labels by O."""
    return [[tag if tag[2:] == label else "O" for tag in tags] for tags in sentences]


def printed(scores: Score, found: int) -> Printed:
    return Printed(*(f"{100 * value:.2f}" for value in (scores.precision, scores.recall, scores.f1)), found)


def numbers_of(scores: Score) -> tuple[float, float, float]:
    return scores.precision, scores.recall, scores.f1


def labels_of(*sides: Sequence[Sequence[str]]) -> list[str]:
    return sorted({tag[2:] for side in sides for tags in side for tag in tags if tag != "O"})


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> str:
    return request.param


def test_conlleval_cases_are_all_there() -> None:
    assert CASES == [
        "adjacent_entities",
        "hyphenated_labels",
        "invalid_predictions",
        "iob1",
        "no_entities",
        "no_predictions",
        "valid_iob2",
    ]


def test_lenient_counts_equal_conlleval(case: str) -> None:
    sentences = read_case(case)
    gold, predicted = [one.gold for one in sentences], [one.predicted for one in sentences]
    assert add_up(gold, predicted, strict=False) == read_expected(case).counts


def test_lenient_score_equals_conlleval(case: str) -> None:
    sentences, expected = read_case(case), read_expected(case)
    counts = add_up([one.gold for one in sentences], [one.predicted for one in sentences], strict=False)
    assert printed(score(counts), counts.predicted) == expected.overall


def test_lenient_score_by_label_equals_conlleval(case: str) -> None:
    sentences, expected = read_case(case), read_expected(case)
    gold, predicted = [one.gold for one in sentences], [one.predicted for one in sentences]
    by_label = {
        label: add_up(only(label, gold), only(label, predicted), strict=False) for label in labels_of(gold, predicted)
    }
    assert {label: printed(score(counts), counts.predicted) for label, counts in by_label.items()} == expected.labels


def test_seqeval_default_mode_equals_conlleval(case: str) -> None:
    sentences, expected = read_case(case), read_expected(case)
    gold, predicted = [list(one.gold) for one in sentences], [list(one.predicted) for one in sentences]
    *scores, support = precision_recall_fscore_support(gold, predicted, average="micro", zero_division=0)
    assert printed(Score(*map(float, scores)), expected.counts.predicted) == expected.overall
    assert support == expected.counts.gold


def test_seqeval_default_mode_by_label_equals_conlleval(case: str) -> None:
    sentences, expected = read_case(case), read_expected(case)
    gold, predicted = [list(one.gold) for one in sentences], [list(one.predicted) for one in sentences]
    *scores, _ = precision_recall_fscore_support(gold, predicted, average=None, zero_division=0)
    found = [expected.labels[label].found for label in labels_of(gold, predicted)]
    assert [printed(Score(*values), number) for *values, number in zip(*scores, found, strict=True)] == [
        expected.labels[label] for label in labels_of(gold, predicted)
    ]


def test_metrics_conlleval_f1_equals_conlleval(case: str) -> None:
    assert f"{100 * metrics(read_case(case))['conlleval_f1']:.2f}" == read_expected(case).overall.f1


def test_metrics_token_accuracy_equals_conlleval(case: str) -> None:
    assert f"{100 * metrics(read_case(case))['token_accuracy']:.2f}" == read_expected(case).accuracy


@st.composite
def corpora(draw: st.DrawFn) -> tuple[list[Tags], list[Tags]]:
    """Draw gold and predicted tags, in any order, valid or not; most predicted tags equal the gold ones."""
    gold, predicted = [], []
    for length in draw(st.lists(st.integers(1, 8), min_size=1, max_size=5)):
        tags = draw(st.lists(st.sampled_from(TAGS), min_size=length, max_size=length))
        changes = draw(st.lists(st.sampled_from((None, None, *TAGS)), min_size=length, max_size=length))
        gold.append(tags)
        predicted.append([change or tag for tag, change in zip(tags, changes, strict=True)])
    return gold, predicted


@given(corpora())
def test_strict_score_equals_seqeval(corpus: tuple[list[Tags], list[Tags]]) -> None:
    counts = add_up(*corpus, strict=True)
    *scores, support = strict_precision_recall_fscore_support(*corpus, average="micro", scheme=IOB2, zero_division=0)
    assert numbers_of(score(counts)) == pytest.approx(tuple(map(float, scores)), abs=1e-12)
    assert counts.gold == support


@given(corpora())
def test_strict_score_by_label_equals_seqeval(corpus: tuple[list[Tags], list[Tags]]) -> None:
    table = strict_precision_recall_fscore_support(*corpus, average=None, scheme=IOB2, zero_division=0)
    by_label = [add_up(*(only(label, side) for side in corpus), strict=True) for label in labels_of(*corpus)]
    found = [counts for counts in by_label if counts.gold or counts.predicted]  # seqeval lists no other label
    rows = [(*numbers_of(score(counts)), counts.gold) for counts in found]
    assert rows == [pytest.approx(tuple(map(float, row)), abs=1e-12) for row in np.transpose(table)]


@given(corpora())
def test_lenient_score_equals_seqeval(corpus: tuple[list[Tags], list[Tags]]) -> None:
    counts = add_up(*corpus, strict=False)
    *scores, support = precision_recall_fscore_support(*corpus, average="micro", zero_division=0)
    assert numbers_of(score(counts)) == pytest.approx(tuple(map(float, scores)), abs=1e-12)
    assert counts.gold == support


@given(corpora())
def test_lenient_score_by_label_equals_seqeval(corpus: tuple[list[Tags], list[Tags]]) -> None:
    table = precision_recall_fscore_support(*corpus, average=None, zero_division=0)
    by_label = [add_up(*(only(label, side) for side in corpus), strict=False) for label in labels_of(*corpus)]
    rows = [(*numbers_of(score(counts)), counts.gold) for counts in by_label]
    assert rows == [pytest.approx(tuple(map(float, row)), abs=1e-12) for row in np.transpose(table)]


@given(corpora(), st.booleans())
def test_counts_of_labels_add_up_to_counts(corpus: tuple[list[Tags], list[Tags]], strict: bool) -> None:
    by_label = [add_up(*(only(label, side) for side in corpus), strict=strict) for label in labels_of(*corpus)]
    assert tuple(map(sum, zip(Counts(), *by_label, strict=True))) == add_up(*corpus, strict=strict)


def test_counts_plus_adds_each_number() -> None:
    assert Counts(gold=1, predicted=2, correct=3).plus(Counts(gold=10, predicted=20, correct=30)) == Counts(11, 22, 33)


def test_counts_start_at_nothing() -> None:
    assert Counts() == (0, 0, 0)


@pytest.mark.parametrize(
    ("gold", "predicted", "strict", "lenient"),
    [
        ("B-PER I-PER O", "B-PER I-PER O", (1, 1, 1), (1, 1, 1)),
        ("B-PER I-PER O", "B-PER O O", (1, 1, 0), (1, 1, 0)),  # another end
        ("B-PER I-PER O", "O B-PER O", (1, 1, 0), (1, 1, 0)),  # another start
        ("B-PER I-PER O", "B-LOC I-LOC O", (1, 1, 0), (1, 1, 0)),  # another label
        ("B-PER I-PER O", "I-PER I-PER O", (1, 0, 0), (1, 1, 1)),  # no beginning
        ("B-PER I-PER O", "B-PER I-LOC O", (1, 1, 0), (1, 2, 0)),  # the label changes inside
        ("B-PER O O", "B-PER I-LOC O", (1, 1, 1), (1, 2, 1)),
        ("B-PER B-PER O", "B-PER I-PER O", (2, 1, 0), (2, 1, 0)),  # two that touch
        ("O O", "O O", (0, 0, 0), (0, 0, 0)),
        ("", "", (0, 0, 0), (0, 0, 0)),
    ],
)
def test_count_entities_counts(
    gold: str, predicted: str, strict: tuple[int, int, int], lenient: tuple[int, int, int]
) -> None:
    assert count_entities(gold.split(), predicted.split(), strict=True) == strict
    assert count_entities(gold.split(), predicted.split(), strict=False) == lenient


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(gold=4, predicted=2, correct=1), Score(0.5, 0.25, 1 / 3)),
        (Counts(gold=3, predicted=3, correct=3), Score(1.0, 1.0, 1.0)),
        (Counts(gold=3, predicted=0, correct=0), Score(0.0, 0.0, 0.0)),
        (Counts(gold=0, predicted=3, correct=0), Score(0.0, 0.0, 0.0)),
        (Counts(gold=3, predicted=3, correct=0), Score(0.0, 0.0, 0.0)),
        (Counts(gold=0, predicted=0, correct=0), Score(0.0, 0.0, 0.0)),
    ],
)
def test_score_is_zero_where_undefined(counts: Counts, expected: Score) -> None:
    assert score(counts) == expected


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        ([["B-PER", "O"], ["B-LOC"]], [["B-PER", "O"], ["B-LOC"]], 1.0),
        ([["B-PER", "O"], ["B-LOC"]], [["B-PER", "O"], ["I-LOC"]], 2 / 3),  # strict: a lone I- is no entity
        ([["B-PER"], ["B-PER"]], [["B-PER"], ["B-LOC"]], 0.5),
        ([["O"]], [["O"]], 0.0),
        ([], [], 0.0),
    ],
)
def test_entity_f1_is_strict_over_all_sentences(gold: list[Tags], predicted: list[Tags], expected: float) -> None:
    assert entity_f1(gold, predicted) == pytest.approx(expected)


def test_entity_f1_needs_a_prediction_for_every_sentence() -> None:
    with pytest.raises(ValueError, match="zip"):
        entity_f1([["O"], ["O"]], [["O"]])
