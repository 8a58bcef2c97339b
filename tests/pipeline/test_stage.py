"""The command line that all stages share."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ner.pipeline.stage import quiet_import

ROOT = Path(__file__).parents[2]


def run(stage: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NER_MIRROR": ""}
    command = [sys.executable, "-m", f"stages.{stage}", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


STAGES = sorted(path.stem for path in ROOT.glob("stages/[a-z]*.py"))
HELP = """
import contextlib, io, json, runpy, sys
told = {}
for stage in sys.argv[1:]:
    sys.argv = [stage, "--help"]
    with contextlib.redirect_stdout(io.StringIO()) as told[stage]:
        try:
            runpy.run_module(f"stages.{stage}", run_name="__main__")
        except SystemExit as ended:
            assert ended.code == 0, stage
print(json.dumps({stage: said.getvalue() for stage, said in told.items()}))
"""


@pytest.fixture(scope="module")
def explained() -> dict[str, str]:
    """What each stage prints at `--help`; by one process, since most load TensorFlow."""
    done = subprocess.run([sys.executable, "-c", HELP, *STAGES], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told: dict[str, str] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("stage", STAGES)
def test_stage_explains_itself(stage: str, explained: dict[str, str]) -> None:
    assert "->" in explained[stage]


@pytest.mark.parametrize("stage", ["download", "preprocess", "evaluate"])
def test_stage_answers_an_unknown_name_with_those_there_are(stage: str) -> None:
    done = run(stage, "gbm")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ")
    assert "gmb" in done.stderr
    assert done.stderr.endswith("Received: 'gbm'\n")


@pytest.mark.parametrize("arguments", [[], ["training"], ["__main__", "demo-news"]])
def test_stages_are_named_if_none_is_asked_for(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "stages", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith(f": {', '.join(STAGES)}\n")


def test_stage_checks_all_of_params_first(tmp_path: Path) -> None:
    params = (ROOT / "params.yaml").read_text(encoding="utf-8")
    broken = params.replace("learning_rate: 0.002", "learning_rate: 1e-3")  # of runs, which download does not read
    (tmp_path / "params.yaml").write_text(broken, encoding="utf-8")
    done = run("download", "demo-news", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "error: training.r1.learning_rate: "
        "expected a number (YAML reads 1e-3 as text: write 1.0e-3). Received: '1e-3'\n"
    )
    assert not (tmp_path / "data").exists()


def test_stage_says_where_a_missing_local_file_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    done = run("download", "demo-news", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: samples/news/news.csv: no such file")


def test_stage_says_what_makes_a_file_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    done = run("compare", "demo", cwd=tmp_path)
    missing = "data/scores/demo-news/metrics.json"
    assert done.returncode == 1
    assert done.stderr == f"error: {missing}: no such file; `dvc repro` makes what stages read\n"


def test_stage_says_in_one_line_that_a_corpus_is_too_small_to_cut(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    news = tmp_path / "data/raw/demo-news/news.csv"
    news.parent.mkdir(parents=True)
    news.write_text("Sentence #,Word,POS,Tag\nSentence: 1,Nora,NNP,B-per\n", encoding="utf-8")
    done = run("preprocess", "demo-news", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "error: expected enough sentences to cut 0.1 and 0.2 from. Received: 1\n"


@pytest.mark.parametrize(("dev", "lookup", "seen", "unseen"), [("choose", 0.66667, 1, 1), ("train", 1, 1, 0)])
def test_evaluate_takes_dev_for_known_if_it_was_trained_on(
    tmp_path: Path, dev: str, lookup: float, seen: float, unseen: float
) -> None:
    """Oslo stands in train, Rome in dev alone."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["training"]["demo"]["dev"] = dev
    files = {
        "params.yaml": yaml.safe_dump(params),
        "data/sentences/demo-news/train.conll": "Oslo\tB-geo\n\n",
        "data/sentences/demo-news/dev.conll": "Rome\tB-geo\n\n",
        "data/predictions/demo-news/test.tsv": "".join(f"{city}\tB-geo\tB-geo\t1\t1\n\n" for city in ("Oslo", "Rome")),
        "metrics/corpora/demo-news.json": '{"files": {"train": {"tags_repaired": {}}}}',
        "plots/demo-news/learning_curve.csv": "epoch,loss,dev_entity_f1\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = run("evaluate", "demo-news", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "metrics/demo-news.json").read_bytes())
    assert (found["lookup_f1"], found["seen_f1"], found["unseen_f1"]) == (lookup, seen, unseen)


def test_what_scores_and_shows_needs_no_tensorflow() -> None:
    modules = "stages.evaluate, stages.compare, ner.cli.commands, ner.evaluation.error_page, "
    modules += "ner.reports.experiments, ner.reports.readme, ner.reports.summary"
    code = f"import sys, {modules}; print({{'tensorflow', 'keras', 'gensim', 'dvc'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_quiet_import_hides_what_is_printed_and_not_what_is_raised(capfd: pytest.CaptureFixture[str]) -> None:
    def noisy_import() -> None:
        with quiet_import():
            os.write(2, b"noise")
            raise ImportError("no such module")

    with pytest.raises(ImportError, match="no such module"):
        noisy_import()
    os.write(2, b"voice")
    assert capfd.readouterr().err == "voice"
