"""Routes: what they answer, with which status and headers, and what the log and the counters say of it."""

import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ner.service.app import create_app, from_environment
from ner.service.limits import Limits
from ner.tagger.tagger import Tagger
from tests.service.conftest import Held, MakeApp

TEXT = "On Tuesday Elena Brenwick met him in Baghdad. 😀 She left Iraq\nin June."


def predict(client: FlaskClient, **body: Any) -> TestResponse:
    return client.post("/predict", json=body)


def code(response: TestResponse) -> str:
    assert set(response.json) == {"error"}
    assert set(response.json["error"]) == {"code", "message"}
    found: str = response.json["error"]["code"]
    return found


def test_sentence_is_answered_by_probabilities_tags_and_entities(client: FlaskClient, tagger: Tagger) -> None:
    sentence = ["Sample", "sentence", "from", "Baghdad"]
    answer = predict(client, sentence=sentence).json
    (expected,) = tagger.tag([sentence], probabilities=True)
    assert answer["tokens"] == sentence
    assert answer["offsets"] == [[0, 6], [7, 15], [16, 20], [21, 28]]
    assert answer["tags"] == list(expected.tags)
    assert [list(token) for token in answer["prediction"]] == [list(tagger.tags)] * 4
    assert expected.probabilities is not None
    assert [list(token.values()) for token in answer["prediction"]] == expected.probabilities.tolist()
    assert [sum(token.values()) for token in answer["prediction"]] == pytest.approx([1] * 4)


def test_prediction_is_answered_if_asked_for(client: FlaskClient) -> None:
    assert "prediction" not in predict(client, sentence=["a"], probabilities=False).json
    assert "prediction" not in predict(client, text="a").json["sentences"][0]
    assert "prediction" not in predict(client, sentences=[["a"]]).json["sentences"][0]
    assert len(predict(client, text="a b", probabilities=True).json["sentences"][0]["prediction"]) == 2
    assert len(predict(client, sentences=[["a"]], probabilities=True).json["sentences"][0]["prediction"]) == 1


def test_text_is_cut_and_its_entities_point_into_it(client: FlaskClient, tagger: Tagger) -> None:
    sentences = predict(client, text=TEXT).json["sentences"]
    expected = tagger.tag_text(TEXT)
    assert [one["tags"] for one in sentences] == [list(one.tags) for one in expected]
    entities = [entity for one in sentences for entity in one["entities"]]
    assert len(entities) >= 3
    for sentence in sentences:
        for token, (start, end) in zip(sentence["tokens"], sentence["offsets"], strict=True):
            assert TEXT[start:end] == token
        for entity in sentence["entities"]:
            assert TEXT[entity["start"] : entity["end"]] == entity["text"]
            assert sentence["offsets"][entity["start_token"]][0] == entity["start"]
            assert sentence["offsets"][entity["end_token"] - 1][1] == entity["end"]
            assert 0 < entity["confidence"] <= 1


def test_sentences_are_answered_in_order(client: FlaskClient) -> None:
    sentences = [["In", "June"], ["In"], ["a", "b", "c"]]
    answer = predict(client, sentences=sentences).json
    assert [one["tokens"] for one in answer["sentences"]] == sentences


@pytest.mark.parametrize("body", [{"text": ""}, {"text": " \n"}, {"sentences": []}])
def test_nothing_to_tag_is_answered_by_no_sentence(client: FlaskClient, body: dict[str, Any]) -> None:
    assert predict(client, **body).json == {"model": "news", "sentences": []}


def test_first_model_is_the_default(client: FlaskClient) -> None:
    assert predict(client, text="a").json["model"] == "news"
    assert predict(client, text="a", model="other").json["model"] == "other"


def test_unknown_model_is_told_the_known_ones(client: FlaskClient) -> None:
    response = predict(client, text="a", model="bio")
    assert (response.status_code, code(response)) == (422, "unknown_model")
    assert 'expected one of `news`, `other`. Received: "bio"' in response.json["error"]["message"]


