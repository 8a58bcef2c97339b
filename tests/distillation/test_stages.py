"""The stages from unlabelled text to the base of a run: label and distill."""

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import yaml

from ner.core.decoding import Chain
from ner.core.sentence_files import read_sentences
from ner.distillation.pseudo_labels import COUNTS
from ner.embeddings.cleaning import HeldOut, comparable
from ner.model.checkpoint import load_checkpoint
from ner.tagger.files import SENTENCES, load_exported, save_exported

ROOT = Path(__file__).parents[2]
SECTIONS = ("corpora", "embeddings", "networks", "training", "compute", "runs")


def stages(at: Path, *stages: str, **more: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NER_MIRROR": str(at), **more}
    command = [sys.executable, "-m", "tests.stages_in_turn", *stages]
    done = subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def files(*directories: Path) -> dict[str, bytes]:
    found = [path for one in directories for path in sorted(one.rglob("*")) if path.is_file()]
    return {path.as_posix(): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def made_project(tmp_path_factory: pytest.TempPathFactory, tagger_directory: Path) -> Path:
    """A project with the corpus demo-news, a tagger of it, and a text that has all its splits as lines."""
    tmp_path = tmp_path_factory.mktemp("project")
    params: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    shutil.copytree(tagger_directory, tmp_path / "taggers/demo-news")
    params = {section: value for section, value in params.items() if section in SECTIONS}
    for section in ("corpora", "runs"):
        params[section] = {"demo-news": params[section]["demo-news"]}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params | {"embeddings": {}}), encoding="utf-8")
    stages(tmp_path, "download demo-news", "preprocess demo-news")
    corpus = tmp_path / "data/sentences/demo-news"
    sentences = [read_sentences(corpus / f"{split}.conll") for split in ("train", "dev", "test")]
    lines = [" ".join(one.tokens) for split in sentences for one in split]
    short = next(line for line in lines[len(sentences[0]) :] if 4 <= len(comparable(line.split())) < 10)
    # Lines with several sentences: in one of them a held-out sentence, in the other dots that end no sentence.
    lines += [f"Ada Byron left Rome early that day. {short} It rained.", "Mr. Ito paid 0.5 dollars in Oslo on Monday."]
    text = "".join(f"{line}\n" for line in lines).encode()
    manifest = f"path\tbytes\tsha256\tformat\tfields\turl\ntext.txt\t{len(text)}\t{digest(text)}\ttext\t\thttps://127.0.0.1:9/text\n"
    (tmp_path / "text.txt").write_bytes(text)
    (tmp_path / "texts.tsv").write_text(manifest, encoding="utf-8")
    entry = params["embeddings"]["word2vec-english"] | {"corpora": ["demo-news"], "dimensions": 8, "epochs": 1}
    run = params["runs"]["demo-news"] | {"embeddings": ["one"], "network": "small", "training": "short"}
    network = params["networks"]["demo"] | {"vectors": {"words": 100, "tuned": False}}
    training = params["training"]["demo"] | {"epochs": 2}
    labelled = {"corpus": "demo-news", "teachers": ["demo-news"], "text": "one", "lines": 3, "shortest": 4}
    labelled |= {"longest": 80, "sentences": 1000, "confidence": 0, "seed": 1, "min_count": 2}
    labelled |= {"network": "small", "embeddings": ["one"], "training": training}
    two = labelled | {"teachers": ["demo-news", "again"], "network": "smaller", "sentences": 60}
    after = run | {"base": "news-student", "transfer": {"frozen": [], "frozen_epochs": 0, "rates": {}}}
    params |= {
        "embeddings": {"one": entry | {"file": {"path": "texts.tsv", "sha256": digest(manifest.encode())}}},
        "distill": {"news-student": labelled, "of-two": two},
        "networks": {"small": network, "smaller": network | {"lstm_units": 7}},
        "training": {"short": training},
        "runs": {"demo-news": run, "again": run},
        "finetune": {"after": after},
    }
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    stages(tmp_path, "download_embeddings one", "embed one")
    return tmp_path


@pytest.fixture
def project(made_project: Path, tmp_path: Path) -> Path:
    """A copy of the project, which a test may change."""
    return shutil.copytree(made_project, tmp_path / "project")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.slow
