"""The taggers of a service, each with its batcher and counters: a request -> an answer."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ner.service.answers import sentence_answer
from ner.service.batching import Batcher, SentenceLike
from ner.service.errors import ServiceError
from ner.service.limits import Limits
from ner.service.metrics import Metrics
from ner.service.requests import PredictRequest, PredictSentence, PredictText
from ner.service.strict_json import shown
from ner.tagger.tagger import Tagger, TextSentence


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of an answer, and the model and number of tokens for its log line."""

    body: dict[str, Any]
    model: str
    tokens: int


class Models:
    """The taggers by name, at least one; the first is the default."""

    def __init__(self, taggers: Mapping[str, Tagger], limits: Limits, metrics: Metrics) -> None:
        self.taggers = dict(taggers)
        self.limits = limits
        self._batchers: dict[str, Batcher] = {}
        for name, tagger in taggers.items():
            batcher = Batcher(tagger, limits, lambda tokens, jobs, name=name: metrics.tagged(name, tokens, jobs))  # type: ignore[misc]
            metrics.watch_queue(name, batcher.__len__)
            self._batchers[name] = batcher

    @property
    def names(self) -> list[str]:
        """The names of the taggers, the default first."""
        return [*self.taggers]

    def predict(self, request: PredictRequest, seconds: float) -> Answer:
        """Tag a request with the tagger that it names, within `seconds`.

        Raises:
            ServiceError: the tagger is unknown, the request is too large, time is up, or the queue is full.
        """
        name = request.model
        if name not in self.taggers:
            known = ", ".join(f"`{one}`" for one in self.names)
            raise ServiceError("unknown_model", f"model: expected one of {known}. Received: {shown(name)}")
        tagger = self.taggers[name]
        sentences = _sentences(request, tagger)
        tokens = _count_tokens(sentences, self.limits, "text" if isinstance(request, PredictText) else "sentences")
        tagged = self._batchers[name].tag(sentences, probabilities=request.probabilities, seconds=seconds)
        answers = [sentence_answer(one, tagger.tags, probabilities=request.probabilities) for one in tagged]
        single = isinstance(request, PredictSentence)
        return Answer({"model": name, **(answers[0] if single else {"sentences": answers})}, name, tokens)

    def waiting(self) -> dict[str, int]:
        """Count the waiting requests by model."""
        return {name: len(batcher) for name, batcher in self._batchers.items()}

    def are_alive(self) -> bool:
        """Say whether the thread of every tagger still runs."""
        return all(batcher.is_alive() for batcher in self._batchers.values())

    def close(self, seconds: float = 5.0) -> None:
        """Refuse new requests and tag the waiting ones, for at most `seconds` in all."""
        end = time.monotonic() + seconds
        for batcher in self._batchers.values():
            batcher.close(max(0, end - time.monotonic()))


def _sentences(request: PredictRequest, tagger: Tagger) -> Sequence[SentenceLike]:
    if isinstance(request, PredictText):
        return tagger.split(request.text)
    return [request.sentence] if isinstance(request, PredictSentence) else request.sentences


def _count_tokens(sentences: Sequence[SentenceLike], limits: Limits, where: str) -> int:
    """Count the tokens of `sentences`, and check the limits.

    Raises:
        ServiceError: there are too many sentences or tokens, or a token is too long.
    """
    if len(sentences) > limits.sentences:
        raise ServiceError(
            "too_many_sentences", f"{where}: expected at most {limits.sentences} sentences. Received: {len(sentences)}"
        )
    words = [word for one in sentences for word in (one.tokens if isinstance(one, TextSentence) else one)]
    if len(words) > limits.tokens:
        raise ServiceError(
            "too_many_tokens", f"{where}: expected at most {limits.tokens} tokens. Received: {len(words)}"
        )
    longest = max(map(len, words), default=0)
    if longest > limits.token_characters:
        raise ServiceError(
            "token_too_long",
            f"{where}: expected tokens of at most {limits.token_characters} characters. Received: one of {longest}",
        )
    return len(words)
