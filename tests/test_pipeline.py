"""dvc.yaml against the code: a stage depends on the rooms that it reaches. And, slowly, the demo in fresh clones."""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.file_server import serving

ROOT = Path(__file__).parents[1]
RESULTS_ALONE = {f"ner/{room}" for room in ("evaluation", "reports", "cli", "service", "doctor", "pipeline")}
# The other modules load without Keras, which takes seconds, and with what requirements/serve.txt names if they serve.
KERAS = r"encoders/network\b|model/(?!parameters\b)|training/|tagger/onnx_export\b"
WITH_KERAS = re.compile(rf"ner/({KERAS})")
PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("ner/**/*.py"))
DOCSTRING = ast.get_docstring(ast.parse((ROOT / "ner/__init__.py").read_text(encoding="utf-8"))) or ""
ROOMS = [f"ner/{room}" for room in re.findall(r"^    (\w+)/ ", DOCSTRING, re.MULTILINE)]


def imports_of(module: str) -> Iterator[str]:
    """Files of `ner` and `stages` that `module` itself imports, as paths; `__init__.py` files import nothing."""
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            imported = f"{name.replace('.', '/')}.py"
            if name.startswith(("ner.", "stages.")) and (ROOT / imported).exists():
                yield imported


def modules_reached(script: str) -> set[str]:
    """What it imports, directly or not, but for ner/pipeline/, which can stop a stage and not change what it makes."""
    found: set[str] = set()
    waiting = [script]
    while waiting:
        new = {module for module in imports_of(waiting.pop()) if not module.startswith("ner/pipeline/")} - found
        found |= new
        waiting += new
    return found


def room_of(module: str) -> str:
    return "/".join(module.split("/")[:2])


def code_deps(stage: str) -> tuple[str, set[str]]:
    """Its script, and what `deps` names of the code beside it."""
    entry = PIPELINE[stage].get("do", PIPELINE[stage])
    command = entry["cmd"] if isinstance(entry["cmd"], str) else entry["cmd"][0]
    script = f"stages/{command.removeprefix('sh stages/run ').split()[0]}.py"
    return script, {dep for dep in entry["deps"] if dep.startswith(("ner/", "stages/"))} - {script}


@pytest.mark.parametrize("stage", PIPELINE)
def test_stage_depends_on_the_rooms_that_it_reaches(stage: str) -> None:
    script, rooms = code_deps(stage)
    assert script in PIPELINE[stage].get("do", PIPELINE[stage])["deps"]
    assert rooms == {room_of(module) for module in modules_reached(script)}


@pytest.mark.parametrize("stage", PIPELINE)
def test_stage_that_trains_depends_on_nothing_that_only_looks_at_results(stage: str) -> None:
    _, rooms = code_deps(stage)
    assert "ner/training" not in rooms or not rooms & RESULTS_ALONE
    assert "ner/pipeline" not in rooms


def test_training_goes_on_only_where_the_code_it_depends_on_is_the_same() -> None:
    found = re.search(
        r"^ROOMS = (\(.*?\))", (ROOT / "ner/training/making.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found
    assert {f"ner/{room}" for room in ast.literal_eval(found[1])} == code_deps("train")[1]


@pytest.mark.parametrize("stage", PIPELINE)
def test_stage_says_what_it_does(stage: str) -> None:
    assert PIPELINE[stage].get("do", PIPELINE[stage])["desc"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("stages/*.py")), ids=lambda path: path.stem)
def test_stage_imports_no_other_stage(path: Path) -> None:
    assert not [module for module in modules_reached(f"stages/{path.name}") if module.startswith("stages/")]


@pytest.mark.parametrize("path", sorted(ROOT.glob("ner/**/__init__.py")), ids=lambda path: path.parent.name)
def test_package_holds_a_docstring_alone(path: Path) -> None:
    (only,) = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(only, ast.Expr)
    assert isinstance(only.value, ast.Constant)
    assert "\n" not in str(only.value.value) or path.parent.name == "ner"


def test_every_module_lies_in_a_room() -> None:
    assert sorted({room_of(module) for module in MODULES}) == sorted([*ROOMS, "ner/__init__.py", "ner/__main__.py"])
    assert len(set(ROOMS)) == len(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_room_imports_from_itself_and_those_before_it(room: str) -> None:
    """In one order for all, so their graph has no cycle."""
    allowed = ROOMS[: ROOMS.index(room) + 1]
    for module in (module for module in MODULES if room_of(module) == room):
        assert not [imported for imported in imports_of(module) if room_of(imported) not in allowed], module


def test_modules_that_need_no_keras_leave_it_unloaded() -> None:
    light = [module.removesuffix(".py").replace("/", ".") for module in MODULES if not WITH_KERAS.match(module)]
    code = f"import sys, importlib\nfor name in {light!r}: importlib.import_module(name)\n"
    code += "sys.exit(', '.join({'tensorflow', 'keras'} & set(sys.modules)) or 0)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def fresh_clone(to: Path) -> Path:
    """The project's files as they are in the working tree, committed in a new repository; no cache, no models."""
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, to / name)
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "clone"]):
        subprocess.run(["git", *command], cwd=to, check=True)
    return to


