"""How much a client may ask for, and for how long it may wait."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request, and of what waits for one tagger.

    Attributes:
        body_bytes: of a request's body; above it, the answer is 413.
        tokens: of a request; above it, as above the next three, 422.
        sentences: of a request.
        token_characters: of one token.
        text_characters: of `text`, before it is cut into tokens.
        json_depth: of lists and objects within each other; above it, 400.
        seconds: from the arrival of a request to its answer, waiting included; then 503, and it is computed no further.
        queue: requests that a tagger has not answered yet; one more is answered 503 at once. All of all taggers
            together are less than the server has threads, so that other routes are answered while queues are full.
        batch_tokens: that a tagger is given at once, from as many requests as there are; one longer sentence is whole.

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
