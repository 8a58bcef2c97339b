"""Hooks before and after every request: its id, its log line, its counters, and security headers."""

import json
import re
import time
import uuid
from logging import Logger

from flask import Flask, Response, g, request

from ner.service.metrics import Metrics

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)
_POLICY = {  # sources that a page may load from; `default-src` forbids all that is not listed
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "img-src": "data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{what} {where}" for what, where in _POLICY.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def add_hooks(app: Flask, log: Logger, metrics: Metrics) -> None:
    """Add the hooks to `app`; routes may set `g.model` and `g.tokens`, and error handlers `g.code`, for the log."""

    @app.before_request
    def arrive() -> None:
        g.started = time.perf_counter()
        sent = request.headers.get("X-Request-ID", "")
        g.request_id = sent if _SANE_ID.fullmatch(sent) else uuid.uuid4().hex

    @app.after_request
    def leave(response: Response) -> Response:
        seconds = time.perf_counter() - g.started
        response.headers["X-Request-ID"] = g.request_id
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.update(HEADERS)
        metrics.answered(request.url_rule.rule if request.url_rule else "none", response.status_code, seconds)
        method = request.method if request.method.isalpha() else "?"
        facts = [f"id={g.request_id}", method, json.dumps(request.path), str(response.status_code)]
        facts.append(f"{seconds * 1000:.1f}ms")
        facts.extend(f"{name}={g.get(name)}" for name in ("model", "tokens", "code") if name in g)
        log.info(" ".join(facts))
        return response
