"""Requests of many clients -> batches of one tagger.

Each tagger has one thread. While it tags a batch, new requests wait. Then the next batch takes an equal share of tokens
from each waiting request. So a large request is tagged in several batches, and a small one never waits for all of it.
An idle tagger starts at once. No request is read as the context of another.
"""

import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ner.service.errors import ServiceError
from ner.service.limits import Limits
from ner.tagger.tagger import Tagged, Tagger, TextSentence

SentenceLike = Sequence[str] | TextSentence


@dataclass(eq=False, slots=True)
class _Job:
    """The sentences of one request.

    `taken` of them are tagged or being tagged. `done` has the tagged ones, all of them once `finished` is set.
    """

    sentences: Sequence[SentenceLike]
    probabilities: bool
    taken: int = 0
    done: list[Tagged] = field(default_factory=list)
    error: Exception | None = None
    given_up: bool = False
    finished: threading.Event = field(default_factory=threading.Event)

    def take(self, tokens: int) -> list[SentenceLike]:
        """Take the next sentences, with at most `tokens` tokens together, but at least one sentence."""
        sentences: list[SentenceLike] = []
        for sentence in islice(self.sentences, self.taken, None):
            size = _length(sentence)
            if sentences and size > tokens:
                break
            sentences.append(sentence)
            tokens -= size
        self.taken += len(sentences)
        return sentences


@dataclass(frozen=True, slots=True)
class _Share:
    """The part of a job that is in a batch."""

    job: _Job
    sentences: list[SentenceLike]


class Batcher:
    """A tagger that many threads may call.

    Args:
        tagger: called by the thread that starts here alone.
        limits: `queue`, `batch_tokens` and `seconds` are used.
        tagged: called after each batch, with its numbers of tokens and of requests.
    """

    def __init__(self, tagger: Tagger, limits: Limits, tagged: Callable[[int, int], None]) -> None:
        self._tagger = tagger
        self._limits = limits
        self._tagged = tagged
        self._waiting: deque[_Job] = deque()
        self._unanswered = 0  # requests, waiting or being tagged; each holds a thread of the server
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=f"tagger {tagger.name}", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        """How many requests wait, without those that are being tagged."""
        return len(self._waiting)

    def tag(self, sentences: Sequence[SentenceLike], *, probabilities: bool, seconds: float) -> list[Tagged]:
        """Tag the sentences of one request, waiting for at most `seconds`.

        Raises:
            ServiceError: the queue is full, time is up, or the batcher is closed.
            Exception: what the tagger raised for these sentences.
        """
        if not sentences:
            return []
        job = _Job(sentences, probabilities)
        with self._changed:
            if self._closed:
                raise ServiceError("shutting_down", "the service is about to stop")
            if self._unanswered >= self._limits.queue:
                raise ServiceError(
                    "queue_full", f"expected at most {self._limits.queue} requests to wait. Received: one more"
                )
            self._unanswered += 1
            self._waiting.append(job)
            self._changed.notify()
        in_time = job.finished.wait(max(seconds, 0))
        with self._changed:
            self._unanswered -= 1
        if not in_time:
            self._give_up(job)
            raise ServiceError("timeout", f"expected an answer within {self._limits.seconds:g} s; it is not there yet")
        if job.error:
            raise job.error
        return job.done

    def close(self, seconds: float) -> None:
        """Refuse new requests, tag the waiting ones, and wait at most `seconds` for the thread to end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(seconds)

    def is_alive(self) -> bool:
        """Say whether the tagger's thread still runs."""
        return self._thread.is_alive()

    def _give_up(self, job: _Job) -> None:
        with self._changed:
            job.given_up = True
            if job in self._waiting:
                self._waiting.remove(job)

    def _work(self) -> None:
        while shares := self._gather():
            self._tag(shares)

    def _gather(self) -> list[_Share]:
        """Wait for a job, then take a share of each waiting job; return nothing once closed with no job left."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            left = self._limits.batch_tokens
            even = max(1, left // max(1, len(self._waiting)))
            if self._tagger.reads_neighbours:  # so that tags do not depend on where a request is cut
                even = sys.maxsize
            shares: list[_Share] = []
            for _ in range(len(self._waiting)):
                if left <= 0:
                    break
                job = self._waiting.popleft()
                shares.append(_Share(job, job.take(even)))
                left -= sum(map(_length, shares[-1].sentences))
            return shares

    def _tag(self, shares: list[_Share]) -> None:
        """Tag a batch. If that fails, tag each share by itself, so that only the request at fault gets the error."""
        sentences: list[SentenceLike] = []
        for share in shares:
            # An empty sentence ends a text, so a pretrained encoder reads no request beside another.
            sentences += [(), *share.sentences] if sentences else share.sentences
        try:
            tagged = iter(list(self._tagger.tag(sentences, probabilities=any(one.job.probabilities for one in shares))))
        except Exception as error:
            if len(shares) == 1:
                shares[0].job.error = error
                shares[0].job.finished.set()
                return
            for share in shares:
                self._tag([share])
            return
        self._tagged(sum(map(_length, sentences)), len(shares))
        for share in shares:
            share.job.done.extend(islice(tagged, len(share.sentences)))
            next(tagged, None)  # of the empty sentence, if another share follows
        self._return([share.job for share in shares])

    def _return(self, jobs: list[_Job]) -> None:
        """Finish the jobs that are tagged whole; put the others at the end of the queue."""
        with self._changed:
            for job in jobs:
                if job.taken == len(job.sentences):
                    job.finished.set()
                elif not job.given_up:
                    self._waiting.append(job)


def _length(sentence: SentenceLike) -> int:
    return len(sentence.tokens) if isinstance(sentence, TextSentence) else len(sentence)
