"""What a tagger found -> JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from ner.tagger.tagger import Entity, Tagged, Tagger


def sentence_answer(tagged: Tagged, tags: Sequence[str], *, probabilities: bool) -> dict[str, Any]:
    """One sentence; with `prediction`, the probability of each of `tags` for each token, if asked for."""
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
    """What a client has to know of a tagger."""
    settings = tagger.settings
    card = {"corpus": settings.corpus, "scores": dict(settings.scores), "weights": settings.weights}
    return {"name": name, "language": tagger.language, "tags": tagger.tags, "card": card}


def json_response(body: Mapping[str, Any], status: int = 200) -> Response:
    """`body` in UTF-8, without spaces."""
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
