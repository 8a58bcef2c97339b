"""Errors of the service: each has a code for programs, an HTTP status and a message."""

from dataclasses import dataclass
from http import HTTPStatus

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ner.service.limits import Limits


@dataclass(frozen=True, slots=True)
class Problem:
    """The HTTP status and the meaning of an error code."""

    status: int
    meaning: str


PROBLEMS = {
    "bad_request": Problem(400, "The request can't be read."),
    "invalid_json": Problem(400, "The body is no JSON in UTF-8, or has NaN, Infinity or a key twice."),
    "too_deep": Problem(400, "Lists and objects stand too deep within each other."),
    "not_found": Problem(404, "There is no such address."),
    "method_not_allowed": Problem(405, "The address knows other methods; `Allow` lists them."),
    "body_too_large": Problem(413, "The body has too many bytes."),
    "unsupported_media_type": Problem(415, "The body is not declared as JSON."),
    "invalid_body": Problem(422, "A key is missing, unknown or of the wrong type."),
    "invalid_text": Problem(422, "A token shows nothing, or text has NUL or half a surrogate pair."),
    "unknown_model": Problem(422, "There is no model of that name."),
    "too_many_tokens": Problem(422, "The request has too many tokens."),
    "too_many_sentences": Problem(422, "The request has too many sentences."),
    "token_too_long": Problem(422, "A token has too many characters."),
    "text_too_long": Problem(422, "The text has too many characters."),
    "internal_error": Problem(500, "The service failed; its log says more under the request's id."),
    "queue_full": Problem(503, "Too many requests wait already."),
    "timeout": Problem(503, "The answer was not there in time."),
    "shutting_down": Problem(503, "The service is about to stop."),
}
RETRY_SECONDS = 1  # the value of `Retry-After`, sent with 503


class ServiceError(Exception):
    """An error that ends a request: a key of PROBLEMS, and what was expected, what came, and where."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = PROBLEMS[code].status


def from_http(error: HTTPException, limits: Limits) -> ServiceError:
    """Convert an error of Flask, such as that of an unknown address, to a ServiceError; an unknown one becomes 400."""
    if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return ServiceError("body_too_large", f"body: expected at most {limits.body_bytes} bytes. Received: more")
    if error.code == HTTPStatus.NOT_FOUND:
        return ServiceError("not_found", "there is no such address; /openapi.json lists those there are")
    if isinstance(error, MethodNotAllowed):
        return ServiceError("method_not_allowed", f"expected one of {', '.join(error.valid_methods or ())}")
    return ServiceError("bad_request", error.description or PROBLEMS["bad_request"].meaning)


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """Build the body of an error answer."""
    return {"error": {"code": code, "message": message}}
