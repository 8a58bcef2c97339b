"""The service does as its OpenAPI document says."""

import re
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from schemathesis import GenerationMode

from ner.core.sentence import is_word
from ner.service.answers import Error, Health, ModelsAnswer, SentenceAnswer, SentencesAnswer
from ner.service.errors import PROBLEMS
from ner.service.limits import Limits
from ner.service.requests import TEXT_PATTERN, TOKEN_PATTERN
from ner.tagger.tagger import Tagger
from tests.service.conftest import MakeApp

ROUTES = {"/", "/predict", "/health", "/model", "/openapi.json", "/metrics"}
BOUNDED = settings(max_examples=40, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(
    ("route", "mode"),
    [*((route, GenerationMode.POSITIVE) for route in sorted(ROUTES)), ("/predict", GenerationMode.NEGATIVE)],
)
def test_route_answers_as_documented(make_app: MakeApp, tagger: Tagger, route: str, mode: GenerationMode) -> None:
    limits = Limits(body_bytes=1 << 26, tokens=2000, sentences=40, token_characters=100, text_characters=1000)
    document = schemathesis.openapi.from_wsgi("/openapi.json", make_app({"news": tagger, "other": tagger}, limits))
    operation = document[route]["POST" if route == "/predict" else "GET"]

    @given(operation.as_strategy(generation_mode=mode))
    @BOUNDED
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate()

    ask()


def test_every_route_is_documented(app: Flask, client: FlaskClient) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert rules - {"/page.js", "/page.css"} == ROUTES
    assert set(client.get("/openapi.json").json["paths"]) == ROUTES


def test_document_is_openapi(app: Flask) -> None:
    schemathesis.openapi.from_wsgi("/openapi.json", app).validate()


def test_document_has_the_limits_of_this_service(make_app: MakeApp, tagger: Tagger) -> None:
    limits = Limits(tokens=11, sentences=12, token_characters=13, text_characters=14, body_bytes=15_000, json_depth=6)
    document = make_app({"news": tagger}, limits).test_client().get("/openapi.json").json
    schemas = document["components"]["schemas"]
    sentence = schemas["PredictSentence"]["properties"]["sentence"]
    sentences = schemas["PredictSentences"]["properties"]["sentences"]
    assert (sentence["maxItems"], sentence["items"]["maxLength"]) == (11, 13)
    assert (sentences["maxItems"], sentences["items"]["maxItems"]) == (12, 11)
    assert schemas["PredictText"]["properties"]["text"]["maxLength"] == 14
    told = document["paths"]["/predict"]["post"]["requestBody"]["description"]
    assert told == "At most 15000 bytes, and 6 lists and objects deep."


def test_document_has_headers_of_answers(client: FlaskClient) -> None:
    for route, methods in client.get("/openapi.json").json["paths"].items():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                expected = {"X-Request-ID"} | ({"Retry-After"} if (route, status) == ("/predict", "503") else set())
                assert set(answer["headers"]) == expected


def test_examples_of_the_document_are_answered(client: FlaskClient) -> None:
    schemas = client.get("/openapi.json").json["components"]["schemas"]
    for name, key in (("PredictSentence", "sentence"), ("PredictSentences", "sentences"), ("PredictText", "text")):
        assert client.post("/predict", json={key: schemas[name]["properties"][key]["example"]}).status_code == 200


@pytest.mark.parametrize(
    ("method", "route", "body", "model"),
    [
        ("POST", "/predict", {"sentence": ["In", "Baghdad"]}, SentenceAnswer),
        ("POST", "/predict", {"sentence": ["In", "Baghdad"], "probabilities": False}, SentenceAnswer),
        ("POST", "/predict", {"text": "Elena Brenwick left Iraq. She did.", "probabilities": True}, SentencesAnswer),
        ("POST", "/predict", {"sentences": []}, SentencesAnswer),
        ("POST", "/predict", {}, Error),
        ("GET", "/nothing", None, Error),
        ("GET", "/health", None, Health),
        ("GET", "/model", None, ModelsAnswer),
    ],
)
def test_answers_are_as_their_models_say(
    client: FlaskClient, method: str, route: str, body: Any, model: type[BaseModel]
) -> None:
    answer = client.open(route, method=method, json=body)
    assert model.model_validate_json(answer.data).model_dump(mode="json", exclude_unset=True) == answer.json


def test_every_error_is_documented(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    assert document["components"]["schemas"]["ErrorDetail"]["properties"]["code"]["enum"] == [*PROBLEMS]
    told = str(document["paths"]["/predict"]["post"]["responses"])
    assert {code for code in PROBLEMS if f"`{code}`" not in told} == {"not_found", "method_not_allowed"}


@given(st.text(st.characters(), min_size=1, max_size=3))
@BOUNDED
def test_token_pattern_is_what_is_read_as_a_token(token: str) -> None:
    assert bool(re.fullmatch(TOKEN_PATTERN.removesuffix("$"), token)) == is_word(token)


@pytest.mark.parametrize("space", [chr(code) for code in range(0x110000) if chr(code).isspace() or code == 0])
def test_token_pattern_knows_all_space(space: str) -> None:
    assert not re.search(TOKEN_PATTERN, space)
    assert bool(re.search(TEXT_PATTERN, space)) == (space != "\0")
