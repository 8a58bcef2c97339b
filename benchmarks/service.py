"""Measure the HTTP service: latency for one client, throughput for many. Needs an exported tagger.

For each row the server is started anew, as a process of its own on the loopback. All clients are in one other process.
The script calls itself with `--child` to start the server.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, count, islice
from pathlib import Path

ROOT = Path(__file__).parents[1]
LENGTH = 25  # tokens of the sentence that one client sends
WARM_UP = 2.0  # seconds before anything is measured
THREADS = 64  # of either server


@dataclass
class Load:
    """The measured answers: seconds of each, and the number of errors."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0

    def share(self, part: float) -> float:
        """Return a quantile of the latencies in milliseconds; `part` is 0.95 for p95."""
        return 1000 * sorted(self.seconds)[min(int(part * len(self.seconds)), len(self.seconds) - 1)]


@dataclass(frozen=True)
class Server:
    """A running server process."""

    pid: int
    port: int

    def memory_mb(self) -> float:
        """Return the resident memory of the process in MB."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def serve_tagger(directory: str) -> None:
    """Serve the tagger as `ner serve` does, with a log file."""
    from ner.service.app import create_app
    from ner.service.server import serve
    from ner.tagger.tagger import Tagger

    tagger = Tagger.load(directory)
    with tempfile.TemporaryDirectory() as logs:
        serve(create_app({tagger.name: tagger}, log_file=Path(logs) / "app.log"), port=0, threads=THREADS)


def serve_bare(_directory: str) -> None:
    """Serve a bare Flask route with waitress, as a baseline: it reads JSON and answers JSON, without a tagger."""
    import logging

    from flask import Flask, request
    from waitress import create_server  # type: ignore[import-untyped]

    app = Flask(__name__)

    @app.post("/predict")
    def echo() -> dict[str, int]:
        return {"tokens": len(request.get_json()["sentence"])}

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(app, host="127.0.0.1", port=0, threads=THREADS)
    print(f"bare on http://127.0.0.1:{server.effective_port}", flush=True)
    server.run()


@contextmanager
def running(kind: str, directory: Path) -> Iterator[Server]:
    """Start a server process, and end it afterwards."""
    command = [sys.executable, __file__, str(directory), "--child", kind]
    with subprocess.Popen(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdout
        line = child.stdout.readline()
        if not line:
            sys.exit(f"error: the server of {directory} did not start; `ner serve {directory}` says why")
        try:
            yield Server(child.pid, int(line.rpartition(":")[2]))
        finally:
            child.terminate()


def ask(server: Server, bodies: Sequence[bytes], clients: int, seconds: float) -> Load:
    """Send requests for `seconds` from that many clients, each of which sends the next one after an answer."""
    load, numbers = Load(), count()
    end = time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        while time.perf_counter() < end:
            body = bodies[next(numbers) % len(bodies)]
            started = time.perf_counter()
            writer.write(_HEAD % len(body) + body)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            load.seconds.append(time.perf_counter() - started)
            load.errors += not head.startswith(b"HTTP/1.1 200")
        writer.close()

    async def all_clients() -> None:
        for result in await asyncio.gather(*(client() for _ in range(clients)), return_exceptions=True):
            load.errors += isinstance(result, BaseException)

    asyncio.run(all_clients())
    return load


_HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def measure(label: str, server: Server, bodies: Sequence[bytes], clients: int, seconds: float) -> None:
    """Measure a load and print its row of the table."""
    ask(server, bodies, clients, WARM_UP)
    before = server.memory_mb()
    halves = [ask(server, bodies, clients, seconds / 2)]
    between = server.memory_mb()
    halves.append(ask(server, bodies, clients, seconds / 2))
    load = Load(halves[0].seconds + halves[1].seconds, halves[0].errors + halves[1].errors)
    cells = [
        label,
        f"{len(load.seconds) / seconds:,.0f}",
        *(f"{load.share(part):.1f}" for part in (0.5, 0.95, 0.99)),
        f"{load.errors}",
        f"{before:.0f}, {between:.0f}, {server.memory_mb():.0f}",
    ]
    print("| " + " | ".join(cells) + " |", flush=True)
    if load.errors:
        sys.exit(f"error: {load.errors} of {len(load.seconds)} requests were not answered by 200")


def read_bodies(path: Path) -> tuple[list[bytes], list[bytes]]:
    """Read a column file: return a request body for each sentence, and one for each LENGTH tokens in a row."""
    paragraphs = path.read_text(encoding="utf-8").split("\n\n")
    sentences = [[line.split("\t")[0] for line in one.splitlines() if line] for one in paragraphs]
    sentences = [one for one in sentences if one]
    tokens = chain.from_iterable(sentences)
    pieces = iter(lambda: [*islice(tokens, LENGTH)], [])
    return [_body(one) for one in sentences], [_body(one) for one in pieces if len(one) == LENGTH]


def _body(tokens: list[str]) -> bytes:
    return json.dumps({"sentence": tokens, "probabilities": False}).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tagger", type=Path, nargs="?", default=ROOT / "taggers/conll2003-crf", help="its directory")
    parser.add_argument("--seconds", type=float, default=60, help="duration of the load of many clients (default: 60)")
    parser.add_argument("--clients", type=int, default=32, help="number of clients at a time (default: 32)")
    parser.add_argument("--child", choices=("tagger", "bare"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        {"tagger": serve_tagger, "bare": serve_bare}[options.child](str(options.tagger))
        return
    if not (options.tagger / "tagger.json").exists():
        sys.exit(f"error: {options.tagger}: expected an exported tagger; `dvc repro export@{options.tagger.name}`")
    corpus = json.loads((options.tagger / "tagger.json").read_text(encoding="utf-8"))["corpus"]
    path = ROOT / "data/sentences" / corpus / "dev.conll"
    if not path.exists():
        sys.exit(f"error: expected {path.relative_to(ROOT)}; `dvc repro preprocess@{corpus}`")
    sentences, pieces = read_bodies(path)
    print("| load | requests/s | p50, ms | p95, ms | p99, ms | errors | memory before, between, after, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    with running("tagger", options.tagger) as server:
        measure(f"one client, {LENGTH} tokens", server, pieces, 1, options.seconds / 6)
    with running("tagger", options.tagger) as server:
        measure(f"{options.clients} clients, sentences of dev", server, sentences, options.clients, options.seconds)
    with running("bare", options.tagger) as server:
        measure(f"{options.clients} clients, bare route", server, sentences, options.clients, options.seconds / 6)


if __name__ == "__main__":
    main()
