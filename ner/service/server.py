"""Serve a Flask app over HTTP with waitress; SIGTERM ends it after the answers under way."""

import json
import logging
import signal
import threading
import time
from types import FrameType
from typing import Any

from flask import Flask
from waitress import wasyncore  # type: ignore[import-untyped]
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.parser import HTTPRequestParser, ParsingError  # type: ignore[import-untyped]
from waitress.server import BaseWSGIServer, create_server  # type: ignore[import-untyped]
from waitress.task import ErrorTask  # type: ignore[import-untyped]
from waitress.utilities import Error  # type: ignore[import-untyped]

from ner.service.app import EXTENSION, Service
from ner.service.errors import error_body
from ner.service.hooks import HEADERS

HEADER_BYTES = 32_768  # of all headers of a request
IDLE_SECONDS = 60  # for which a connection may stay open without a byte
RECEIVE_SECONDS = 60  # in which a request must arrive
IN_MEMORY = 1 << 30  # bytes; waitress would write longer bodies to files, where there may be no place to write
TICK = 1.0  # seconds that a turn of the loop waits for something to happen


class Server:
    """A server whose sockets are bound, but which does not answer before `run`.

    Args:
        app: made by `create_app`; closed at the end of `run`.
        host: address to listen on.
        port: port to listen on; 0 for a free one, which `port` and `address` then have.
        threads: most requests at a time, waiting for a tagger included; the next ones wait for a thread.
        connections: most open connections; the next ones wait to be accepted.
        drain_seconds: most seconds at the end for the answers under way.

    Raises:
        OSError: the address can't be listened on.
    """

    def __init__(
        self, app: Flask, host: str, port: int, *, threads: int, connections: int, drain_seconds: float
    ) -> None:
        self._service: Service = app.extensions[EXTENSION]
        self._drain_seconds = drain_seconds
        self._stopping = threading.Event()
        self._map: dict[int, Any] = {}
        body_bytes = app.config["MAX_CONTENT_LENGTH"]
        try:
            create_server(
                app,
                map=self._map,
                host=host,
                port=port,
                threads=threads,
                connection_limit=connections,
                channel_timeout=IDLE_SECONDS,
                max_request_header_size=HEADER_BYTES,
                max_request_body_size=body_bytes + 1,  # from which on it refuses
                inbuf_overflow=IN_MEMORY,
                outbuf_overflow=IN_MEMORY,
                log_socket_errors=False,
                asyncore_use_poll=True,
                ident=None,
            )
        except OSError:
            wasyncore.close_all(self._map)
            raise
        self._listening: list[Any] = [one for one in self._map.values() if isinstance(one, BaseWSGIServer)]
        for one in self._listening:
            one.channel_class = _Channel
        bound, self.port = self._listening[0].socket.getsockname()[:2]
        self.address = f"http://[{bound}]:{self.port}" if ":" in bound else f"http://{bound}:{self.port}"

    def run(self) -> None:
        """Answer until `stop` is called, finish the answers under way, and return."""
        while not self._stopping.is_set():
            self._turn(TICK)
        self._service.shutting_down = True
        for one in self._listening:
            wasyncore.dispatcher.close(one)
        end = time.monotonic() + self._drain_seconds
        while time.monotonic() < end and self._close_idle():
            self._turn(0.02)
        dispatcher = self._listening[0].task_dispatcher
        dispatcher.shutdown(timeout=max(0.1, end - time.monotonic()))
        self._service.close(max(0.1, end - time.monotonic()))
        self._listening.clear()
        wasyncore.close_all(self._map, ignore_all=True)

    def stop(self) -> None:
        """Make `run` end; any thread and signal handlers may call this."""
        self._stopping.set()
        for one in self._listening[:1]:
            one.pull_trigger()

    def _turn(self, seconds: float) -> None:
        """Read and write on the sockets that are ready, waiting at most `seconds` for one."""
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _close_idle(self) -> bool:
        """Close the connections without an answer under way; return whether others are left."""
        busy = False
        for one in [*self._map.values()]:
            if isinstance(one, HTTPChannel):
                one.will_close = one.will_close or not _is_busy(one)
                busy = busy or not one.will_close
        return busy


def serve(
    app: Flask,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    threads: int = 64,
    connections: int = 1000,
    drain_seconds: float = 15.0,
) -> None:
    """Serve `app` until SIGTERM or SIGINT, and print the address when ready. Only the main thread may call this.

    The arguments are those of Server.

    Raises:
        OSError: the address can't be listened on.
    """
    server = Server(app, host, port, threads=threads, connections=connections, drain_seconds=drain_seconds)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # /metrics counts the waiting requests

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    names = ", ".join(app.extensions[EXTENSION].models.names)
    print(f"serving {names} on {server.address}", flush=True)
    server.run()


class _ErrorTask(ErrorTask):  # type: ignore[misc]
    """The errors that waitress answers by itself, such as malformed HTTP, as JSON like all other errors."""

    def execute(self) -> None:
        error = self.request.error
        codes = {413: "body_too_large", 500: "internal_error"}
        body = json.dumps(error_body(codes.get(error.code, "bad_request"), f"{error.reason}: {error.body}")).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend([("Content-Type", "application/json"), *HEADERS.items()])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _TooSlow(Error):  # type: ignore[misc]
    code = 408
    reason = "Request Timeout"


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses requests whose end another server before this one may see elsewhere."""

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError:  # Python converts no number of thousands of digits
            raise ParsingError("Content-Length is invalid") from None
        if "CONTENT_LENGTH" in self.headers and (self.chunked or "TRANSFER_ENCODING" in self.headers):
            raise ParsingError("expected either Content-Length or Transfer-Encoding")


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection on which no request may take longer than RECEIVE_SECONDS to arrive."""

    error_task_class = _ErrorTask
    parser_class = _Parser
    began = 0.0  # when the first byte of the request came

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.began = time.monotonic()
        elif time.monotonic() - self.began > RECEIVE_SECONDS and not self.request.completed:
            self.request.error = _TooSlow(f"expected the whole request within {RECEIVE_SECONDS} s")
            self.request.completed = True
            data = b"\n"  # ignored, since the request counts as complete
        return bool(super().received(data))


def _is_busy(channel: Any) -> bool:
    """Say whether an answer is being made or sent on this connection."""
    return bool(channel.requests or channel.total_outbufs_len)
