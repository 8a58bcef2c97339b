"""Bodies: what is read of them, and what is said of those that are none."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.service.errors import ServiceError
from ner.service.limits import Limits
from ner.service.requests import read_request, request_forms

LIMITS = Limits(tokens=6, sentences=3, token_characters=10, text_characters=50, json_depth=4)
FORMS = request_forms(LIMITS, ["news", "other"])


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def refusal(sent: bytes) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        read_request(sent, FORMS, LIMITS.json_depth)
    return caught.value


@pytest.mark.parametrize(
    ("sent", "added"),
    [
        ({"sentence": ["Sample", "sentence"]}, {"model": "news", "probabilities": True}),
        ({"sentence": ["a"], "probabilities": False}, {"model": "news"}),
        ({"sentences": [["a"], ["b", "c"]]}, {"model": "news", "probabilities": False}),
        ({"sentences": []}, {"model": "news", "probabilities": False}),
        ({"text": "Rome.\t\n", "model": "x"}, {"probabilities": False}),
        ({"text": "", "probabilities": True}, {"model": "news"}),
        ({"text": "\U0001f600 القاهرة"}, {"model": "news", "probabilities": False}),
    ],
)
def test_body_is_read(sent: Any, added: dict[str, Any]) -> None:
    assert read_request(body(sent), FORMS, LIMITS.json_depth).model_dump() == sent | added


@pytest.mark.parametrize(
    ("sent", "code", "message"),
    [
        (b"", "invalid_json", "expected JSON. Received: Expecting value, line 1, column 1"),
        (b'{"text": "a",}', "invalid_json", "line 1, column 14"),
        (b'{"text": "\xff"}', "invalid_json", "body: expected UTF-8. Received: byte 0xff at 10"),
        (b'\xef\xbb\xbf{"text": ""}', "invalid_json", "BOM"),
        (b'{"text": "a", "text": "b"}', "invalid_json", 'expected each key once. Received: "text" twice'),
        (b'{"text": NaN}', "invalid_json", "expected JSON. Received: NaN"),
        (b'{"text": -Infinity}', "invalid_json", "Received: -Infinity"),
        (b'{"text": ' + b"1" * 5000 + b"}", "invalid_json", "too many digits"),
        (b"[" * 100_000, "too_deep", "at most 4 lists and objects within each other"),
        (b"[" * 5 + b"]" * 5, "too_deep", "at most 4"),
        (b'{"sentences": [[["a", {}]]]}', "too_deep", "at most 4"),
        (b"[]", "invalid_body", "body: expected an object. Received: an empty list"),
        (body('{"text": "a"}'), "invalid_body", r'body: expected an object. Received: "{\"text'),
        (b"{}", "invalid_body", "expected one of `sentence`, `sentences` and `text`. Received: none of them"),
        (body({"text": "a", "sentence": ["a"]}), "invalid_body", "Received: `sentence` and `text`"),
        (body({"txt": "a"}), "invalid_body", 'Received: "txt"'),
        (body({"text": 1}), "invalid_body", "text: expected a string. Received: 1"),
        (body({"text": None}), "invalid_body", "text: expected a string. Received: null"),
        (body({"text": "ab\0"}), "invalid_text", "pair. Received: U+0000 at character 2"),
        (body({"text": "a\ud800"}), "invalid_text", "half of a surrogate pair. Received: U+D800 at character 1"),
        (body({"text": "a" * 51}), "text_too_long", "text: expected at most 50 characters. Received: 51"),
        (body({"text": "a", "model": None}), "invalid_body", "model: expected a string. Received: null"),
        (body({"text": "a", "probabilities": 1}), "invalid_body", "probabilities: expected true or false. Received: 1"),
        (body({"sentence": "a b"}), "invalid_body", 'sentence: expected a list with at least one token. Received: "a'),
        (body({"sentence": []}), "invalid_body", "Received: an empty list"),
        (body({"sentences": {}}), "invalid_body", "sentences: expected a list of lists. Received: an empty object"),
        (body({"sentences": [["a"], []]}), "invalid_body", "sentences[1]: expected a list with at least one token"),
        (body({"sentences": [["a"], ["b", 7]]}), "invalid_body", "sentences[1][1]: expected a string. Received: 7"),
        (body({"sentence": [""]}), "invalid_text", "sentence[0]: expected a non-empty string that is not only space"),
        (body({"sentence": ["a", "\u3000 "]}), "invalid_text", "sentence[1]: expected a non-empty string"),
        (body({"sentence": ["a\tb"]}), "invalid_text", r'Received: "a\tb"'),
        (
            body({"sentence": ["a\0"]}),
            "invalid_text",
            "without tab, line end, NUL and half surrogate pairs. Received: U+0000 at character 1",
        ),
        (
            body({"sentence": ["\udfff"]}),
            "invalid_text",
            "sentence[0]: expected a non-empty string that is not only space",
        ),
        (body({"sentence": ["a" * 11]}), "token_too_long", "expected at most 10 characters. Received: 11 characters"),
        (body({"sentence": ["a"] * 7}), "too_many_tokens", "sentence: expected at most 6 tokens. Received: 7"),
        (body({"sentences": [["a"], ["a"] * 7]}), "too_many_tokens", "sentences[1]: expected at most 6 tokens"),
        (body({"sentences": [["a"]] * 4}), "too_many_sentences", "expected at most 3 sentences. Received: 4"),
        (body({"sentence": [{"a": 1}]}), "invalid_body", "sentence[0]: expected a string. Received: an object of 1"),
        (body({"text": 1, "\ud800" * 99: 1}), "invalid_body", "..."),
    ],
)
def test_body_is_refused_with_code_and_place(sent: bytes, code: str, message: str) -> None:
    error = refusal(sent)
    assert error.code == code
    assert message in error.message
    assert error.message.isascii()
    assert len(error.message) < 250


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["text", "sentence", "sentences", "model"]), inner),
)


@given(st.binary() | JSON.map(body) | JSON.map(lambda value: body({"sentences": value})))
def test_any_body_is_read_or_refused(sent: bytes) -> None:
    with suppress(ServiceError):
        assert type(read_request(sent, FORMS, LIMITS.json_depth)) in FORMS.values()


def test_limits_are_above_zero() -> None:
    with pytest.raises(ValueError, match=r"`queue` must be above 0\. Received: 0"):
        Limits(queue=0)
