"""The taggers of one service, each with its batcher and its counters."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ner.service.answers import sentence_answer
from ner.service.batching import Batcher, SentenceLike
from ner.service.errors import ServiceError
from ner.service.limits import Limits
from ner.service.metrics import Metrics
from ner.service.requests import PredictRequest, check_size
from ner.tagger.tagger import Tagger


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of an answer, and what its log line says of it."""

    body: dict[str, Any]
    model: str
    tokens: int


class Models:
    """Taggers by name, the default first; at least one."""

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
        """Of the taggers, the default first."""
        return [*self.taggers]

    def predict(self, request: PredictRequest, seconds: float) -> Answer:
        """What the tagger that `request` names says, within `seconds`.

        Raises:
            ServiceError: there is no such tagger, the text is too large, time is up, or too many wait.
        """
        name = request.model if request.model is not None else self.names[0]
        if name not in self.taggers:
            known = ", ".join(f"`{one}`" for one in self.names)
            raise ServiceError("unknown_model", f"model: expected one of {known}. Received: {name[:60]!a}")
        tagger = self.taggers[name]
        sentences: list[SentenceLike]
        if request.text is None:
            sentences, tokens = [*request.sentences], sum(map(len, request.sentences))
        else:
            cut = tagger.split(request.text)
            sentences, tokens = [*cut], check_size([one.tokens for one in cut], self.limits, "text")
        tagged = self._batchers[name].tag(sentences, probabilities=request.probabilities, seconds=seconds)
        answers = [sentence_answer(one, tagger.tags, probabilities=request.probabilities) for one in tagged]
        body = {"model": name, **answers[0]} if request.single else {"model": name, "sentences": answers}
        return Answer(body, name, tokens)

    def waiting(self) -> dict[str, int]:
        """How many requests wait, by model."""
        return {name: len(batcher) for name, batcher in self._batchers.items()}

    def are_alive(self) -> bool:
        """Whether every tagger's thread still runs, so that each can answer."""
        return all(batcher.is_alive() for batcher in self._batchers.values())

    def close(self, seconds: float = 5.0) -> None:
        """Tag what waits, for so long at most, and take no more."""
        end = time.monotonic() + seconds
        for batcher in self._batchers.values():
            batcher.close(max(0, end - time.monotonic()))
