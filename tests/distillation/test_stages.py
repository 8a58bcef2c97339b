"""The stages from unlabelled text to the base of a run: pseudo_label and pretrain, or language_model."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from ner.core.sentence_files import read_sentences
from ner.embeddings.cleaning import HeldOut, comparable
from ner.model.checkpoint import load_checkpoint

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
    listening = run | {"network": "listening", "base": "news-context"}
    guessing = {"seed": 1, "frequent": 50, "classes": 20, "epochs": 2, "batch_size": 8, "learning_rate": 0.01}
    context = {"corpus": "demo-news", "run": "listening", "network": "listening", "embeddings": ["one"], "text": "one"}
    context |= {
        "shortest": 4,
        "longest": 15,
        "validation_every": 10,
        "training": guessing | {"clip_norm": 5, "dropout": 0.1},
    }
    labelled = {
        "corpus": "demo-news",
        "teacher": "demo-news",
        "network": "small",
        "embeddings": ["one"],
        "text": "one",
        "training": training,
    }
    labelled |= {"shortest": 4, "longest": 80, "sentences": 1000, "confidence": 0, "seed": 1, "min_count": 2}
    transfer: dict[str, Any] = {"frozen": [], "frozen_epochs": 0, "rates": {}}
    params |= {
        "embeddings": {"one": entry | {"file": {"path": "texts.tsv", "sha256": digest(manifest.encode())}}},
        "pseudo_labels": {"news-pseudo": labelled},
        "language_models": {"news-context": context},
        "networks": {"small": network, "listening": network | {"context_units": 6}},
        "training": {"short": training},
        "runs": {"demo-news": run},
        "finetune": {
            "after": run | {"base": "news-pseudo", "transfer": transfer},
            "listening": listening | {"transfer": transfer | {"frozen": ["context"], "frozen_epochs": 9}},
        },
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
@pytest.mark.parametrize(
    ("section", "of", "name", "message", "made"),
    [
        ("pseudo_labels", "news-pseudo", "pseudo_label", "expected sentences to keep; ", "data/pseudo_labels"),
        (
            "language_models",
            "news-context",
            "language_model",
            "expected two sentences or more. ",
            "models/news-context",
        ),
    ],
)
def test_stage_says_in_one_line_that_no_sentence_is_left(
    project: Path, section: str, of: str, name: str, message: str, made: str
) -> None:
    params = yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8"))
    params[section][of] |= {"shortest": 80, "longest": 80}
    (project / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    command = [sys.executable, "-m", f"stages.{name}", of]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"error: {section}.{of}: {message}")
    assert not (project / made).exists()


@pytest.mark.slow
def test_stages_make_pseudo_labels_without_held_out_text_and_a_base_of_it(project: Path) -> None:
    made = [project / path / "news-pseudo" for path in ("data/pseudo_labels", "models", "plots")]
    pretrain = ("pseudo_label news-pseudo", "pretrain news-pseudo")
    stages(project, *pretrain, "finetune after", NER_DVCLIVE="1")  # the second time without DVCLive
    assert [*(project / "dvclive/news-pseudo").rglob("dev_entity_f1.tsv")]
    labelled = read_sentences(made[0] / "train.conll")
    corpus = project / "data/sentences/demo-news"
    held_out = HeldOut.of(one.tokens for split in ("dev", "test") for one in read_sentences(corpus / f"{split}.conll"))
    assert not any(held_out.shares(comparable(sentence.tokens)) for sentence in labelled)
    assert ("Ada", "Byron", "left", "Rome", "early", "that", "day", ".") in [sentence.tokens for sentence in labelled]
    assert ("Mr.", "Ito", "paid", "0.5", "dollars") in [sentence.tokens[:5] for sentence in labelled]
    counts = json.loads((project / "metrics/pseudo_labels/news-pseudo.json").read_bytes())
    assert counts["text"]["overlapping"] > 0
    assert counts["sentences"]["kept"] == len(labelled) < counts["sentences"]["tagged"]
    assert counts["text"]["kept"] == sum(
        counts["sentences"][key] for key in ("under_shortest", "over_longest", "tagged")
    )
    assert counts["tokens"] == sum(map(len, labelled))
    made.append(project / "metrics/pseudo_labels")
    first = files(*made)
    assert (project / "models/after/words.txt").read_text().startswith((made[1] / "words.txt").read_text())
    stages(project, *pretrain)
    assert files(*made) == first


@pytest.mark.slow
def test_stage_reads_text_that_is_not_held_out_and_a_run_takes_over_the_language_models(project: Path) -> None:
    made = [project / "models/news-context", project / "metrics/language_models"]
    stages(project, "language_model news-context", "finetune listening")
    numbers = json.loads((made[1] / "news-context.json").read_bytes())
    text = numbers["text"]
    assert text["overlapping"] > 0
    assert text["over_longest"] > 0
    assert text["kept"] == text["under_shortest"] + text["over_longest"] + text["read"]
    assert numbers["classes"] == 50 + 20 + 2  # unknown words, ends of sentences
    assert numbers["validation"]["sentences"] == -(-text["read"] // 10)
    assert 1 < numbers["validation"]["perplexity_next"] < numbers["classes"]
    trained, taken_over = (
        load_checkpoint(project / "models" / name).network.get_layer("context").get_weights()
        for name in ("news-context", "listening")
    )
    for one, other in zip(trained, taken_over, strict=True):
        assert np.allclose(one, other, atol=1e-6, rtol=0)  # averages over steps round
    before = files(*made)
    stages(project, "language_model news-context")
    assert files(*made) == before
