"""The service in OpenAPI 3.1: every route with every body and answer."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from ner.service.errors import PROBLEMS
from ner.service.limits import Limits
from ner.service.schemas import Schema, schemas

_HEADERS = {
    "X-Request-ID": {
        "description": "As sent, if it was 1 to 128 letters, digits, `.`, `_` and `-`; else made. What is refused "
        "before a request was read whole (400, 408, 413, 431, as text) has none.",
        "required": True,
        "schema": {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,128}$"},
    }
}
_RETRY = {
    "Retry-After": {"description": "Seconds.", "required": True, "schema": {"type": "string", "pattern": "^[0-9]+$"}}
}


def openapi(limits: Limits, models: Sequence[str]) -> dict[str, Any]:
    """The document; `models` are the names of the taggers, the default first."""
    health = {
        "200": _answer("Requests are answered.", "Health"),
        "503": _answer("They are not, or not for long.", "Health"),
    }
    predict = {
        **_operation("Tag a sentence, sentences or text", {"200": _answer("What was found.", "PredictAnswer")}),
        "requestBody": {
            "required": True,
            "description": f"At most {limits.body_bytes} bytes, and {limits.json_depth} lists and objects deep.",
            "content": _json("PredictRequest"),
        },
    }
    predict["responses"].update({str(status): _error(status) for status in (400, 413, 415, 422, 503)})
    return {
        "openapi": "3.1.0",
        "info": {"title": "Named-entity taggers", "version": "1", "description": __doc__.partition("\n")[0]},
        "paths": {
            "/": {"get": _operation("The page to try the taggers on", {"200": _text("A page.", "text/html")})},
            "/predict": {"post": predict},
            "/health": {"get": _operation("Whether the service answers", health)},
            "/model": {"get": _operation("The taggers", {"200": _answer("All of them.", "Models")})},
            "/openapi.json": {"get": _operation("This document", {"200": _answer("It.", None)})},
            "/metrics": {"get": _operation("Counters for Prometheus", {"200": _text("Text.", "text/plain")})},
        },
        "components": {"schemas": schemas(limits, models)},
    }


def _operation(summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": summary,
        "parameters": [
            {
                "name": "X-Request-ID",
                "in": "header",
                "description": "To find the request by.",
                "schema": {"type": "string"},
            }
        ],
        "responses": {**responses, "500": _error(500)},
    }


def _answer(description: str, schema: str | None) -> dict[str, Any]:
    return {"description": description, "headers": _HEADERS, "content": _json(schema)}


def _text(description: str, media_type: str) -> dict[str, Any]:
    return {"description": description, "headers": _HEADERS, "content": {media_type: {"schema": {"type": "string"}}}}


def _error(status: int) -> dict[str, Any]:
    codes = "; ".join(f"`{code}`: {one.meaning}" for code, one in PROBLEMS.items() if one.status == status)
    answer = _answer(f"{HTTPStatus(status).phrase}. {codes}", "Error")
    return {**answer, "headers": {**_HEADERS, **_RETRY}} if status == HTTPStatus.SERVICE_UNAVAILABLE else answer


def _json(schema: str | None) -> dict[str, Schema]:
    body = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    return {"application/json": {"schema": body}}