def test_label_says_in_one_line_that_no_sentence_is_left(project: Path) -> None:
    params = yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8"))
    params["distill"]["news-student"] |= {"shortest": 80, "longest": 80}
    (project / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    command = [sys.executable, "-m", "stages.label", "news-student"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: distill.news-student: expected sentences to keep; ")
    assert not (project / "data/pseudo_labels").exists()


@pytest.mark.slow
def test_stages_make_pseudo_labels_without_held_out_text_and_a_base_of_it(project: Path) -> None:
    made = [project / path / "news-student" for path in ("data/pseudo_labels", "models", "plots")]
    distil = ("label news-student", "distill news-student")
    stages(project, *distil, "finetune after", NER_DVCLIVE="1")  # the second time without DVCLive
    assert [*(project / "dvclive/news-student").rglob("dev_entity_f1.tsv")]
    labelled = read_sentences(made[0] / "train.conll")
    corpus = project / "data/sentences/demo-news"
    held_out = HeldOut.of(one.tokens for split in ("dev", "test") for one in read_sentences(corpus / f"{split}.conll"))
    assert not any(held_out.shares(comparable(sentence.tokens)) for sentence in labelled)
    assert ("Ada", "Byron", "left", "Rome", "early", "that", "day", ".") in [sentence.tokens for sentence in labelled]
    assert ("Mr.", "Ito", "paid", "0.5", "dollars") in [sentence.tokens[:5] for sentence in labelled]
    counts = json.loads((project / "metrics/pseudo_labels/news-student.json").read_bytes())
    assert counts["text"]["overlapping"] > 0
    assert counts["sentences"]["kept"] == len(labelled) < counts["sentences"]["tagged"]
    assert counts["text"]["kept"] == counts["sentences"]["tagged"]  # all of the text, in its documents
    assert counts["sentences"]["tagged"] == sum(counts["sentences"][key] for key in COUNTS[1:])
    assert counts["tokens"] == sum(map(len, labelled))
    made.append(project / "metrics/pseudo_labels")
    first = files(*made)
    assert (project / "models/after/words.txt").read_text().startswith((made[1] / "words.txt").read_text())
    stages(project, *distil)
    assert files(*made) == first


def write_twin(tagger: Path, to: Path, renamed: dict[str, str]) -> None:
    """Copy a tagger with its tags in the opposite order, and some of them renamed."""
    shutil.copytree(tagger, to)
    network = onnx.load(to / SENTENCES)
    output = network.graph.output[0].name
    for node in network.graph.node:
        node.output[:] = ["before" if name == output else name for name in node.output]
    made = load_exported(tagger)
    order = np.arange(len(made.tags))[::-1].copy()
    network.graph.initializer.append(onnx.numpy_helper.from_array(order, "order"))
    network.graph.node.append(onnx.helper.make_node("Gather", ["before", "order"], [output], axis=2))
    onnx.save(network, to / SENTENCES)
    chain = Chain(made.chain.start[order], made.chain.transitions[order][:, order], made.chain.end[order])
    tags = tuple(renamed.get(made.tags[number], made.tags[number]) for number in order)
    save_exported(to, dataclasses.replace(made, tags=tags, chain=chain))


@pytest.mark.slow
def test_two_teachers_of_one_opinion_label_as_one_does_and_the_student_has_its_own_network(project: Path) -> None:
    write_twin(project / "taggers/demo-news", project / "taggers/again", {})
    stages(project, "label news-student", "label of-two", "distill of-two")
    one, two = (
        read_sentences(project / "data/pseudo_labels" / name / "train.conll") for name in ("news-student", "of-two")
    )
    assert len(two) == 60
    assert [sentence.tokens for sentence in two] == [sentence.tokens for sentence in one[:60]]
    same = [mine.tags == other.tags for mine, other in zip(two, one, strict=False)]
    assert sum(same) >= 58  # the best tags by marginals are seldom not the best path
    assert max(sentence.document for sentence in two) >= 60 // 4  # documents of three lines, a few with two sentences
    student = load_checkpoint(project / "models/of-two")
    assert (student.params.lstm_units, student.params.min_count) == (7, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("renamed", "expected"),
    [
        ({"B-per": "B-man", "I-per": "I-man"}, "distill.of-two.teachers: expected taggers with the same tags. "),
        (None, "taggers/again: expected an exported tagger, "),
    ],
)
def test_label_says_in_one_line_that_teachers_differ_or_are_missing(
    project: Path, renamed: dict[str, str] | None, expected: str
) -> None:
    if renamed is not None:
        write_twin(project / "taggers/demo-news", project / "taggers/again", renamed)
    command = [sys.executable, "-m", "stages.label", "of-two"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()  # no progress bar before it
    assert line.startswith(f"error: {expected}")
    assert not (project / "data/pseudo_labels").exists()
