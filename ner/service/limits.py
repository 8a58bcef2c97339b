"""Limits of the service: sizes of a request, its time, and the length of a queue."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request, and of the queue of one tagger.

    Attributes:
        body_bytes: most bytes of a request's body; more are answered by 413.
        tokens: most tokens of a request; more are answered by 422, and so are the next three.
        sentences: most sentences of a request.
        token_characters: most characters of a token.
        text_characters: most characters of `text`.
        json_depth: most lists and objects within each other; more are answered by 400.
        seconds: from the arrival of a request to its answer, waiting included; then the answer is 503, and the rest of
            the request is not tagged.
        queue: most requests that wait for a tagger or are being tagged; one more is answered by 503 at once. `ner
            serve` has more threads than all queues together, so other routes answer while queues are full.
        batch_tokens: tokens of a batch; a longer sentence is a batch by itself.

    Raises:
        ValueError: a limit is not above 0.
    """

    body_bytes: int = 1 << 20
    tokens: int = 20_000
    sentences: int = 2_000
    token_characters: int = 1_000
    text_characters: int = 200_000
    json_depth: int = 16
    seconds: float = 10.0
    queue: int = 48
    batch_tokens: int = 2_048

    def __post_init__(self) -> None:
        for field in fields(self):
            if not (value := getattr(self, field.name)) > 0:
                raise ValueError(f"`{field.name}` must be above 0. Received: {value}")
