"""Counters of the service, in Prometheus' text format."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


class Metrics:
    """The counters of one app, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "ner_requests", "Answers by route and status", ["route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "ner_request_seconds",
            "From the arrival of a request to its answer",
            ["route"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._rejected = Counter("ner_rejected", "Requests answered by an error", ["code"], registry=self._registry)
        self._tokens = Counter("ner_tokens", "Tokens tagged", ["model"], registry=self._registry)
        self._batch_tokens = Histogram(
            "ner_batch_tokens", "Tokens tagged at once", ["model"], buckets=SIZES, registry=self._registry
        )
        self._batch_requests = Histogram(
            "ner_batch_requests", "Requests tagged at once", ["model"], buckets=SIZES, registry=self._registry
        )
        self._queue = Gauge("ner_queue_requests", "Requests that wait for a tagger", ["model"], registry=self._registry)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answer that was given `seconds` after its request arrived."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def rejected(self, code: str) -> None:
        """Count an error by its code, a key of ner.service.errors.PROBLEMS."""
        self._rejected.labels(code).inc()

    def tagged(self, model: str, tokens: int, requests: int) -> None:
        """Count a batch, with its tokens and the number of requests that they come from."""
        self._tokens.labels(model).inc(tokens)
        self._batch_tokens.labels(model).observe(tokens)
        self._batch_requests.labels(model).observe(requests)

    def watch_queue(self, model: str, length: Callable[[], int]) -> None:
        """Report the length of a model's queue; `length` is called each time that `text` is."""
        self._queue.labels(model).set_function(length)

    def text(self) -> bytes:
        """Format all counters as they are now; this is the answer of `/metrics`."""
        return generate_latest(self._registry)
