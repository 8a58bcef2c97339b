"""A body in bytes -> what to tag, or a ServiceError that says what was expected, what came, and where."""

import json
from dataclasses import dataclass
from typing import Any

from ner.core.sentence import is_word
from ner.service.errors import ServiceError
from ner.service.limits import Limits

FORMS = ("sentence", "sentences", "text")
KEYS = (*FORMS, "model", "probabilities")
SHOWN = 60  # characters of what came, in a message

Sentences = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class PredictRequest:
    """What a client asks for: sentences in tokens, or else text; `single` if it was one sentence."""

    model: str | None
    text: str | None
    sentences: Sentences
    single: bool
    probabilities: bool


def read_request(body: bytes, limits: Limits) -> PredictRequest:
    """The request that `body` states.

    Raises:
        ServiceError: it is no JSON (400) or not a request (422).
    """
    value = read_json(body, limits.json_depth)
    if not isinstance(value, dict):
        raise ServiceError("invalid_body", f"body: expected an object. Received: {_shown(value)}")
    if unknown := [key for key in value if key not in KEYS]:
        names = ", ".join(f"`{key}`" for key in KEYS)
        raise ServiceError("invalid_body", f"body: expected no keys but {names}. Received: {_shown(unknown[0])}")
    forms = [form for form in FORMS if form in value]
    if len(forms) != 1:
        received = " and ".join(f"`{form}`" for form in forms) or "none of them"
        raise ServiceError(
            "invalid_body", f"body: expected one of `sentence`, `sentences` and `text`. Received: {received}"
        )
    model = value.get("model")
    if "model" in value and not isinstance(model, str):
        raise ServiceError("invalid_body", f"model: expected a string. Received: {_shown(model)}")
    probabilities = value.get("probabilities", forms[0] == "sentence")
    if not isinstance(probabilities, bool):
        raise ServiceError("invalid_body", f"probabilities: expected true or false. Received: {_shown(probabilities)}")
    text: str | None = None
    sentences: Sentences = ()
    if "text" in value:
        text = _read_text(value["text"], limits)
    elif "sentence" in value:
        sentences = (_read_sentence(value["sentence"], "sentence", limits),)
    else:
        sentences = _read_sentences(value["sentences"], limits)
    return PredictRequest(model, text, sentences, "sentence" in value, probabilities)


def check_size(sentences: list[tuple[str, ...]] | Sentences, limits: Limits, where: str) -> int:
    """How many tokens `sentences` have.

    Raises:
        ServiceError: that is too many, or so are the sentences, or the characters of a token.
    """
    if len(sentences) > limits.sentences:
        raise ServiceError(
            "too_many_sentences", f"{where}: expected at most {limits.sentences} sentences. Received: {len(sentences)}"
        )
    tokens = sum(map(len, sentences))
    if tokens > limits.tokens:
        raise ServiceError("too_many_tokens", f"{where}: expected at most {limits.tokens} tokens. Received: {tokens}")
    longest = max((len(token) for sentence in sentences for token in sentence), default=0)
    if longest > limits.token_characters:
        raise ServiceError(
            "token_too_long",
            f"{where}: expected tokens of at most {limits.token_characters} characters. Received: one of {longest}",
        )
    return tokens


def read_json(body: bytes, depth: int) -> Any:
    """The value of strict JSON in UTF-8: each key once, no NaN, no infinity, at most `depth` lists and objects deep.

    Raises:
        ServiceError: it is something else.
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


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        containers = [one for one in level if isinstance(one, (list, dict))]
        level = [child for one in containers for child in (one.values() if isinstance(one, dict) else one)]
    return any(isinstance(one, (list, dict)) for one in level)


def _read_text(value: Any, limits: Limits) -> str:
    if not isinstance(value, str):
        raise ServiceError("invalid_body", f"text: expected a string. Received: {_shown(value)}")
    if len(value) > limits.text_characters:
        expected = f"at most {limits.text_characters} characters"
        raise ServiceError("text_too_long", f"text: expected {expected}. Received: {len(value)}")
    if (position := value.find("\0")) >= 0:
        raise ServiceError("invalid_text", f"text: expected no NUL. Received: U+0000 at character {position}")
    _refuse_surrogates(value, "text")
    return value


def _read_sentences(value: Any, limits: Limits) -> Sentences:
    if not isinstance(value, list):
        raise ServiceError("invalid_body", f"sentences: expected a list of lists. Received: {_shown(value)}")
    sentences = tuple(_read_sentence(one, f"sentences[{number}]", limits) for number, one in enumerate(value))
    check_size(sentences, limits, "sentences")
    return sentences


def _read_sentence(value: Any, where: str, limits: Limits) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ServiceError(
            "invalid_body", f"{where}: expected a list with at least one token. Received: {_shown(value)}"
        )
    for number, token in enumerate(value):
        if not isinstance(token, str) or not is_word(token):
            raise ServiceError(
                "invalid_text" if isinstance(token, str) else "invalid_body",
                f"{where}[{number}]: expected a non-empty string that is not only space, without tab, line end, NUL. "
                f"Received: {_shown(token)}",
            )
        if len(token) > limits.token_characters:
            expected = f"at most {limits.token_characters} characters"
            raise ServiceError(
                "token_too_long", f"{where}[{number}]: expected {expected}. Received: {len(token)} characters"
            )
        if not token.isascii():
            _refuse_surrogates(token, f"{where}[{number}]")
    check_size((tuple(value),), limits, where)
    return tuple(value)


def _refuse_surrogates(text: str, where: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        received = f"U+{ord(text[error.start]):04X} at character {error.start}"
        raise ServiceError(
            "invalid_text", f"{where}: expected no half of a surrogate pair. Received: {received}"
        ) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ServiceError("invalid_json", f"body: expected each key once. Received: {_shown(twice)} twice")
    return value


def _refuse_constant(name: str) -> None:
    raise ServiceError("invalid_json", f"body: expected JSON. Received: {name}")


def _too_deep(depth: int) -> ServiceError:
    return ServiceError(
        "too_deep", f"body: expected at most {depth} lists and objects within each other. Received: more"
    )


def _shown(value: Any) -> str:
    """What came, in ASCII and no longer than SHOWN; containers by their kind and size."""
    if isinstance(value, (list, dict)):
        kind = "a list" if isinstance(value, list) else "an object"
        return f"{kind} of {len(value)}" if value else f"an empty {kind.split()[1]}"
    text = json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
