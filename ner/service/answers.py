"""Tagged sentences -> the JSON of answers, and the pydantic models that describe it in the OpenAPI document.

Answers are built as plain dictionaries, without validation at each request. A test validates them against the models.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field, RootModel

from ner.service.errors import PROBLEMS
from ner.tagger.tagger import Entity, Tagged, Tagger

_Position = Annotated[int, Field(ge=0)]
_Probability = Annotated[float, Field(ge=0, le=1.000001, description="Rounding may exceed 1.")]
_CHARACTERS = "In code points, half-open, in the text, or in the sentence's tokens joined by single spaces."


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class EntityAnswer(_Answer):
    """A named entity."""

    text: str
    label: str
    start: _Position = Field(description=_CHARACTERS)
    end: _Position = Field(description=_CHARACTERS)
    start_token: _Position = Field(description="In the sentence, half-open.")
    end_token: _Position = Field(description="In the sentence, half-open.")
    confidence: _Probability = Field(description="Of the whole entity: its bounds and its label.")


class TaggedSentence(_Answer):
    """A tagged sentence."""

    tokens: list[str]
    offsets: list[tuple[_Position, _Position]] = Field(description=f"Start and end of each token. {_CHARACTERS}")
    tags: list[str] = Field(description="IOB2, one a token.")
    entities: list[EntityAnswer]
    prediction: list[dict[str, _Probability]] = Field(
        default_factory=list, description="Of each token, the probability of each tag; if it was asked for."
    )


class SentenceAnswer(TaggedSentence):
    """The answer to `sentence`."""

    model: str


class SentencesAnswer(_Answer):
    """The answer to `sentences` and `text`."""

    model: str
    sentences: list[TaggedSentence]


class PredictAnswer(RootModel[SentenceAnswer | SentencesAnswer]):
    """The answer to `POST /predict`."""


class ModelCard(_Answer):
    """The origin and the scores of a tagger."""

    corpus: str = Field(description="The corpus that it was trained on.")
    scores: dict[str, float] = Field(description="Fractions, on the test set of its corpus.")
    weights: str = Field(description="The format of its weights.")


class ModelAnswer(_Answer):
    """A tagger."""

    name: str
    language: str
    tags: list[str]
    card: ModelCard


class ModelsAnswer(_Answer):
    """The taggers, the default first."""

    default: str
    models: list[ModelAnswer] = Field(min_length=1)


class Health(_Answer):
    """Whether requests are answered: 200 if so, 503 if the service is broken or shutting down."""

    status: Literal["ok", "shutting_down", "broken"]
    ready: bool
    waiting: dict[str, _Position] = Field(description="Waiting requests, by model.")


class ErrorDetail(_Answer):
    """What went wrong."""

    code: str = Field(json_schema_extra={"enum": [*PROBLEMS]})
    message: str = Field(json_schema_extra={"example": "text: expected a string. Received: 1"})


class Error(_Answer):
    """The body of every error answer."""

    error: ErrorDetail


def sentence_answer(tagged: Tagged, tags: Sequence[str], *, probabilities: bool) -> dict[str, Any]:
    """Build a TaggedSentence; if `probabilities`, with the probability of each of `tags` for each token."""
    answer: dict[str, Any] = {
        "tokens": tagged.tokens,
        "offsets": tagged.offsets,
        "tags": tagged.tags,
        "entities": [_entity_answer(entity) for entity in tagged.entities],
    }
    if probabilities:
        assert tagged.probabilities is not None
        answer["prediction"] = [dict(zip(tags, row, strict=True)) for row in tagged.probabilities.tolist()]
    return answer


def model_answer(name: str, tagger: Tagger) -> dict[str, Any]:
    """Build the ModelAnswer of a tagger."""
    settings = tagger.settings
    card = {"corpus": settings.corpus, "scores": dict(settings.scores), "weights": settings.weights}
    return {"name": name, "language": tagger.language, "tags": tagger.tags, "card": card}


def json_response(body: Mapping[str, Any], status: int = 200) -> Response:
    """Make a response with `body` as compact JSON in UTF-8."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Response(text.encode(), status, mimetype="application/json")


def _entity_answer(entity: Entity) -> dict[str, Any]:
    return {
        "text": entity.text,
        "label": entity.label,
        "start": entity.start,
        "end": entity.end,
        "start_token": entity.first,
        "end_token": entity.last,
        "confidence": entity.confidence,
    }
