"""A real server on the loopback: slow, rude and broken clients, bodies without end, and SIGTERM."""

import http.client
import json
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ner.service import server as server_module
from ner.service.limits import Limits
from ner.service.server import HEADER_BYTES, Server
from ner.tagger.tagger import Tagger
from tests.service.conftest import Held, MakeApp

BODY_BYTES = 200_000
REQUEST = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SENTENCE = b'{"sentence": ["In", "June"]}'

Start = Callable[..., Server]


@pytest.fixture
def start(make_app: MakeApp, tagger: Tagger) -> Iterator[Start]:
    """Starts a server in a thread, and stops it after the test."""
    running: list[tuple[Server, threading.Thread]] = []

    def start(tagger: Tagger = tagger, *, threads: int = 8, **limits: Any) -> Server:
        app = make_app({"news": tagger}, Limits(body_bytes=BODY_BYTES, seconds=120, **limits))
        server = Server(app, "127.0.0.1", 0, threads=threads, connections=200, drain_seconds=120)
        thread = threading.Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.stop()
        thread.join(120)
        assert not thread.is_alive()


@pytest.fixture
def server(start: Start) -> Server:
    return start()


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=120)


def receive(connection: socket.socket) -> tuple[int, Any]:
    """Status and JSON of the next answer."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    with response:
        return response.status, json.loads(response.read())


def ask(server: Server, body: bytes = SENTENCE) -> tuple[int, Any]:
    with connect(server) as connection:
        connection.sendall(REQUEST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        return receive(connection)


def test_connection_is_kept_for_the_next_request(server: Server) -> None:
    with connect(server) as connection:
        for _ in range(3):
            connection.sendall(REQUEST + b"Content-Length: %d\r\n\r\n" % len(SENTENCE) + SENTENCE)
            status, answer = receive(connection)
            assert (status, answer["tokens"]) == (200, ["In", "June"])


def test_more_clients_than_threads_are_answered(start: Start) -> None:
    server = start(threads=2)
    with ThreadPoolExecutor(32) as clients:
        assert {status for status, _ in clients.map(lambda _: ask(server), range(96))} == {200}


def test_slow_clients_hold_up_nobody(start: Start) -> None:
    server = start(threads=2)
    message = REQUEST + b"Content-Length: %d\r\n\r\n" % len(SENTENCE) + SENTENCE
    slow = [connect(server) for _ in range(20)]
    for position, byte in enumerate(message):
        for connection in slow:
            connection.send(bytes([byte]))
        if position % 20 == 0:
            assert ask(server)[0] == 200
    for connection in slow:
        with connection:
            assert receive(connection)[0] == 200


def test_request_that_takes_too_long_to_arrive_is_ended(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "RECEIVE_SECONDS", 0.1)
    with connect(server) as connection:
        connection.sendall(REQUEST)
        while not select.select([connection], [], [], 0.01)[0]:
            connection.sendall(b"X: y\r\n")
        status, answer = receive(connection)
    assert (status, answer["error"]["code"]) == (408, "bad_request")
    assert "within 0.1 s" in answer["error"]["message"]


def test_cut_connections_do_no_harm(server: Server) -> None:
    whole = REQUEST + b"Content-Length: %d\r\n\r\n" % len(SENTENCE) + SENTENCE
    for length in (0, 1, 30, len(REQUEST), len(whole) - 1, len(whole)):
        for _ in range(5):
            with connect(server) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # RST, not FIN
                connection.sendall(whole[:length])
    assert ask(server)[0] == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x00\x01\x02\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n folded: x\r\n\r\n", 400),
        (b"POST /predict HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /predict HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\n", 400),
        (b"POST /predict HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (REQUEST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * HEADER_BYTES + b"\r\n\r\n", 431),
        (b"GET /%00%ff/../.. HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (REQUEST + b"Content-Length: %d\r\n\r\n" % (BODY_BYTES + 1), 413),
        (REQUEST + b"Content-Length: 99999999999999999999\r\n\r\n", 413),
        (REQUEST + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n", 400),
        (REQUEST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (REQUEST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
        (b"POST /predict HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
    ],
)
def test_what_is_no_request_is_answered_in_json(server: Server, sent: bytes, status: int) -> None:
    with connect(server) as connection:
        connection.sendall(sent)
        answered, body = receive(connection)
    assert answered == status
    assert set(body["error"]) == {"code", "message"}
    assert ask(server)[0] == 200


@pytest.mark.parametrize(
    "header", [b"Content-Length: " + b"9" * 5_000, b"Content-Length: 0\r\nTransfer-Encoding: chunked"]
)
def test_connection_is_closed_if_nobody_knows_where_the_request_ends(server: Server, header: bytes) -> None:
    with connect(server) as connection:
        connection.sendall(REQUEST + header + b"\r\n\r\n0\r\n\r\n" + b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.count(b"HTTP/1.1") == 1


def test_chunked_body_is_read(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(REQUEST + b"Transfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(SENTENCE), 7):
            part = SENTENCE[start : start + 7]
            connection.sendall(b"%x\r\n%b\r\n" % (len(part), part))
        connection.sendall(b"0\r\n\r\n")
        assert receive(connection)[0] == 200


def test_chunked_body_without_end_is_refused(server: Server) -> None:
    chunk = b"%x\r\n%b\r\n" % (50_000, b"a" * 50_000)
    with connect(server) as connection:
        connection.sendall(REQUEST + b"Transfer-Encoding: chunked\r\n\r\n")
        connection.sendall(chunk * 4)
        status, answer = receive(connection)
    assert (status, answer["error"]["code"]) == (413, "body_too_large")
    assert ask(server)[0] == 200


def test_large_bodies_and_answers_need_no_file(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr("waitress.buffers.TemporaryFile", refuse, raising=False)
    sentences = [["Baghdad"] * 10] * 500
    status, answer = ask(server, json.dumps({"sentences": sentences, "probabilities": True}).encode())
    assert status == 200
    assert len(json.dumps(answer)) > 1 << 20
    assert [len(one["prediction"]) for one in answer["sentences"]] == [10] * 500


def test_full_queue_leaves_other_routes_alone(start: Start, held: Held) -> None:
    server = start(held, threads=3, queue=2)
    with ThreadPoolExecutor(2) as clients:
        asked = [clients.submit(ask, server)]
        held.begun.acquire()
        asked.append(clients.submit(ask, server))
        with connect(server) as connection:
            waiting = 0
            while waiting < 1:
                connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                waiting = receive(connection)[1]["waiting"]["news"]
        status, answer = ask(server)
        assert (status, answer["error"]["code"]) == (503, "queue_full")
        held.go.set()
        assert [one.result()[0] for one in asked] == [200] * 2


PROGRAM = """
import os, sys
from ner.service.app import create_app
from ner.service.limits import Limits
from ner.service.server import serve
from ner.tagger.tagger import Tagger

