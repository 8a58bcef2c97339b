"""The embedding stages, from params.yaml to coverage, in a temporary project; vectors are downloaded by real HTTP."""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from ner.core.sentence import Sentence
from ner.core.sentence_files import write_sentences
from ner.features.embedding_files import Vectors, read_embedding
from tests.file_contents import contents
from tests.file_server import serving

ROOT = Path(__file__).parents[2]
SENTENCES = [Sentence(("Rome", "is", "far", "1996"), ("B-LOC", "O", "O", "O"))]
Published = Callable[[bytes, str], dict[str, Any]]
VECTORS = b"rome 1 2 3\nis 4 5 6\n"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Serve the folder `served`, and return the server's address."""
    with serving(tmp_path / "served") as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Create a project folder with the sentences of one corpus."""
    sentences = tmp_path / "data" / "sentences" / "demo-news"
    sentences.mkdir(parents=True)
    for split in ("dev", "test"):
        write_sentences(sentences / f"{split}.conll", SENTENCES)
    return tmp_path


def declare(project: Path, entry: dict[str, Any]) -> None:
    """Write a params.yaml with one embedding and one run that uses it."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    run = params["runs"]["demo-news"] | {"embeddings": ["one"]}
    params["networks"]["demo"]["vectors"] = {"words": 100, "tuned": False}
    for section in ("finetune", "distill", "release"):
        del params[section]
    corpora = {"demo-news": params["corpora"]["demo-news"]}
    content = params | {"corpora": corpora, "embeddings": {"one": entry}, "runs": {"demo-news": run}}
    (project / "params.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")


def run(project: Path, *stages: str, mirror: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NER_MIRROR": mirror}
    command = [sys.executable, "-m", "tests.stages_in_turn", *stages]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)


def make(project: Path, mirror: str = "") -> dict[str, Any]:
    """Run the embedding stages and return their metrics."""
    done = run(project, "download_embeddings one", "embed one", mirror=mirror)
    assert done.returncode == 0, done.stderr
    metrics: dict[str, Any] = json.loads((project / "metrics" / "embeddings" / "one.json").read_text())
    return metrics


@pytest.fixture
def published(documented_embedding: dict[str, Any]) -> Published:
    """Return a function: `published(content, url)` gives the entry of a small archive in the form of GloVe's."""

    def entry(content: bytes, url: str) -> dict[str, Any]:
        file = {"path": "glove/small.zip", "sha256": hashlib.sha256(content).hexdigest(), "urls": [url]}
        return documented_embedding | {
            "corpora": ["demo-news"],
            "file": file,
            "member": "small.3d.txt",
            "dimensions": 3,
        }

    return entry


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("small.2d.txt", b"rome 1 2\n")
        packed.writestr("small.3d.txt", VECTORS)
    return file.getvalue()


def test_stages_fetch_published_vectors_over_http(project: Path, address: str, published: Published) -> None:
    (project / "served" / "small.zip").write_bytes(archive())
    declare(project, published(archive(), f"{address}/small.zip"))
    metrics = make(project)
    embedding = read_embedding(project / "data" / "embeddings" / "one")
    assert isinstance(embedding, Vectors)
    assert (embedding.words, embedding.normalisation) == (("rome", "is"), ("lowercase",))
    np.testing.assert_array_equal(embedding.vectors, [[1, 2, 3], [4, 5, 6]])
    test = metrics.pop("coverage")["demo-news"]["test"]
    assert metrics == {"kind": "published", "words": 2, "dimensions": 3, "counts": {"kept": 2}}
    assert (test["tokens"], test["tokens_found"], test["entity_type_coverage"]) == (4, 2, 1)


def test_stages_refuse_another_file_than_declared(project: Path, address: str, published: Published) -> None:
    (project / "served" / "small.zip").write_bytes(archive() + b"\n")
    declare(project, published(archive(), f"{address}/small.zip"))
    done = run(project, "download_embeddings one")
    assert done.returncode == 1
    assert "error: glove/small.zip: could not be downloaded." in done.stderr
    assert "does not match the known hash" in done.stderr
    assert not (project / "data" / "raw" / "embeddings" / "one").exists()


def test_the_committed_folder_of_a_run_without_embeddings_holds_none() -> None:
    assert read_embedding(ROOT / "data" / "embeddings" / "none") is None


def test_stages_train_on_a_manifest_from_the_mirror(project: Path, entry: Any) -> None:
    text = "".join(f"Rome is {far} away from here\n" for far in ("far", "very far", "not far")).encode()
    (project / "mirror" / "text").mkdir(parents=True)
    (project / "mirror" / "text" / "a.txt").write_bytes(text)
    manifest = (
        "path\tbytes\tsha256\tformat\tfields\turl\n"
        f"text/a.txt\t{len(text)}\t{hashlib.sha256(text).hexdigest()}\ttext\t\thttps://127.0.0.1:9/a.txt\n"
    )
    (project / "texts.tsv").write_text(manifest, encoding="utf-8")
    file = {"path": "texts.tsv", "sha256": hashlib.sha256(manifest.encode()).hexdigest()}
    declare(project, entry("word2vec", corpora=["demo-news"], file=file, min_count=1))
    metrics = make(project, mirror=str(project / "mirror"))
    assert metrics["counts"]["kept"] == 3
    assert metrics["coverage"]["demo-news"]["test"]["types_found"] == 3
    first = contents(project / "data" / "embeddings" / "one")
    make(project, mirror=str(project / "mirror"))
    assert contents(project / "data" / "embeddings" / "one") == first
    (project / "texts.tsv").write_text(manifest.replace("\ttext\t", "\tcsv\t"), encoding="utf-8")
    done = run(project, "download_embeddings one", mirror=str(project / "mirror"))
    assert done.returncode == 1
    assert "update its `sha256:` in params.yaml" in done.stderr


def test_stages_say_in_one_line_which_line_of_a_file_is_bad(project: Path, published: Published) -> None:
    content = VECTORS + b"new york 1 2 3\n"
    (project / "vectors.txt").write_bytes(content)
    entry = published(content, "") | {"member": None}
    entry["file"] = {"path": "vectors.txt", "sha256": hashlib.sha256(content).hexdigest()}
    declare(project, entry)
    done = run(project, "download_embeddings one", "embed one")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: data/raw/embeddings/one/vectors.txt:3: expected a word")
    assert "Traceback" not in done.stderr
    assert not (project / "data" / "embeddings" / "one").exists()
