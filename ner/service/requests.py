"""The body of `POST /predict` in bytes -> a checked request, or a ServiceError."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails, PydanticKnownError

from ner.service.errors import ServiceError
from ner.service.limits import Limits
from ner.service.strict_json import read_json, shown

_SPACE = r" \t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # as str.isspace has it
_INSIDE = r"[^\t\n\r\x00]*"
TOKEN_PATTERN = rf"^{_INSIDE}[^{_SPACE}\x00]{_INSIDE}$"  # as ner.core.sentence.is_word has it
TEXT_PATTERN = r"^[^\x00]*$"


class _Options(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    model: str
    probabilities: bool = Field(default=False, description="Whether to answer `prediction`.")


class PredictSentence(_Options):
    sentence: list[str]


class PredictSentences(_Options):
    sentences: list[list[str]]


class PredictText(_Options):
    text: str


PredictRequest: TypeAlias = PredictSentence | PredictSentences | PredictText
Forms: TypeAlias = Mapping[str, type[PredictRequest]]  # by the key that tells them apart


def request_forms(limits: Limits, names: Sequence[str]) -> Forms:
    """Build the pydantic models of the three kinds of body, with `limits` as constraints.

    `names` are those of the taggers, the default first.
    """
    model = (str, Field(default=names[0], json_schema_extra={"enum": [*names]}))
    token = Annotated[
        str,
        Field(
            max_length=limits.token_characters,
            pattern=TOKEN_PATTERN,
            description="Has a character that is no space, and no tab, line end, NUL or lone surrogate.",
        ),
    ]
    sentence = Annotated[list[token], Field(min_length=1, max_length=limits.tokens, fail_fast=True)]
    together = f"at most {limits.tokens} tokens together."
    sentences = Field(
        max_length=limits.sentences,
        fail_fast=True,
        description=together.capitalize(),
        json_schema_extra={"example": [["Rome", "won"], ["Oslo", "lost"]]},
    )
    text = Field(
        description=f"Cut into sentences and tokens by the service: at most {limits.sentences} sentences, {together}",
        json_schema_extra={
            "maxLength": limits.text_characters,
            "pattern": TEXT_PATTERN,
            "example": "Rome won. Oslo lost.",
        },
    )

    def check_text(text: str) -> str:
        """Check the constraints of the schema: pydantic's own take three times as long, since they copy the text."""
        if len(text) > limits.text_characters:
            raise PydanticKnownError("string_too_long", {"max_length": limits.text_characters})
        if "\0" in text:
            raise ValueError
        text.encode()  # raises UnicodeEncodeError, a ValueError, at half a surrogate pair
        return text

    return {
        "sentence": create_model(
            "PredictSentence",
            __base__=PredictSentence,
            __doc__="One sentence in tokens.",
            model=model,
            sentence=(sentence, Field(json_schema_extra={"example": ["Rome", "won"]})),
            probabilities=(bool, Field(default=True, description="Whether to answer `prediction`.")),
        ),
        "sentences": create_model(
            "PredictSentences",
            __base__=PredictSentences,
            __doc__="Sentences in tokens.",
            model=model,
            sentences=(list[sentence], sentences),
        ),
        "text": create_model(
            "PredictText",
            __base__=PredictText,
            __doc__="Text as it is written.",
            model=model,
            text=(Annotated[str, AfterValidator(check_text)], text),
        ),
    }


def read_request(body: bytes, forms: Forms, depth: int) -> PredictRequest:
    """Read and check a request.

    Args:
        body: the request in JSON, at most `depth` lists and objects deep.
        forms: as `request_forms` returns them.
        depth: most lists and objects within each other.

    Raises:
        ServiceError: `body` is no JSON (400) or no valid request (422).
    """
    value = read_json(body, depth)
    if not isinstance(value, dict):
        raise ServiceError("invalid_body", f"body: expected an object. Received: {shown(value)}")
    keys = (*forms, *_Options.model_fields)
    if unknown := next((key for key in value if key not in keys), None):
        names = ", ".join(f"`{key}`" for key in keys)
        raise ServiceError("invalid_body", f"body: expected no keys but {names}. Received: {shown(unknown)}")
    given = [form for form in forms if form in value]
    if len(given) != 1:
        received = " and ".join(f"`{form}`" for form in given) or "none of them"
        raise ServiceError(
            "invalid_body", f"body: expected one of `sentence`, `sentences` and `text`. Received: {received}"
        )
    try:
        return forms[given[0]].model_validate(value)
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False)[0]) from None


_KINDS = {
    "bool_type": "true or false",
    "list_type": "a list with at least one token",
    "string_type": "a string",
    "too_short": "a list with at least one token",
}
_TEXT = "no NUL and no half of a surrogate pair"
_TOKEN = "a non-empty string that is not only space, without tab, line end, NUL and half surrogate pairs"


def _refusal(error: ErrorDetails) -> ServiceError:
    """Convert an error of pydantic: say what was expected, what came, and where."""
    where = "".join(f"[{one}]" if isinstance(one, int) else one for one in error["loc"])
    value = error["input"]
    received = shown(value)
    bound = error.get("ctx", {}).get("max_length")
    match error["type"]:
        case "too_long":
            what = "sentences" if where == "sentences" else "tokens"
            code, expected, received = f"too_many_{what}", f"at most {bound} {what}", f"{len(value)}"
        case "string_too_long":
            code = "text_too_long" if where == "text" else "token_too_long"
            expected, received = f"at most {bound} characters", f"{len(value)} characters"
        case "string_pattern_mismatch" | "string_unicode" | "value_error":
            code, expected = "invalid_text", _TEXT if where == "text" else _TOKEN
            if found := re.search("[\0\ud800-\udfff]", value):
                received = f"U+{ord(found[0]):04X} at character {found.start()}"
        case "list_type" if where == "sentences":
            code, expected = "invalid_body", "a list of lists"
        case kind:
            code, expected = "invalid_body", _KINDS[kind]
    return ServiceError(code, f"{where}: expected {expected}. Received: {received}")