class Held(Tagger):
    def tag(self, sentences, *, probabilities=False):
        print("tagging", flush=True)
        os.read(0, 1)
        return super().tag(sentences, probabilities=probabilities)

serve(create_app({"held": Held.load(sys.argv[1])}, Limits(seconds=120)), port=0, drain_seconds=float(sys.argv[2]))
"""


class Process(subprocess.Popen[str]):
    """A server whose tagger says when it has a batch, and waits for a line before it tags it."""

    def __init__(self, directory: Path, drain_seconds: float) -> None:
        command = [sys.executable, "-c", PROGRAM, str(directory), str(drain_seconds)]
        pipe = subprocess.PIPE
        super().__init__(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        line = self.says()
        assert line.startswith("serving held on http://127.0.0.1:"), line
        self.port = int(line.rpartition(":")[2])

    def says(self) -> str:
        assert self.stdout
        return self.stdout.readline()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=120)

    def send(self) -> socket.socket:
        connection = self.connect()
        connection.sendall(REQUEST + b"Content-Length: %d\r\n\r\n" % len(SENTENCE) + SENTENCE)
        return connection

    def waiting(self) -> int:
        with self.connect() as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            return int(receive(connection)[1]["waiting"]["held"])

    def refuses(self) -> bool:
        try:
            self.connect().close()
        except ConnectionRefusedError:
            return True
        return False


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_server_after_answers_under_way(tagger_directory: Path, number: signal.Signals) -> None:
    with Process(tagger_directory, 120) as process, process.connect(), process.send() as first:
        assert process.says() == "tagging\n"
        with process.send() as second:
            until(lambda: process.waiting() == 1)
            process.send_signal(number)
            until(process.refuses)
            out, errors = process.communicate("\n\n", timeout=120)
            assert [receive(one)[0] for one in (first, second)] == [200, 200]
    assert (process.returncode, out) == (0, "tagging\n")
    assert "Traceback" not in errors


def test_signal_ends_the_server_though_its_tagger_hangs(tagger_directory: Path) -> None:
    with Process(tagger_directory, 0.5) as process, process.send():
        assert process.says() == "tagging\n"
        process.terminate()
        assert process.wait(120) == 0


def test_taken_port_is_told(server: Server, make_app: MakeApp, tagger: Tagger) -> None:
    with pytest.raises(OSError, match="in use"):
        Server(make_app({"news": tagger}), "127.0.0.1", server.port, threads=1, connections=9, drain_seconds=1)
