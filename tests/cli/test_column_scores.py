"""`python -m ner score`: conlleval's own output byte for byte, seqeval's numbers, every scheme, and what is wrong."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from ner.cli.column_scores import (
    Evaluation,
    ScoringError,
    TaggedFile,
    conlleval_report,
    evaluate,
    json_report,
    read_both,
    read_tagged,
)
from ner.cli.commands import main
from ner.core.entity_f1 import Counts
from ner.core.tagscheme import SCHEMES, spans_to_tags, tags_to_spans

DATA = Path(__file__).parents[1] / "data" / "conlleval"
CASES = sorted(path.name.removesuffix(".expected.txt") for path in DATA.glob("*.expected.txt"))
TAG = st.sampled_from(("O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "I-LOC", "L-LOC", "U-LOC"))
PAIRS = st.lists(st.lists(st.tuples(TAG, TAG), min_size=1, max_size=6), min_size=1, max_size=4)


def column(*sentences: str) -> TaggedFile:
    """Tags without tokens, a string a sentence."""
    tags = [tag for sentence in sentences for tag in [*sentence.split(" "), ""]]
    return TaggedFile(Path("x"), [], tags, list(range(1, len(tags) + 1)))


def numbers(evaluation: Evaluation) -> tuple[Counts, dict[str, Counts]]:
    return evaluation.total, evaluation.labels


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["score", *map(str, arguments)])


@pytest.mark.parametrize("case", CASES)
def test_report_is_that_of_conlleval(case: str) -> None:
    done = run(DATA / f"{case}.txt")
    assert done.exit_code == 0
    assert done.stdout == (DATA / f"{case}.expected.txt").read_text(encoding="utf-8")


@given(PAIRS)
def test_counts_are_those_of_the_spans_that_are_read(pairs: list[list[tuple[str, str]]]) -> None:
    """Sentences one by one, by the reader of tags that all other scores use, strictly and as conlleval."""
    sides = [column(*(" ".join(pair[side] for pair in sentence) for sentence in pairs)) for side in (0, 1)]
    for strict in (False, True):
        spans = [
            {
                (number, span.start, span.end, span.label)
                for number, sentence in enumerate(pairs)
                for span in tags_to_spans([pair[side] for pair in sentence], strict=strict)
            }
            for side in (0, 1)
        ]
        found = evaluate(*sides, strict=strict)
        assert found.total == Counts(len(spans[0]), len(spans[1]), len(spans[0] & spans[1]))
        assert found.tokens == sum(map(len, pairs))
        assert found.correct_tokens == sum(one == other for sentence in pairs for one, other in sentence)


@pytest.mark.parametrize(("strict", "mode"), [(False, {}), (True, {"mode": "strict", "scheme": IOB2})])
def test_scores_are_those_of_seqeval(strict: bool, mode: dict[str, object]) -> None:
    gold = ["B-PER I-PER O B-LOC", "B-ORG O B-LOC I-LOC", "B-PER B-PER O"]
    predicted = ["B-PER I-PER O I-LOC", "B-ORG I-LOC B-LOC O", "B-PER I-PER O"]
    report = classification_report(
        *([one.split() for one in side] for side in (gold, predicted)), output_dict=True, zero_division=0, **mode
    )
    ours = json_report(evaluate(column(*gold), column(*predicted), strict=strict))
    for name, key in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
        assert ours[name] == pytest.approx(report["micro avg"][key], abs=1e-5)
        for label in ("LOC", "ORG", "PER"):
            assert ours["labels"][label][name] == pytest.approx(report[label][key], abs=1e-5)


@pytest.mark.parametrize("scheme", [scheme for scheme in SCHEMES if scheme != "IO"])
@pytest.mark.parametrize("other", [scheme for scheme in SCHEMES if scheme != "IO"])
def test_schemes_may_differ(scheme: str, other: str) -> None:
    spans = tags_to_spans(["B-PER", "I-PER", "B-PER", "O", "B-LOC", "I-LOC", "I-LOC", "O", "B-ORG"])
    gold, predicted = (column(" ".join(spans_to_tags(spans, 9, name))) for name in (scheme, other))
    found = evaluate(gold, predicted)
    assert found.total == Counts(4, 4, 4)
    assert scheme in found.gold_schemes
    assert other in found.predicted_schemes


def test_schemes_are_told_across_sentences() -> None:
    """An entity does not go on over a boundary, so the I- behind one is no IOB2."""
    found = evaluate(column("O B-PER", "I-PER O"), column("O B-PER", "B-PER O"))
    assert found.gold_schemes == ()
    assert found.predicted_schemes == ("IOB2",)
    assert found.total == Counts(2, 2, 2)


def test_report_of_hand_counted_entities() -> None:
    found = evaluate(column("B-PER I-PER O", "B-LOC O O O"), column("B-PER I-PER O", "B-PER O B-LOC O"))
    assert conlleval_report(found) == (
        "processed 7 tokens with 2 phrases; found: 3 phrases; correct: 1.\n"
        "accuracy:  71.43%; precision:  33.33%; recall:  50.00%; FB1:  40.00\n"
        "              LOC: precision:   0.00%; recall:   0.00%; FB1:   0.00  1\n"
        "              PER: precision:  50.00%; recall: 100.00%; FB1:  66.67  2\n"
    )


def test_json_has_counts_and_scores(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold", "Ada\tB-PER\nin\tO\n\nOslo\tB-LOC\n")
    predicted = write(tmp_path / "predicted", "Ada\tS-PER\nin\tS-LOC\n\nOslo\tO\n")
    done = run(gold, predicted, "--json")
    assert json.loads(done.stdout) == {
        "tokens": 3,
        "token_accuracy": 0.0,
        "precision": 0.5,
        "recall": 0.5,
        "f1": 0.5,
        "gold": 2,
        "predicted": 2,
        "correct": 1,
        "labels": {
            "LOC": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "gold": 1, "predicted": 1, "correct": 0},
            "PER": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "gold": 1, "predicted": 1, "correct": 1},
        },
        "gold_schemes": ["IOB2"],
        "predicted_schemes": ["IOBES"],
    }


@pytest.mark.parametrize(("percent", "code"), [("66", 0), ("67", 1), ("nan", 2)])
def test_fail_under_is_the_exit_code(tmp_path: Path, percent: str, code: int) -> None:
    both = write(tmp_path / "both", "a B-X B-X\n\nb B-X O\n")
    assert run(both, "--fail-under", percent).exit_code == code


def test_fail_under_the_f1_that_is_there_does_not_fail(tmp_path: Path) -> None:
    right, wrong = "a B-X B-X\n\n" * 57, "a B-X O\n\n" * 43 + "a O B-X\n\n" * 43
    both = write(tmp_path / "both", right + wrong)  # F1 is 57 %, and 100 * 0.57 is less
    assert run(both, "--fail-under", "57").exit_code == 0
    assert run(both, "--fail-under", "57.001").exit_code == 1


@pytest.mark.parametrize(
    "text",
    [
        "a O O\nb B-X B-X\n\nc B-X B-X\n",
        "a\tO\tO\r\nb\tB-X\tB-X\r\n\r\n\r\nc\tB-X\tB-X\r\n\r\n",
        "\ufeffa O O\nb B-X B-X\n \nc B-X B-X",
        "\n\na x y O O\nb x y B-X B-X\n\nc x y B-X B-X\n\n",
        "a b\tO\tO\nb\tB-X\tB-X\n\nc\tB-X\tB-X\n",  # a space in a token
    ],
)
def test_files_may_be_laid_out_in_many_ways(tmp_path: Path, text: str) -> None:
    report = json.loads(run(write(tmp_path / "both", text), "--json").stdout)
    assert (report["tokens"], report["gold"], report["correct"]) == (3, 2, 2)


@pytest.mark.parametrize("ending", ["jsonl", "ndjson"])
def test_json_lines_are_scored_against_columns(tmp_path: Path, ending: str) -> None:
    first, second = '{"tokens": ["a", "b"], "tags": ["U-X", "O"]}', '{"tokens": ["c"], "tags": ["U-X"]}'
    gold = write(tmp_path / f"gold.{ending}", f"{first}\n\n{second}\n")
    predicted = write(tmp_path / "predicted", "-DOCSTART- O\n\na B-X\nb O\n\nc I-X\n")
    assert run(gold, predicted).stdout.startswith("processed 3 tokens with 2 phrases; found: 2 phrases; correct: 2.\n")


def test_document_lines_are_tokens_in_one_file_as_to_conlleval(tmp_path: Path) -> None:
    both = write(tmp_path / "both", "-DOCSTART- O O\n\na B-X B-X\n")
    assert run(both).stdout.startswith("processed 2 tokens with 1 phrases")
    assert read_tagged(both).tags == ["B-X", ""]


BOTH = "a B-X B-X\nb I-X O\n\nc O O\n"


@pytest.mark.parametrize("argument", ["-", "/dev/stdin", "<(cat <&0)"])
def test_one_file_may_be_a_pipe(argument: str) -> None:
    command = ["bash", "-c", f"{sys.executable} -m ner score {argument}"]
    done = subprocess.run(command, input=BOTH.encode(), capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"processed 3 tokens with 1 phrases; found: 1 phrases; correct: 0.\n")


def test_a_pipe_with_a_name_is_opened_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=[BOTH])
    writer.start()
    gold, predicted = read_both(pipe)
    writer.join()
    assert (gold.tags, predicted.tags) == (["B-X", "I-X", "", "O", ""], ["B-X", "O", "", "O", ""])


def test_errors_in_standard_input_name_it() -> None:
    done = CliRunner().invoke(main, ["score", "-"], input="a O O\nb O\n")
    assert done.stderr == "error: standard input:2: expected 3 columns, as above. Received: 2 columns, 'b O'\n"


def test_json_lines_need_a_second_file(tmp_path: Path) -> None:
    done = run(write(tmp_path / "gold.jsonl", '{"tokens": ["a"], "tags": ["O"]}\n'))
    assert (done.exit_code, "expected a second file" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        (
            "a O\nb O\n",
            "a O\nc O\n",
            "expected the same tokens in the same sentences. Received: {0}:2: 'b' and {1}:2: 'c'",
        ),
        ("a O\nb O\n", "a O\n", "expected the same tokens in the same sentences. Received: {0}:2: 'b' and "),
        ("a O\nb O\n", "a O\n\nb O\n", "Received: {0}:2: 'b' and {1}:2: the end of a sentence"),
        ("a O\n\nb PER\n", "a O\n\nb O\n", "{0}:3: expected a tag"),
        ("a O\nb O\n", "a O\nb B-\n", "{1}:2: expected a tag"),
        ("a O\nb\n", "a O\nb O\n", "{0}:2: expected 2 columns, as above. Received: 1"),
        ("a O\n", "\udcff", "{1}:1: expected utf-8. Received: invalid start byte"),
        ("a\tO\nb\t\n", "a\tO\nb\tO\n", "{0}:2: expected a token, and a tag in each column of tags. Received: 'b\\t'"),
    ],
)
def test_what_cannot_be_scored_is_told_in_a_line(tmp_path: Path, gold: str, predicted: str, message: str) -> None:
    paths = [tmp_path / "gold", tmp_path / "predicted"]
    for path, text in zip(paths, (gold, predicted), strict=True):
        path.write_bytes(text.encode(errors="surrogateescape"))
    done = run(*paths)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert message.format(*paths) in done.stderr


NESTED = f'{{"tokens": {"[" * 100_000}'


@pytest.mark.parametrize("line", ["{", '{"tokens": ["a"]}', '{"tokens": ["a"], "tags": []}', "7", NESTED])
def test_json_lines_need_a_tag_a_token(tmp_path: Path, line: str) -> None:
    with pytest.raises(ScoringError, match=r"gold\.jsonl:1: expected tokens and as many tags"):
        read_tagged(write(tmp_path / "gold.jsonl", line))


def test_json_lines_have_no_empty_tag(tmp_path: Path) -> None:
    with pytest.raises(ScoringError, match=r"gold\.jsonl:1: expected a tag for each token. Received: an empty one"):
        read_tagged(write(tmp_path / "gold.jsonl", '{"tokens": ["a", "b"], "tags": ["", "B-X"]}'))


def test_one_file_needs_two_columns_of_tags(tmp_path: Path) -> None:
    done = run(write(tmp_path / "gold", "O\n"))
    assert (done.exit_code, done.stderr) == (
        2,
        f"error: {tmp_path / 'gold'}: expected 2 columns or more. Received: 1\n",
    )


def test_strict_reads_iob2_and_wants_it_in_gold(tmp_path: Path) -> None:
    lenient_only = write(tmp_path / "both", "a B-X I-X\n")
    assert "correct: 1" in run(lenient_only).stdout
    assert "correct: 0" in run(lenient_only, "--strict").stdout
    done = run(write(tmp_path / "iobes", "a S-X S-X\n"), "--strict")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "expects valid IOB2. Received: tags of IOBES" in done.stderr


def test_nothing_at_all_scores_zero(tmp_path: Path) -> None:
    assert run(write(tmp_path / "empty", "")).stdout == (
        "processed 0 tokens with 0 phrases; found: 0 phrases; correct: 0.\n"
        "accuracy:   0.00%; precision:   0.00%; recall:   0.00%; FB1:   0.00\n"
    )


class Compared(str):
    """Text that counts how often it is compared, and so are its parts."""

    __slots__ = ()
    __hash__ = str.__hash__
    count = 0

    def __eq__(self, other: object) -> bool:
        Compared.count += 1
        return str.__eq__(self, other)

    def partition(self, separator: str) -> tuple[str, str, str]:
        before, between, after = super().partition(separator)
        return before, between, Compared(after)


def test_work_grows_with_the_number_of_labels_and_not_with_its_square() -> None:
    counts = []
    for size in (200, 400):
        tags = [Compared(tag) for number in range(size) for tag in (f"B-{size}-{number}", "")]
        side = TaggedFile(Path("x"), [], tags, [*range(2 * size)])
        Compared.count = 0
        assert evaluate(side, side).total == Counts(size, size, size)
        counts.append(Compared.count)
    assert 0 < counts[1] <= 3 * counts[0]
