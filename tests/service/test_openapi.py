"""The service does as its OpenAPI document says."""

import re

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from ner.core.sentence import is_word
from ner.service.errors import PROBLEMS
from ner.service.limits import Limits
from ner.service.schemas import TEXT_PATTERN, TOKEN_PATTERN
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


def test_every_error_is_documented(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    assert document["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]["enum"] == [
        *PROBLEMS
    ]
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
