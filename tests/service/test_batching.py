"""One thread a tagger for many clients: same answers, fair shares, nothing tagged for those who have left."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from ner.service.batching import Batcher
from ner.service.errors import ServiceError
from ner.service.limits import Limits
from ner.tagger.tagger import Tagged, Tagger
from tests.service.conftest import Held

WAITING, BATCH = 6, 12  # requests, tokens


@dataclass
class Clients:
    """Threads that ask one batcher, whose tagger holds a first request, so that the others gather behind it."""

    batcher: Batcher
    held: Held
    threads: ThreadPoolExecutor
    first: Future[list[Tagged]]

    def ask(self, *sentences: Sequence[str]) -> Future[list[Tagged]]:
        """Returns as soon as the request waits."""
        before = len(self.batcher)
        asked = self.threads.submit(self.batcher.tag, sentences, probabilities=False, seconds=120)
        while len(self.batcher) == before:
            time.sleep(0.001)
        return asked

    def go(self) -> None:
        self.held.go.set()


@pytest.fixture
def batcher(held: Held) -> Iterator[Batcher]:
    batcher = Batcher(held, Limits(queue=WAITING, batch_tokens=BATCH), lambda *_: None)
    yield batcher
    held.go.set()
    batcher.close(120)


@pytest.fixture
def clients(batcher: Batcher, held: Held) -> Iterator[Clients]:
    with ThreadPoolExecutor(20) as threads:
        first = threads.submit(batcher.tag, [["first"]], probabilities=False, seconds=120)
        held.begun.acquire()
        yield Clients(batcher, held, threads, first)
        held.go.set()


def test_requests_that_wait_are_tagged_at_once(clients: Clients) -> None:
    asked = [clients.ask(["In", "Rome"]), clients.ask(["a"], ["b", "c"])]
    clients.go()
    assert [[one.tokens for one in found.result()] for found in asked] == [[("In", "Rome")], [("a",), ("b", "c")]]
    assert clients.held.batches == [[("first",)], [("In", "Rome"), (), ("a",), ("b", "c")]]


def test_large_request_leaves_room_for_small_ones(clients: Clients) -> None:
    large = clients.ask(*[["w"] * 4] * 6)
    small = clients.ask(["s"])
    clients.go()
    assert len(small.result()) == 1
    assert len(large.result()) == 6
    assert clients.held.batches[1] == [("w",) * 4, (), ("s",)]
    assert clients.held.batches[2:] == [[("w",) * 4] * 3, [("w",) * 4] * 2]


def test_empty_sentences_keep_requests_apart_and_are_answered_only_if_asked_for(clients: Clients) -> None:
    requests: list[list[tuple[str, ...]]] = [[("a",)], [(), ("b",), ()], [("c",), ("d",)]]
    asked = [clients.ask(*sentences) for sentences in requests]
    clients.go()
    assert [[one.tokens for one in found.result()] for found in asked] == requests
    assert clients.held.batches[1] == [("a",), (), (), ("b",), (), (), ("c",), ("d",)]


def test_sentence_larger_than_a_batch_is_whole(clients: Clients) -> None:
    found = clients.ask(["w"] * (BATCH + 1), ["x"])
    clients.go()
    assert [len(one.tokens) for one in found.result()] == [BATCH + 1, 1]


def test_request_given_up_on_is_not_tagged(clients: Clients) -> None:
    with pytest.raises(ServiceError) as caught:
        clients.batcher.tag([["late"]], probabilities=False, seconds=0.01)
    assert caught.value.code == "timeout"
    assert len(clients.batcher) == 0
    clients.go()
    clients.first.result()
    clients.batcher.tag([["next"]], probabilities=False, seconds=120)
    assert clients.held.batches == [[("first",)], [("next",)]]


def test_rest_of_a_large_request_given_up_on_is_not_tagged(clients: Clients, held: Held) -> None:
    held.go.set()
    clients.first.result()
    held.go.clear()
    seconds = 0.1
    while not held.begun.acquire(blocking=False):  # again, if it was given up on before its first batch
        with pytest.raises(ServiceError):
            clients.batcher.tag([["w"] * BATCH] * 50, probabilities=False, seconds=seconds)
        seconds *= 2
    clients.go()
    clients.batcher.tag([["next"]], probabilities=False, seconds=120)
    assert len(held.batches) == 3


def test_full_queue_refuses_at_once(clients: Clients) -> None:
    asked = [clients.ask([str(number)]) for number in range(WAITING - 1)]  # beside the one that is being tagged
    with pytest.raises(ServiceError) as caught:
        clients.batcher.tag([["more"]], probabilities=False, seconds=120)
    assert caught.value.code == "queue_full"
    clients.go()
    assert [found.result()[0].tokens for found in asked] == [(str(number),) for number in range(WAITING - 1)]
    assert clients.batcher.tag([["next"]], probabilities=False, seconds=120)[0].tokens == ("next",)


def test_requests_that_are_given_up_make_room(clients: Clients) -> None:
    for _ in range(WAITING + 1):
        with pytest.raises(ServiceError) as caught:
            clients.batcher.tag([["late"]], probabilities=False, seconds=0)
        assert caught.value.code == "timeout"


def test_error_meets_only_the_request_it_comes_from(clients: Clients) -> None:
    fine, bad, other = clients.ask(["fine"]), clients.ask(["boom"]), clients.ask(["other"])
    clients.go()
    assert fine.result()[0].tokens == ("fine",)
    assert other.result()[0].tokens == ("other",)
    with pytest.raises(ArithmeticError):
        bad.result()
    assert clients.batcher.is_alive()


def test_closing_tags_what_waits_and_takes_no_more(clients: Clients) -> None:
    waiting = clients.ask(["waiting"])
    closing = clients.threads.submit(clients.batcher.close, 120)
    clients.go()
    closing.result()
    assert waiting.result()[0].tokens == ("waiting",)
    with pytest.raises(ServiceError) as caught:
        clients.batcher.tag([["more"]], probabilities=False, seconds=120)
    assert caught.value.code == "shutting_down"


def test_many_clients_get_what_one_alone_gets(tagger: Tagger) -> None:
    sentences = [
        f"On Tuesday Elena met {number} men of Reuters in Rome".split()[: number % 10 + 1] for number in range(200)
    ]
    alone = list(tagger.tag(sentences, probabilities=True))
    batches: list[int] = []
    batcher = Batcher(tagger, Limits(queue=1000), lambda _, requests: batches.append(requests))
    barrier = threading.Barrier(20)

    def ask(client: int) -> list[Tagged]:
        barrier.wait()
        return [batcher.tag([one], probabilities=True, seconds=120)[0] for one in sentences[client::20]]

    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(ask, range(20)))
    batcher.close(120)
    assert sum(batches) == len(sentences)
    assert max(batches) > 1
    for number, expected in enumerate(alone):
        one = found[number % 20][number // 20]
        assert (one.tokens, one.offsets, one.tags) == (expected.tokens, expected.offsets, expected.tags)
        assert [entity.confidence for entity in one.entities] == pytest.approx(
            [entity.confidence for entity in expected.entities], abs=1e-5
        )
        assert one.probabilities == pytest.approx(expected.probabilities, abs=1e-5)
