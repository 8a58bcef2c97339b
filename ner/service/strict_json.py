"""Bytes -> a value, read as strict JSON."""

import json
from typing import Any

from ner.service.errors import ServiceError

SHOWN = 60  # most characters of a value that a message quotes


def read_json(body: bytes, depth: int) -> Any:
    """Read strict JSON in UTF-8: each key once, no NaN, no infinity, at most `depth` lists and objects deep.

    Raises:
        ServiceError: `body` is something else (400).
    """
    try:
        value = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        received = f"byte 0x{body[error.start]:02x} at {error.start}"
        raise ServiceError("invalid_json", f"body: expected UTF-8. Received: {received}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ServiceError("invalid_json", f"body: expected JSON. Received: {error.msg}, {place}") from None
    except ValueError:  # an integer of thousands of digits
        raise ServiceError("invalid_json", "body: expected JSON. Received: a number of too many digits") from None
    except RecursionError:
        raise _too_deep(depth) from None
    if _is_deeper(value, depth):
        raise _too_deep(depth)
    return value


def shown(value: Any) -> str:
    """Format a value for an error message: in ASCII, at most SHOWN characters; lists and objects by their size."""
    if isinstance(value, (list, dict)):
        kind = "a list" if isinstance(value, list) else "an object"
        return f"{kind} of {len(value)}" if value else f"an empty {kind.split()[1]}"
    text = json.dumps(value[: SHOWN + 1] if isinstance(value, str) else value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ServiceError("invalid_json", f"body: expected each key once. Received: {shown(twice)} twice")
    return value


def _refuse_constant(name: str) -> None:
    raise ServiceError("invalid_json", f"body: expected JSON. Received: {name}")


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        containers = [one for one in level if isinstance(one, (list, dict))]
        level = [child for one in containers for child in (one.values() if isinstance(one, dict) else one)]
    return any(isinstance(one, (list, dict)) for one in level)


def _too_deep(depth: int) -> ServiceError:
    return ServiceError(
        "too_deep", f"body: expected at most {depth} lists and objects within each other. Received: more"
    )
