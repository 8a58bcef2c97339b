"""The table of committed scores, as `make show` prints it."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def show(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ner.reports.summary", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_all_runs_are_shown_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics/summary.json").write_bytes((ROOT / "metrics/summary.json").read_bytes())
    done = show(cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    rows = {
        cells[1].strip(): cells[2].strip() for line in done.stdout.splitlines() if len(cells := line.split("│")) > 3
    }
    runs = json.loads((ROOT / "metrics/summary.json").read_bytes())["runs"]
    assert rows == {run: f"{row['entity_f1']:.2%}" for run, row in runs.items()}
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["summary.json"]


def test_what_was_not_made_is_told_in_one_line(tmp_path: Path) -> None:
    done = show("demo", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: metrics/demo.json: no such file; `dvc repro` makes it")
    assert done.stderr.count("\n") == 1


def test_other_tables_are_refused(tmp_path: Path) -> None:
    done = show("transfer", cwd=tmp_path)
    assert done.returncode == 2
    assert "invalid choice: 'transfer'" in done.stderr
