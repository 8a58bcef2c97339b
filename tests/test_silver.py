"""Sentences that a tagger has tagged: which are kept; the stages from unlabelled text to the base of a run."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from ner.corpus.splits import read_sentences
from ner.embedding.cleaning import HeldOut, comparable
from ner.model.parameters import TrainingParams
from ner.sentence import Sentence
from ner.silver import SilverParams, choose, draw

ROOT = Path(__file__).parents[1]
TAGS = ("B-LOC", "I-LOC", "O")


@pytest.fixture
def params(training_params: TrainingParams) -> SilverParams:
    return SilverParams("toy", "teacher", ("one",), "one", 2, 4, 2, 0.6, 1, 1, training_params)


def test_draw_keeps_lengths_that_are_wanted_in_an_order_of_the_seed(params: SilverParams) -> None:
    sentences = [(str(number),) * (1 + number % 5) for number in range(50)]
    wanted = [tokens for tokens in sentences if 2 <= len(tokens) <= 4]
    counts: Counter[str] = Counter()
    drawn = draw(sentences, params, counts)
    assert sorted(drawn) == sorted(wanted)
    assert drawn != wanted
    assert counts == {"under_shortest": 10, "over_longest": 10}
    assert draw(sentences, params, counts) == drawn
    assert draw(sentences, replace(params, seed=2), counts) != drawn


def said(tags: str, *sure: float) -> tuple[Sentence, NDArray[np.float64]]:
    """A sentence with these tags, each of which is so probable."""
    named = tags.split()
    probabilities = np.zeros((len(named), len(TAGS)))
    for row, tag, probability in zip(probabilities, named, sure, strict=True):
        row[:] = (1 - probability) / 2
        row[TAGS.index(tag)] = probability
    return Sentence(("word",) * len(named), tuple(named)), probabilities


def test_choose_keeps_sure_sentences_with_an_entity_until_there_are_enough(params: SilverParams) -> None:
    tagged = [
        said("O O", 1, 1),
        said("B-LOC O", 0.9, 0.59),
        said("B-LOC O", 0.6, 0.6),
        said("O B-LOC", 0.9, 0.4),  # less probable than all others together, though the path is the best
        said("O B-LOC I-LOC", 1, 0.7, 0.8),
        said("B-LOC O", 1, 1),
    ]
    counts: Counter[str] = Counter()
    kept = list(choose(tagged, TAGS, params, counts))
    assert kept == [tagged[2][0], tagged[4][0]]
    assert counts == {"tagged": 5, "without_entity": 1, "unsure": 2, "kept": 2}


def stage(at: Path, name: str, of: str, **more: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NER_MIRROR": str(at), **more}
    command = [sys.executable, "-m", f"stages.{name}", of]
    done = subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(*directories: Path) -> dict[str, bytes]:
    found = [path for one in directories for path in sorted(one.rglob("*")) if path.is_file()]
    return {path.as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def project(tmp_path: Path, tagger_directory: Path) -> Path:
    """The demo's news, a tagger of it, and text that is its own three splits as lines."""
    params: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    shutil.copytree(tagger_directory, tmp_path / "taggers/demo-news")
    params = {section: params[section] for section in ("corpora", "embeddings", "runs")}
    for section in ("corpora", "runs"):
        params[section] = {"demo-news": params[section]["demo-news"]}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params | {"embeddings": {}}), encoding="utf-8")
    for name in ("download", "preprocess"):
        stage(tmp_path, name, "demo-news")
    corpus = tmp_path / "data/sentences/demo-news"
    sentences = [read_sentences(corpus / f"{split}.conll") for split in ("train", "dev", "test")]
    lines = [" ".join(one.tokens) for split in sentences for one in split]
    short = next(line for line in lines[len(sentences[0]) :] if 4 <= len(comparable(line.split())) < 10)
    # Of more than one sentence a line: one that is held out, among others; and a dot that ends none.
    lines += [f"Ada Byron left Rome early that day. {short} It rained.", "Mr. Ito paid 0.5 dollars in Oslo on Monday."]
    text = "".join(f"{line}\n" for line in lines).encode()
    manifest = f"path\tbytes\tsha256\tformat\tfields\turl\ntext.txt\t{len(text)}\t{digest(text)}\ttext\t\thttps://127.0.0.1:9/text\n"
    (tmp_path / "text.txt").write_bytes(text)
    (tmp_path / "texts.tsv").write_text(manifest, encoding="utf-8")
    entry = params["embeddings"]["word2vec-english"] | {"corpora": ["demo-news"], "dimensions": 8, "epochs": 1}
    run = params["runs"]["demo-news"] | {"embeddings": ["one"]}
    run["model"] |= {"vectors": {"words": 100, "tuned": False}}
    run["training"] |= {"epochs": 2}
    silver = {
        "corpus": "demo-news",
        "teacher": "demo-news",
        "embeddings": ["one"],
        "text": "one",
        "training": run["training"],
    }
    silver |= {"shortest": 4, "longest": 80, "sentences": 1000, "confidence": 0, "seed": 1, "minimum_count": 2}
    transfer: dict[str, Any] = {"frozen": [], "frozen_epochs": 0, "rates": {}}
    params |= {
        "embeddings": {"one": entry | {"file": {"path": "texts.tsv", "sha256": digest(manifest.encode())}}},
        "silver": {"news-silver": silver},
        "runs": {"demo-news": run, "after": run | {"base": "news-silver", "transfer": transfer}},
    }
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    for name, of in (("wanted", "data/wanted"), ("download_embeddings", "one"), ("embed", "one")):
        stage(tmp_path, name, of)
    return tmp_path


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.slow
def test_stage_says_in_one_line_that_nothing_is_sure_enough(project: Path) -> None:
    params = yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8"))
    params["silver"]["news-silver"]["shortest"] = 80
    (project / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    command = [sys.executable, "-m", "stages.silver", "news-silver"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: silver.news-silver: expected sentences to keep; ")
    assert not (project / "data/silver").exists()


@pytest.mark.slow
def test_stages_make_silver_without_held_out_text_and_a_base_of_it(project: Path) -> None:
    made = [project / path / "news-silver" for path in ("data/silver", "models", "plots")]
    stage(project, "silver", "news-silver")
    stage(project, "pretrain", "news-silver", NER_DVCLIVE="1")  # the second one is not watched
    assert [*(project / "dvclive/news-silver").rglob("dev_entity_f1.tsv")]
    silver = read_sentences(made[0] / "train.conll")
    corpus = project / "data/sentences/demo-news"
    held_out = HeldOut.of(one.tokens for split in ("dev", "test") for one in read_sentences(corpus / f"{split}.conll"))
    assert not any(held_out.shares(comparable(sentence.tokens)) for sentence in silver)
    assert ("Ada", "Byron", "left", "Rome", "early", "that", "day", ".") in [sentence.tokens for sentence in silver]
    assert ("Mr.", "Ito", "paid", "0.5", "dollars") in [sentence.tokens[:5] for sentence in silver]
    counts = json.loads((project / "metrics/silver/news-silver.json").read_bytes())
    assert counts["text"]["overlapping"] > 0
    assert counts["sentences"]["kept"] == len(silver) < counts["sentences"]["tagged"]
    assert counts["text"]["kept"] == sum(
        counts["sentences"][key] for key in ("under_shortest", "over_longest", "tagged")
    )
    assert counts["tokens"] == sum(map(len, silver))
    made.append(project / "metrics/silver")
    first = files(*made)
    stage(project, "train", "after")
    assert (project / "models/after/words.txt").read_text().startswith((made[1] / "words.txt").read_text())
    for name in ("silver", "pretrain"):
        stage(project, name, "news-silver")
    assert files(*made) == first
