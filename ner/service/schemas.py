"""JSON Schemas of every body and answer, with the limits of this service in them."""

from collections.abc import Sequence
from typing import Any

from ner.service.errors import PROBLEMS
from ner.service.limits import Limits

Schema = dict[str, Any]

_SPACE = r" \t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # as str.isspace has it
_INSIDE = r"[^\t\n\r\x00]*"
TOKEN_PATTERN = rf"^{_INSIDE}[^{_SPACE}\x00]{_INSIDE}$"
TEXT_PATTERN = r"^[^\x00]*$"


def schemas(limits: Limits, models: Sequence[str]) -> dict[str, Schema]:
    """By name, as `components/schemas` of an OpenAPI document has them."""
    token: Schema = {
        "type": "string",
        "minLength": 1,
        "maxLength": limits.token_characters,
        "pattern": TOKEN_PATTERN,
        "description": "Not only space, and without tab, line end, NUL and half surrogate pairs.",
    }
    sentence: Schema = {
        "type": "array",
        "items": token,
        "minItems": 1,
        "maxItems": limits.tokens,
        "example": ["Rome", "won"],
    }
    sentences: Schema = {
        "type": "array",
        "items": sentence,
        "maxItems": limits.sentences,
        "description": f"At most {limits.tokens} tokens together.",
    }
    text: Schema = {
        "type": "string",
        "maxLength": limits.text_characters,
        "pattern": TEXT_PATTERN,
        "description": f"Cut into sentences and tokens by the service: at most {limits.sentences} sentences of "
        f"{limits.tokens} tokens together.",
    }
    options: Schema = {
        "model": {"type": "string", "enum": list(models), "description": f"`{models[0]}` if not given."},
        "probabilities": {
            "type": "boolean",
            "description": "Whether to answer `prediction`; if not given, with `sentence` alone.",
        },
    }
    return {
        "PredictSentence": _object({"sentence": sentence, **options}, ["sentence"], "One sentence in tokens."),
        "PredictSentences": _object({"sentences": sentences, **options}, ["sentences"], "Sentences in tokens."),
        "PredictText": _object({"text": text, **options}, ["text"], "Text as it is written."),
        "PredictRequest": {"oneOf": [_ref("PredictSentence"), _ref("PredictSentences"), _ref("PredictText")]},
        **_predictions(models),
        **_facts(models),
    }


def _predictions(models: Sequence[str]) -> dict[str, Schema]:
    position: Schema = {"type": "integer", "minimum": 0}
    probability: Schema = {"type": "number", "minimum": 0, "maximum": 1.000001, "description": "Rounding may exceed 1."}
    characters = "In code points, half-open, in the text, or in the sentence's tokens joined by single spaces."
    entity: Schema = {
        "text": {"type": "string"},
        "label": {"type": "string"},
        "start": {**position, "description": characters},
        "end": {**position, "description": characters},
        "start_token": {**position, "description": "In the sentence, half-open."},
        "end_token": {**position, "description": "In the sentence, half-open."},
        "confidence": {**probability, "description": "Of the whole entity: its bounds and its label."},
    }
    sentence: Schema = {
        "tokens": {"type": "array", "items": {"type": "string"}},
        "offsets": {
            "type": "array",
            "items": {"type": "array", "items": position, "minItems": 2, "maxItems": 2},
            "description": f"Start and end of each token. {characters}",
        },
        "tags": {"type": "array", "items": {"type": "string"}, "description": "IOB2, one a token."},
        "entities": {"type": "array", "items": _ref("Entity")},
        "prediction": {
            "type": "array",
            "items": {"type": "object", "additionalProperties": probability},
            "description": "Of each token, the probability of each tag.",
        },
    }
    model: Schema = {"type": "string", "enum": list(models)}
    required = ["tokens", "offsets", "tags", "entities"]
    return {
        "Entity": _object(entity, list(entity), "A named entity."),
        "Sentence": _object(sentence, required, "A tagged sentence."),
        "SentenceAnswer": _object({"model": model, **sentence}, ["model", *required], "The answer to `sentence`."),
        "SentencesAnswer": _object(
            {"model": model, "sentences": {"type": "array", "items": _ref("Sentence")}},
            ["model", "sentences"],
            "The answer to `sentences` and `text`.",
        ),
        "PredictAnswer": {"oneOf": [_ref("SentenceAnswer"), _ref("SentencesAnswer")]},
    }


def _facts(models: Sequence[str]) -> dict[str, Schema]:
    name: Schema = {"type": "string", "enum": list(models)}
    card: Schema = {
        "corpus": {"type": "string", "description": "That it has learnt from."},
        "scores": {
            "type": "object",
            "additionalProperties": {"type": "number"},
            "description": "Fractions, on the test set of its corpus.",
        },
        "weights": {"type": "string", "description": "How its numbers are stored."},
    }
    model: Schema = {
        "name": name,
        "language": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "card": _object(card, list(card), "What is known of it."),
    }
    health: Schema = {
        "status": {"type": "string", "enum": ["ok", "shutting_down", "broken"]},
        "ready": {"type": "boolean"},
        "waiting": {
            "type": "object",
            "additionalProperties": {"type": "integer", "minimum": 0},
            "description": "Requests that wait, by model.",
        },
    }
    error: Schema = {"code": {"type": "string", "enum": list(PROBLEMS)}, "message": {"type": "string"}}
    return {
        "Model": _object(model, list(model), "A tagger."),
        "Models": _object(
            {"default": name, "models": {"type": "array", "items": _ref("Model"), "minItems": 1}},
            ["default", "models"],
            "The taggers, the default first.",
        ),
        "Health": _object(health, list(health), "Whether requests are answered."),
        "Error": _object(
            {"error": _object(error, list(error), "What went wrong.")}, ["error"], "Every answer that is an error."
        ),
    }


def _object(properties: Schema, required: list[str], description: str) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
