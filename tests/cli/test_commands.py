"""`ner` as a shell runs it: exit status, both streams, pipes that end, Ctrl-C."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from ner.cli.commands import main, tagger_directory
from ner.service.limits import Limits

SENTENCE = "Kofi Annan visited Berlin.\n"


def ner(*arguments: object, given: str | bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "ner", *map(str, arguments)],
        input=given.encode() if isinstance(given, str) else given,
        capture_output=True,
        cwd=cwd,
        check=False,
    )


@pytest.fixture(scope="module")
def news(tagger_directory: Path) -> Path:
    return tagger_directory


def test_tag_reads_standard_input(news: Path) -> None:
    done = ner("tag", "-m", news, given=SENTENCE)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, "[per Kofi Annan] visited [geo Berlin].\n", b"")


def test_tag_reads_files_in_the_format_that_their_names_say(news: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Kofi Annan left."}\n', encoding="utf-8")
    (tmp_path / "b.conll").write_text("Kofi\nAnnan\n", encoding="utf-8")
    (tmp_path / "c.txt").write_text(SENTENCE, encoding="utf-8")
    done = ner("tag", "-m", news, *sorted(tmp_path.iterdir()))
    first, *rest = done.stdout.decode().splitlines()
    assert json.loads(first)["entities"][0]["text"] == "Kofi Annan"
    assert rest == ["Kofi B-per", "Annan I-per", "", "[per Kofi Annan] visited [geo Berlin]."]


@pytest.mark.parametrize(("ending", "gap"), [("", "\n\n"), ("\n", "\n"), ("\n\n", ""), ("\r\n \r\n", "")])
def test_files_of_columns_stay_apart(news: Path, tmp_path: Path, ending: str, gap: str) -> None:
    for name in ("a.conll", "b.conll"):
        (tmp_path / name).write_bytes(f"Berlin{ending}".encode())
    done = ner("tag", "-m", news, tmp_path / "a.conll", tmp_path / "b.conll")
    tagged = f"Berlin B-geo{ending}"
    assert done.stdout.decode() == f"{tagged}{gap}{tagged}"


def test_tagged_columns_can_be_scored(news: Path) -> None:
    gold = "Kofi B-per\nAnnan I-per\nleft O\n\nIn O\nBerlin B-geo\n\n"
    tagged = ner("tag", "-m", news, "--from", "conll", given=gold)
    scored = ner("score", "-", given=tagged.stdout)
    assert scored.returncode == 0
    assert "phrases" in scored.stdout.decode()


def test_a_bad_line_is_told_once_and_what_was_read_before_is_written(news: Path) -> None:
    given = '{"text": "Kofi Annan left."}\n' * 2100 + "{\n"
    done = ner("tag", "-m", news, "--from", "jsonl", given=given)
    assert done.returncode == 2
    assert done.stderr.decode().startswith("error: standard input:2101: expected a JSON object. Received: '{'")
    assert done.stderr.count(b"\n") == 1
    assert done.stdout.count(b"\n") == 2100


def test_the_end_of_the_pipe_is_quiet(news: Path, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text(SENTENCE * 30_000, encoding="utf-8")
    command = f"{sys.executable} -m ner tag -m {news} {tmp_path / 'long.txt'} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
    assert (done.stdout.decode().splitlines(), done.stderr) == (["[per Kofi Annan] visited [geo Berlin].", "141"], b"")


@pytest.mark.parametrize("command", ["tag", "show"])
def test_a_full_disk_is_told_in_one_line(news: Path, tmp_path: Path, command: str) -> None:
    (tmp_path / "long.txt").write_text(SENTENCE * 300, encoding="utf-8")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ner", command, "-m", news, tmp_path / "long.txt"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, b"error: output: No space left on device\n")


@pytest.fixture
def scored(tmp_path: Path) -> Path:
    """A folder with a file to score, and with predictions of a run named `mine`."""
    (tmp_path / "both").write_text("a O O\nb B-X B-X\n", encoding="utf-8")
    (tmp_path / "data/predictions/mine").mkdir(parents=True)
    (tmp_path / "data/predictions/mine/test.tsv").write_text("a\tO\tB-X\t0.9\t0.9\n\n", encoding="utf-8")
    return tmp_path


def shell(line: str, folder: Path) -> tuple[int, str]:
    """Run `ner` as a shell does, in a folder; return the exit status and standard error."""
    command = ["bash", "-c", line.replace("ner ", f"PYTHONPATH={Path.cwd()} {sys.executable} -m ner ", 1)]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("command", ["ner score both", "ner score both --json", "ner errors mine"])
def test_what_cannot_be_written_is_told_in_one_line(scored: Path, command: str) -> None:
    assert shell(command, scored) == (0, "")
    assert shell(f"{command} >/dev/full", scored) == (2, "error: output: No space left on device\n")
    closed = "error: standard output: expected an open one. Received: a closed one\n"
    assert shell(f"{command} >&-", scored) == (2, closed)


def test_closed_input_is_told_in_one_line(news: Path, scored: Path) -> None:
    closed = (2, "error: standard input: expected an open one. Received: a closed one\n")
    assert shell("ner score - <&-", scored) == closed
    assert shell(f"ner tag -m {news} <&-", scored) == closed


def test_closed_output_and_errors_of_tag(news: Path, scored: Path) -> None:
    closed = "error: standard output: expected an open one. Received: a closed one\n"
    assert shell(f"ner tag -m {news} both >&-", scored) == (2, closed)
    assert shell(f"ner show -m {news} both >&-", scored) == (2, closed)
    assert shell(f"ner tag -m {news} both 2>&-", scored) == (0, "")


@pytest.mark.parametrize("line", ["a\tO\tO\tx\t0.5", "a\tO\tO\t0.5\tnan", "a\tQ\tO\t0.5\t0.5", "a\tO", "\udcff"])
def test_damaged_predictions_are_told_in_one_line(scored: Path, line: str) -> None:
    path = Path("data/predictions/mine/test.tsv")
    (scored / path).write_bytes(f"a\tO\tO\t1\t0\n\n{line}\n".encode(errors="surrogateescape"))
    status, told = shell("ner errors mine", scored)
    assert (status, told.count("\n")) == (2, 1)
    assert told.startswith(f"error: {path}:3: expected ")


def test_characters_that_the_output_lacks_are_told_in_one_line(news: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ner", "show", "-m", news],
        input="Kofi Annan \u0642\u0627\u0644.\n".encode(),
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == b"error: output: expected characters that latin-1 has; PYTHONIOENCODING=utf-8 writes all\n"


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7"])
def test_an_address_that_is_not_ours_is_told_in_one_line(news: Path, host: str) -> None:
    done = ner("serve", "-m", news, "--host", host, "--port", "0", "--log-file", "")
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert done.stderr.startswith(f"error: {host}:0: ".encode())


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_is_quiet(news: Path) -> None:
    command = [sys.executable, "-m", "ner", "tag", "-m", str(news)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"It rained.\n" * 2_100)  # more than it reads before it tags
    process.stdin.flush()
    assert process.stdout.readline() == b"It rained.\n"  # it has begun, and will wait for more
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (130, b"")


def test_somebody_who_types_has_an_answer_to_each_line(news: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ner", "tag", "-m", str(news)]
    process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    os.close(theirs)
    assert process.stdout
    os.write(ours, SENTENCE.encode())
    assert process.stdout.readline() == b"[per Kofi Annan] visited [geo Berlin].\n"
    os.write(ours, b"\x04")  # end of input
    assert process.wait(timeout=120) == 0
    os.close(ours)
    process.stdout.close()


def test_a_tagger_that_is_not_there_is_answered_with_those_that_are(
    news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["tag", "-m", "nope"], input="")
    assert (done.exit_code, "there is none yet; `dvc pull -r released release`" in done.output) == (2, True)
    (tmp_path / "released").mkdir()
    (tmp_path / "released/mine").symlink_to(news)
    done = CliRunner().invoke(main, ["tag", "-m", "nope"], input="")
    assert (done.exit_code, "no tagger nope: there are mine;" in done.output) == (2, True)
    assert tagger_directory("mine") == Path("released/mine")


def test_a_damaged_tagger_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "tagger.json").write_text("{", encoding="utf-8")
    done = ner("tag", "-m", tmp_path)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert done.stderr.startswith(f"error: {tmp_path}: expected an exported tagger".encode())


def test_show_writes_labels_and_confidence_and_no_colour_into_a_pipe(news: Path) -> None:
    out = ner("show", "-m", news, given=SENTENCE).stdout.decode()
    assert out.startswith("[Kofi Annan per ")
    assert "\x1b" not in out


def test_show_html_escapes_the_text_and_runs_from_right_to_left(news: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = ner("show", "-m", news, "--html", page, given="<script>alert(1)</script> Kofi Annan\n")
    assert (done.returncode, done.stdout) == (0, b"")
    html = page.read_text(encoding="utf-8")
    assert "<script>" not in html
    assert '<meta charset="utf-8">' in html.partition("</head>")[0]
    assert "Kofi Annan" in html
    settings = json.loads((news / "tagger.json").read_text(encoding="utf-8")) | {"language": "ar"}
    arabic = tmp_path / "arabic"
    subprocess.run(["cp", "-r", news, arabic], check=True)
    (arabic / "tagger.json").write_text(json.dumps(settings), encoding="utf-8")
    ner("show", "-m", arabic, "--html", page, given=SENTENCE)
    assert "direction: rtl" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [[], ["tag"], ["show"], ["score"], ["errors"], ["serve"]])
def test_help_needs_no_tagger_and_has_examples(command: list[str]) -> None:
    done = CliRunner().invoke(main, [*command, "--help"])
    assert done.exit_code == 0
    assert "Usage: " in done.output


def test_help_of_serve_states_the_limits_of_the_service() -> None:
    helps = {option.name: str(getattr(option, "help", "")) for option in main.commands["serve"].params}
    limits = {field.name: field.default for field in fields(Limits) if field.name in helps}
    stated = {name: re.findall(r"\[default: (.+)\]$", helps[name]) for name in limits}
    assert len(limits) == 6
    assert {name: [float(number) for number in numbers] for name, numbers in stated.items()} == {
        name: [default] for name, default in limits.items()
    }


def test_help_imports_nothing_slow() -> None:
    slow = "{'numpy', 'onnxruntime', 'pandas', 'tensorflow', 'spacy'}"
    code = f"import sys, ner.cli.commands; assert not {slow} & set(sys.modules), {slow} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
