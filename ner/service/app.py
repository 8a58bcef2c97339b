"""Taggers -> a Flask app: routes, and errors as JSON.

`ner serve` runs it. Another WSGI server should run it in one process with many threads:

    NER_TAGGERS=taggers/demo-news gunicorn --threads 64 'ner.service.app:from_environment()'
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from logging import Logger
from pathlib import Path

from flask import Flask, Response, g, request
from flask_openapi3 import OpenAPI
from werkzeug.exceptions import HTTPException

from ner.service.answers import Health, ModelsAnswer, PredictAnswer, json_response, model_answer
from ner.service.errors import RETRY_SECONDS, ServiceError, error_body, from_http
from ner.service.hooks import add_hooks
from ner.service.limits import Limits
from ner.service.logs import close_log, open_log, where_raised
from ner.service.metrics import Metrics
from ner.service.models import Models
from ner.service.openapi import add_body, answer, document, errors, openapi_app
from ner.service.page import add_page
from ner.service.requests import read_request, request_forms
from ner.tagger.tagger import Tagger, TaggerError

EXTENSION = "ner"  # the key of `app.extensions` that holds the Service


@dataclass(slots=True)
class Service:
    """The state of a running app; `shutting_down` is set when it should take no more requests."""

    models: Models
    metrics: Metrics
    log: Logger
    shutting_down: bool = False

    def close(self, seconds: float = 5.0) -> None:
        """Tag the waiting requests for at most `seconds`, end the taggers' threads, and close the log."""
        self.models.close(seconds)
        close_log(self.log)


def create_app(
    taggers: Mapping[str, Tagger],
    limits: Limits | None = None,
    *,
    log_file: Path | None = None,
    log_text: bool = False,
) -> Flask:
    """Build the service as a WSGI app.

    Args:
        taggers: by the name that clients use; the first is the default.
        limits: bounds of a request and of the queue; Limits() if None.
        log_file: a log besides stderr, rotated; only one process may write it.
        log_text: whether the log quotes what clients sent.

    Raises:
        ValueError: `taggers` is empty.
        OSError: `log_file` can't be written.
    """
    if not taggers:
        raise ValueError("expected at least one tagger. Received: none")
    limits = limits or Limits()
    log = open_log(log_file)
    app = openapi_app(__name__)
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = limits.body_bytes
    metrics = Metrics()
    service = Service(Models(taggers, limits, metrics), metrics, log)
    app.extensions[EXTENSION] = service
    add_hooks(app, log, metrics)
    add_page(app)
    _add_predict(app, service, limits, log_text=log_text)
    _add_facts(app, service)
    _add_errors(app, service, limits, log_text=log_text)
    return app


def from_environment() -> Flask:
    """Build the app from the environment, for WSGI servers.

    NER_TAGGERS lists directories of taggers, separated by commas. NER_LOG_FILE names a log file; it may be unset.

    Raises:
        ValueError: NER_TAGGERS is empty.
        TaggerError: a directory is no tagger, or two taggers have one name.
    """
    directories = [Path(one) for one in os.environ.get("NER_TAGGERS", "").split(",") if one]
    if not directories:
        raise ValueError("expected directories of taggers, separated by commas, in NER_TAGGERS. Received: none")
    log_file = os.environ.get("NER_LOG_FILE")
    taggers = by_name([Tagger.load(directory) for directory in directories])
    return create_app(taggers, log_file=Path(log_file) if log_file else None)


def by_name(loaded: Sequence[Tagger]) -> dict[str, Tagger]:
    """Map the taggers by their names.

    Raises:
        TaggerError: two taggers have one name.
    """
    taggers = {tagger.name: tagger for tagger in loaded}
    if len(taggers) < len(loaded):
        received = ", ".join(tagger.name for tagger in loaded)
        raise TaggerError(f"expected taggers of different names. Received: {received}")
    return taggers


def _add_predict(app: OpenAPI, service: Service, limits: Limits, *, log_text: bool) -> None:
    forms = request_forms(limits, service.models.names)

    @app.post(
        "/predict",
        summary="Tag a sentence, sentences or text",
        responses={200: PredictAnswer, **errors(400, 413, 415, 422, 503)},
        openapi_extensions=add_body(app, forms, limits),
    )
    def predict() -> Response:
        if request.mimetype != "application/json" or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
            received = ascii(request.content_type) if request.content_type else "none"
            raise ServiceError(
                "unsupported_media_type", f"Content-Type: expected application/json in UTF-8. Received: {received}"
            )
        if encoding := request.headers.get("Content-Encoding"):
            raise ServiceError("unsupported_media_type", f"Content-Encoding: expected none. Received: {encoding!a}")
        body = request.get_data(cache=False)
        if log_text:
            service.log.info("id=%s body=%s", g.request_id, ascii(body.decode(errors="replace")))
        asked = read_request(body, forms, limits.json_depth)
        found = service.models.predict(asked, g.started + limits.seconds - time.perf_counter())
        g.model, g.tokens = found.model, found.tokens
        return json_response(found.body)


def _add_facts(app: OpenAPI, service: Service) -> None:
    models = [model_answer(name, tagger) for name, tagger in service.models.taggers.items()]

    @app.get("/model", summary="The taggers", responses={200: ModelsAnswer})
    def model() -> Response:
        return json_response({"default": models[0]["name"], "models": models})

    @app.get("/health", summary="Whether the service answers", responses={200: Health, 503: Health})
    def health() -> Response:
        alive = service.models.are_alive()
        status = "shutting_down" if service.shutting_down else "ok" if alive else "broken"
        body = {"status": status, "ready": status == "ok", "waiting": service.models.waiting()}
        return json_response(body, 200 if status == "ok" else 503)

    @app.get("/metrics", summary="Counters for Prometheus", responses=answer("text/plain"))
    def counters() -> Response:
        return Response(service.metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/openapi.json", summary="This document", responses=answer("application/json", "object"))
    def openapi() -> Response:
        return json_response(described)

    described = document(app)


def _add_errors(app: Flask, service: Service, limits: Limits, *, log_text: bool) -> None:
    @app.errorhandler(Exception)
    def fail(error: Exception) -> Response:
        headers: dict[str, str] = {}
        if isinstance(error, HTTPException):
            headers.update(one for one in error.get_headers() if one[0] == "Allow")
            error = from_http(error, limits)
        elif not isinstance(error, ServiceError):
            service.log.error("id=%s %s", g.request_id, where_raised(error, message=log_text))
            message = f"the service failed; its log says more under {g.request_id}"
            error = ServiceError("internal_error", message)
        g.code = error.code
        service.metrics.rejected(error.code)
        response = json_response(error_body(error.code, error.message), error.status)
        response.headers.update(headers)
        if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
