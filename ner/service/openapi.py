"""What all routes share in the OpenAPI document, which flask-openapi3 makes of routes and pydantic models."""

from http import HTTPStatus
from typing import Any

from flask_openapi3 import Info, OpenAPI, Schema
from flask_openapi3.types import ResponseDict
from pydantic.json_schema import models_json_schema

from ner.service.answers import Error
from ner.service.errors import PROBLEMS
from ner.service.limits import Limits
from ner.service.requests import Forms

_REFERENCE = "#/components/schemas/{model}"
_REQUEST_ID = {
    "name": "X-Request-ID",
    "in": "header",
    "description": "An id for the request, to find it in the log.",
    "schema": {"type": "string"},
}
_HEADERS = {
    "X-Request-ID": {
        "description": "The id that was sent, if it is 1 to 128 letters, digits, `.`, `_` and `-`; else a new one. "
        "A request that is refused before it was read whole (400, 408, 413, 431) is answered without.",
        "required": True,
        "schema": {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,128}$"},
    }
}
_RETRY = {
    "Retry-After": {"description": "Seconds.", "required": True, "schema": {"type": "string", "pattern": "^[0-9]+$"}}
}


def openapi_app(name: str) -> OpenAPI:
    """Make an app without routes. It documents the routes that are added, and validates no request by itself."""
    return OpenAPI(
        name,
        info=Info(title="Named-entity taggers", version="1", description="Tags sentences and text over HTTP."),
        operation_id_callback=lambda name, **_: name,
        responses=errors(500),
        security_schemes={},
        validation_error_model=Error,
        validation_error_status=500,  # which each route documents, so the library adds none of its own
        doc_ui=False,
        static_folder=None,
    )


def errors(*statuses: int) -> ResponseDict:
    """Describe the error answers of a route, with the codes that each status may have."""
    return {status: _error(status) for status in statuses}


def answer(media_type: str, kind: str = "string") -> ResponseDict:
    """Describe an answer that has no pydantic model, by its media type and JSON type."""
    return {200: {"content": {media_type: {"schema": {"type": kind}}}}}


def add_body(app: OpenAPI, forms: Forms, limits: Limits) -> dict[str, Any]:
    """Describe the body of a route that reads one of `forms`, and add their schemas to the document's components.

    flask-openapi3 could read the body itself, but it accepts a key twice, and JSON within a JSON string.
    """
    _, schemas = models_json_schema([(one, "validation") for one in forms.values()], ref_template=_REFERENCE)
    app.components_schemas.update({name: Schema(**schema) for name, schema in schemas["$defs"].items()})
    body = {"schema": {"oneOf": [{"$ref": _REFERENCE.format(model=one)} for one in schemas["$defs"]]}}
    description = f"At most {limits.body_bytes} bytes, and {limits.json_depth} lists and objects deep."
    return {"requestBody": {"required": True, "description": description, "content": {"application/json": body}}}


def document(app: OpenAPI) -> dict[str, Any]:
    """Make the document of the routes that `app` has now, and add the headers that all answers have."""
    made: dict[str, Any] = app.api_doc
    for path in made["paths"].values():
        for operation in path.values():
            operation["parameters"] = [_REQUEST_ID]
            for response in operation["responses"].values():
                response["headers"] = _HEADERS | response.get("headers", {})
    return made


def _error(status: int) -> dict[str, Any]:
    codes = "; ".join(f"`{code}`: {one.meaning}" for code, one in PROBLEMS.items() if one.status == status)
    schema = {"$ref": _REFERENCE.format(model=Error.__name__)}
    return {
        "description": f"{HTTPStatus(status).phrase}. {codes}",
        "headers": _RETRY if status == HTTPStatus.SERVICE_UNAVAILABLE else {},
        "content": {"application/json": {"schema": schema}},
    }