def dvc(clone: Path, *arguments: str) -> str:
    """Runs dvc in `clone` with this interpreter's environment first on the path; its output, all of it if it fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(command, cwd=clone, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_committed_results_are_those_of_this_code(tmp_path: Path) -> None:
    said = dvc(fresh_clone(tmp_path), "repro", "--allow-missing", "--dry")
    assert "Running stage" not in said, said
    assert "Data and pipelines are up to date" in said


def test_git_holds_neither_corpora_nor_models() -> None:
    listed = subprocess.check_output(["git", "ls-files", "data", "models"], cwd=ROOT, text=True)
    assert listed.split() == ["data/README.md", "data/embeddings/none/.gitkeep", "models/README.md"]


@pytest.mark.slow
def test_own_corpus_takes_ten_lines_of_params(tmp_path: Path) -> None:
    clone = fresh_clone(tmp_path)
    people, places = ("Ada", "Grace", "Alan", "Edsger"), ("Oslo", "Rome", "Bergen")
    lines = [
        f'{{"text": "{who} left {where} on day {day}.", "label": [[0, {len(who)}, "PER"], '
        f'[{len(who) + 6}, {len(who) + 6 + len(where)}, "LOC"]]}}\n'
        for who in people
        for where in places
        for day in range(10)
    ]
    (clone / "mine.jsonl").write_text("".join(lines), encoding="utf-8")
    checksum = hashlib.sha256("".join(lines).encode()).hexdigest()
    corpus = f"""
  mine:
    language: en
    format: jsonl-spans
    encoding: utf-8
    tokens: punctuation
    mentions: {{misfit: error}}
    deduplicate: true
    split: {{seed: 1, dev: 0.2, test: 0.2}}
    files: {{train: {{path: mine.jsonl, sha256: {checksum}}}}}

embeddings:"""
    params = (clone / "params.yaml").read_text(encoding="utf-8")
    run = "  mine-bilstm: {corpus: mine, embeddings: [none], network: demo, training: demo}\n"
    params = params.replace("\nembeddings:", corpus).replace("\nfinetune:", f"\n{run}\nfinetune:")
    (clone / "params.yaml").write_text(params, encoding="utf-8")
    dvc(clone, "repro", "evaluate@mine-bilstm")
    scores = json.loads((clone / "metrics/mine-bilstm.json").read_text(encoding="utf-8"))
    assert scores["entities"] == 48
    assert scores["entity_f1"] > 0.9
    card = json.loads((clone / "metrics/corpora/mine.json").read_text(encoding="utf-8"))
    assert card["files"]["train"]["sentences"] == 120


@pytest.mark.slow
def test_other_vectors_are_one_line_of_an_experiment(tmp_path: Path, documented_embedding: dict[str, Any]) -> None:
    """As docs/training.md adds GloVe and names it by `-S`, with a small file of that format, by HTTP."""
    clone = fresh_clone(tmp_path / "clone")
    cells = (clone / "samples/news/news.csv").read_text(encoding="cp1252").lower().split(",")
    words = list(dict.fromkeys(cell for cell in cells if cell.isalpha()))
    lines = [f"{word} {row % 7} -0.5 {row % 11} 1e-2" for row, word in enumerate(words)]
    with serving(tmp_path / "served") as port:
        packed = tmp_path / "served/glove.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("small.txt", "".join(f"{line}\n" for line in lines))
        params = yaml.safe_load((clone / "params.yaml").read_text(encoding="utf-8"))
        entry = dict(documented_embedding, corpora=["demo-news"], member="small.txt", dimensions=4)
        url, checksum = f"http://127.0.0.1:{port}/glove.zip", hashlib.sha256(packed.read_bytes()).hexdigest()
        entry["file"] = {"path": "glove/small.zip", "sha256": checksum, "urls": [url]}
        params["embeddings"]["stand-in"] = entry
        params["networks"]["demo"]["vectors"] = {"words": 100, "tuned": False}
        (clone / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
        dvc(clone, "repro", "evaluate@demo-news")
        assert not (clone / "models/demo-news/vectors").exists()
        assert not list((clone / "data/raw/embeddings").glob("*/*.zip"))
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *identity, "commit", "-qam", "before"], cwd=clone, check=True)
        dvc(clone, "exp", "run", "-S", "runs.demo-news.embeddings=[stand-in]", "evaluate@demo-news")
    kept = (clone / "models/demo-news/vectors/words.txt").read_text(encoding="utf-8").split()
    assert len(kept) >= 100
    coverage = json.loads((clone / "metrics/embeddings/stand-in.json").read_text(encoding="utf-8"))
    assert coverage["words"] == len(lines)