def test_models_say_what_they_are(client: FlaskClient, tagger: Tagger) -> None:
    answer = client.get("/model").json
    assert answer["default"] == "news"
    assert [model["name"] for model in answer["models"]] == ["news", "other"]
    assert answer["models"][0]["tags"] == list(tagger.tags)
    assert answer["models"][0]["card"]["scores"] == tagger.settings.scores


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "expected"),
    [
        ("GET", "/nothing", {}, 404, "not_found"),
        ("GET", "/predict", {}, 405, "method_not_allowed"),
        ("DELETE", "/model", {}, 405, "method_not_allowed"),
        ("POST", "/predict", {}, 415, "unsupported_media_type"),
        ("POST", "/predict", {"data": "text=a", "content_type": "text/plain"}, 415, "unsupported_media_type"),
        ("POST", "/predict", {"data": "{}", "content_type": "application/json;charset=latin-1"}, 415, None),
        ("POST", "/predict", {"json": {}, "headers": {"Content-Encoding": "gzip"}}, 415, None),
        ("POST", "/predict", {"data": "{", "content_type": "application/json"}, 400, "invalid_json"),
        ("POST", "/predict", {"data": "[" * 99_999, "content_type": "application/json"}, 400, "too_deep"),
        ("POST", "/predict", {"json": {"text": "a", "x": 1}}, 422, "invalid_body"),
        ("POST", "/predict", {"json": {"text": "a " * 21}}, 422, "too_many_tokens"),
        ("POST", "/predict", {"json": {"sentences": [["a"] * 7] * 3}}, 422, "too_many_tokens"),
        ("POST", "/predict", {"json": {"text": "A. Be. " * 9}}, 422, "too_many_sentences"),
        ("POST", "/predict", {"json": {"text": "a" * 31}}, 422, "token_too_long"),
        ("POST", "/predict", {"json": {"text": "a" * 100_000}}, 413, "body_too_large"),
    ],
)
def test_errors_are_json(
    make_app: MakeApp, tagger: Tagger, method: str, path: str, sent: dict[str, Any], status: int, expected: str | None
) -> None:
    limits = Limits(body_bytes=100_000, tokens=20, sentences=6, token_characters=30)
    response = make_app({"news": tagger}, limits).test_client().open(path, method=method, **sent)
    assert (response.status_code, code(response)) == (status, expected or "unsupported_media_type")
    assert ("Allow" in response.headers) == (status == 405)


def test_body_of_exactly_the_limit_is_read(make_app: MakeApp, tagger: Tagger) -> None:
    body = b'{"text": "a"}'
    for limit, status in ((len(body), 200), (len(body) - 1, 413)):
        client = make_app({"news": tagger}, Limits(body_bytes=limit)).test_client()
        assert client.post("/predict", data=body, content_type="application/json").status_code == status


def test_failure_shows_no_trace_and_the_log_no_text(
    make_app: MakeApp, held: Held, capsys: pytest.CaptureFixture[str]
) -> None:
    held.go.set()
    response = predict(make_app({"held": held}).test_client(), sentence=["boom", "secret"])
    assert (response.status_code, code(response)) == (500, "internal_error")
    assert response.headers["X-Request-ID"] in response.json["error"]["message"]
    assert "Traceback" not in response.text
    assert "secret" not in response.text
    log = capsys.readouterr().err
    assert re.search(rf"ERROR id={response.headers['X-Request-ID']} .*in tag\n.*\nArithmeticError\n", log, re.DOTALL)
    assert "secret" not in log


def test_time_is_up_after_a_while(make_app: MakeApp, held: Held) -> None:
    response = predict(make_app({"held": held}, Limits(seconds=0.05)).test_client(), text="a")
    assert (response.status_code, code(response)) == (503, "timeout")
    assert response.headers["Retry-After"] == "1"


def test_health_tells_when_it_shuts_down(app: Flask) -> None:
    client = app.test_client()
    health = client.get("/health")
    assert health.status_code == 200
    assert health.json == {"status": "ok", "ready": True, "waiting": {"news": 0, "other": 0}}
    app.extensions["ner"].shutting_down = True
    assert client.get("/health").status_code == 503
    assert client.get("/health").json["ready"] is False


def test_health_tells_when_a_tagger_has_ended(app: Flask) -> None:
    app.extensions["ner"].models.close()
    assert app.test_client().get("/health").json["status"] == "broken"


def test_metrics_count(client: FlaskClient) -> None:
    predict(client, sentence=["In", "June"])
    predict(client, sentence=[])
    client.get("/nothing")
    text = client.get("/metrics").text
    for line in (
        'ner_requests_total{route="/predict",status="200"} 1.0',
        'ner_requests_total{route="/predict",status="422"} 1.0',
        'ner_requests_total{route="none",status="404"} 1.0',
        'ner_request_seconds_count{route="/predict"} 2.0',
        'ner_tokens_total{model="news"} 2.0',
        'ner_batch_requests_count{model="news"} 1.0',
        'ner_queue_requests{model="other"} 0.0',
        'ner_rejected_total{code="invalid_body"} 1.0',
    ):
        assert line in text.splitlines()


@pytest.mark.parametrize("path", ["/", "/page.js", "/page.css", "/health", "/nothing", "/openapi.json"])
def test_headers_keep_browsers_from_harm(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == ("no-cache" if path in ("/", "/page.js", "/page.css") else "no-store")
    assert not any(name.startswith(("Access-Control", "Set-Cookie")) for name, _ in headers)


def test_page_is_sent_again_only_if_it_changed(client: FlaskClient) -> None:
    first = client.get("/")
    again = client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")


def test_page_has_neither_inline_code_nor_addresses_elsewhere(client: FlaskClient) -> None:
    page = client.get("/").text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|\bstyle=|https?://|//", page)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", client.get("/page.js").text)


@pytest.mark.parametrize(
    ("sent", "kept"), [("abc-1.2_3", True), ("a" * 129, False), ("", False), ("a b", False), ("é", False)]
)
def test_request_id_is_kept_if_sane(client: FlaskClient, sent: str, kept: bool) -> None:
    answered = client.get("/health", headers={"X-Request-ID": sent}).headers["X-Request-ID"]
    assert (answered == sent) == kept
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", answered)


def test_log_has_facts_and_no_text(make_app: MakeApp, tagger: Tagger, tmp_path: Path) -> None:
    client = make_app({"news": tagger}, log_file=tmp_path / "logs/app.log").test_client()
    client.post("/predict", json={"text": "A secret from Baghdad"}, headers={"X-Request-ID": "mine"})
    client.post("/predict", json={"text": "A secret", "secret": 1})
    client.get("/a%0Ab%20INFO%20forged")
    lines = (tmp_path / "logs/app.log").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert re.fullmatch(
        r'[\d-]{10}T[\d:.]{12}Z INFO id=mine POST "/predict" 200 [\d.]+ms model=news tokens=4', lines[0]
    )
    assert lines[1].endswith("code=invalid_body")
    assert '"/a\\nb INFO forged" 404' in lines[2]
    assert not any("secret" in line for line in lines)


def test_log_has_text_if_asked(make_app: MakeApp, tagger: Tagger, capsys: pytest.CaptureFixture[str]) -> None:
    predict(make_app({"news": tagger}, log_text=True).test_client(), text="A secret\nfrom القاهرة")
    (line, _) = capsys.readouterr().err.splitlines()
    assert "A secret\\\\nfrom" in line


def test_log_rotates(make_app: MakeApp, tagger: Tagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ner.service.logs.FILE_BYTES", 300)
    client = make_app({"news": tagger}, log_file=tmp_path / "app.log").test_client()
    for _ in range(40):
        client.get("/health")
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["app.log", *(f"app.log.{number}" for number in range(1, 6))]
    assert all(path.stat().st_size <= 300 for path in tmp_path.iterdir())


def test_log_to_stderr_alone_writes_no_file(
    make_app: MakeApp, tagger: Tagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    predict(make_app({"news": tagger}).test_client(), text="a")
    assert not list(tmp_path.iterdir())
    assert logging.getLogger("ner.service").handlers == []


def test_app_needs_a_tagger() -> None:
    with pytest.raises(ValueError, match="expected at least one tagger"):
        create_app({})


def test_app_from_environment(
    tagger_directory: Path, arabic_directory: Path, monkeypatch: pytest.MonkeyPatch, tagger: Tagger
) -> None:
    monkeypatch.setenv("NER_TAGGERS", f"{tagger_directory},{arabic_directory}")
    app = from_environment()
    assert app.extensions["ner"].models.names == [tagger.name, "arabic"]
    app.extensions["ner"].close()
    monkeypatch.setenv("NER_TAGGERS", f"{tagger_directory},{tagger_directory}")
    with pytest.raises(ValueError, match=r"expected taggers of different names\. Received: "):
        from_environment()
    monkeypatch.setenv("NER_TAGGERS", "")
    with pytest.raises(ValueError, match="NER_TAGGERS"):
        from_environment()


def test_service_loads_no_tensorflow() -> None:
    heavy = "{'tensorflow', 'keras', 'dvc', 'pandas', 'onnx'}"
    program = f"import json, sys, ner.service.server; print(json.dumps(sorted({heavy} & set(sys.modules))))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
