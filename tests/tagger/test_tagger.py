"""The tagger against the definition of its probabilities, and against itself, however it is called."""

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ner.tagger.tagger
from ner.core.decoding import Chain
from ner.core.sentence import Span
from ner.core.tagscheme import tags_to_spans, violations
from ner.tagger.files import load_exported
from ner.tagger.tagger import Tagged, Tagger, TextSentence

TEXT = """Nora Hansen of Acme Bank saw Oslo and Rome on Monday. The bank of Norway, said Alan Reyes, is in Lima.

In May 1996 the Norwegian premier met Maria Lindqvist of Acme Bank in Lima; 5% fell. She said: \u201cIt rained.\u201d
"""
SENTENCES = [
    ("Nora", "Hansen", "of", "Acme", "Bank", "saw", "Oslo", "."),
    ("Rome",),
    (),
    ("on", "Monday", ",", "Alan", "Reyes", "left", "Lima", "."),
    ("", "two words", "\U0001f642", "x" * 300, "\ud800", "\n"),
    ("Norway", "is", "a", "bank", "of", "Norway"),
    ("Rome",),
]


@pytest.fixture
def tagger(tagger_directory: Path) -> Tagger:
    """A freshly loaded tagger, whose cache of token vectors is empty."""
    return Tagger.load(tagger_directory)


def assert_same(one: Sequence[Tagged], other: Sequence[Tagged]) -> None:
    """Assert equal results; confidences may differ by rounding, which depends on the batch."""

    def plain(tagged: Tagged) -> tuple[object, ...]:
        entities = [(each.text, each.label, each.start, each.end, each.first, each.last) for each in tagged.entities]
        return tagged.tokens, tagged.offsets, tagged.tags, entities

    assert [plain(tagged) for tagged in one] == [plain(tagged) for tagged in other]
    for left, right in zip(one, other, strict=True):
        sure, its = ([entity.confidence for entity in tagged.entities] for tagged in (left, right))
        np.testing.assert_allclose(sure, its, atol=1e-5)
        assert (left.probabilities is None) == (right.probabilities is None)
        if left.probabilities is not None and right.probabilities is not None:
            np.testing.assert_allclose(left.probabilities, right.probabilities, atol=1e-5)


def test_tag_keeps_the_order_and_the_tokens(tagger: Tagger) -> None:
    tagged = list(tagger.tag(SENTENCES))
    assert [one.tokens for one in tagged] == SENTENCES
    assert [len(one.tags) for one in tagged] == [len(one) for one in SENTENCES]
    assert tagged[1].tags == tagged[-1].tags
    assert {one.probabilities for one in tagged} == {None}
    assert [entity.text for entity in tagged[3].entities] == ["Monday", "Alan Reyes", "Lima"]


def test_tags_are_valid_and_tell_the_entities(tagger: Tagger) -> None:
    for tagged in tagger.tag(SENTENCES):
        assert violations(tagged.tags, "IOB2") == []
        assert set(tagged.tags) <= set(tagger.tags)
        spans = [Span(entity.first, entity.last, entity.label) for entity in tagged.entities]
        assert spans == tags_to_spans(tagged.tags)


def test_a_batch_says_what_its_sentences_say_alone(tagger: Tagger) -> None:
    alone = [next(tagger.tag([sentence], probabilities=True)) for sentence in SENTENCES]
    assert_same(list(tagger.tag(SENTENCES, probabilities=True)), alone)


def test_probabilities_are_of_each_tag_of_each_token(tagger: Tagger) -> None:
    for sentence, tagged in zip(SENTENCES, tagger.tag(SENTENCES, probabilities=True), strict=True):
        assert tagged.probabilities is not None
        assert tagged.probabilities.shape == (len(sentence), len(tagger.tags))
        np.testing.assert_allclose(tagged.probabilities.sum(axis=1), 1)
        assert (tagged.probabilities >= 0).all()
        assert all(0 < entity.confidence <= 1 for entity in tagged.entities)


def test_probabilities_are_the_callers_own(tagger: Tagger) -> None:
    (first,) = tagger.tag([("Rome",)], probabilities=True)
    assert first.probabilities is not None
    assert first.probabilities.base is None
    first.probabilities[:] = 0
    (second,) = tagger.tag([("Rome",)], probabilities=True)
    assert second.probabilities is not None
    assert second.probabilities.sum() == pytest.approx(1)


def enumerate_paths(logits: np.ndarray, chain: Chain) -> dict[tuple[int, ...], float]:
    """Compute the probability of each tag path by the definition."""
    weights = {}
    for path in itertools.product(range(logits.shape[1]), repeat=len(logits)):
        score = chain.start[path[0]] + chain.end[path[-1]] + logits[np.arange(len(path)), path].sum()
        score += sum(chain.transitions[pair] for pair in itertools.pairwise(path))
        weights[path] = float(np.exp(np.float64(score)))
    total = sum(weights.values())
    return {path: weight / total for path, weight in weights.items() if weight}


@pytest.mark.parametrize("sentence", [("Rome",), ("Alan", "Reyes"), ("Acme", "Bank", "fell"), ("x", "Oslo", "Norway")])
def test_what_it_says_is_what_the_sum_over_all_paths_gives(
    tagger: Tagger, tagger_directory: Path, sentence: tuple[str, ...]
) -> None:
    paths = enumerate_paths(tagger.logits(sentence), load_exported(tagger_directory).chain)
    (tagged,) = tagger.tag([sentence], probabilities=True)
    assert tagged.tags == tuple(tagger.tags[tag] for tag in max(paths, key=paths.__getitem__))
    expected = np.zeros((len(sentence), len(tagger.tags)))
    for path, probability in paths.items():
        expected[np.arange(len(path)), path] += probability
    np.testing.assert_allclose(tagged.probabilities, expected, atol=1e-6)  # type: ignore[arg-type]
    for entity in tagged.entities:
        span = Span(entity.first, entity.last, entity.label)
        sure = sum(p for path, p in paths.items() if span in tags_to_spans([tagger.tags[tag] for tag in path]))
        assert entity.confidence == pytest.approx(sure, abs=1e-6)


def test_entities_of_text_point_into_it(tagger: Tagger) -> None:
    tagged = tagger.tag_text(TEXT)
    assert [one.tokens for one in tagged] == [one.tokens for one in tagger.split(TEXT)]
    entities = [entity for one in tagged for entity in one.entities]
    assert len(entities) >= 8
    assert [TEXT[entity.start : entity.end] for entity in entities] == [entity.text for entity in entities]
    for one in tagged:
        assert [TEXT[start:end] for start, end in one.offsets] == list(one.tokens)
        for entity in one.entities:
            assert (entity.start, entity.end) == (one.offsets[entity.first][0], one.offsets[entity.last - 1][1])


def test_entities_of_tokens_point_into_the_tokens_with_spaces_between(tagger: Tagger) -> None:
    for sentence, tagged in zip(SENTENCES, tagger.tag(SENTENCES), strict=True):
        text = " ".join(sentence)
        assert [text[start:end] for start, end in tagged.offsets] == list(sentence)
        for entity in tagged.entities:
            assert text[entity.start : entity.end] == entity.text == " ".join(sentence[entity.first : entity.last])


def test_text_and_its_tokens_are_tagged_alike(tagger: Tagger) -> None:
    split = tagger.split(TEXT)
    from_text, from_tokens = tagger.tag_text(TEXT), list(tagger.tag(one.tokens for one in split))
    assert [one.tags for one in from_text] == [one.tags for one in from_tokens]
    assert_same(list(tagger.tag(split)), from_text)


@pytest.mark.parametrize("nothing", [[], iter(()), ()])
def test_no_sentences_give_none(tagger: Tagger, nothing: Sequence[Sequence[str]]) -> None:
    assert list(tagger.tag(nothing)) == []
    assert tagger.tag_text("") == tagger.tag_text(" \n\n\u200b") == []


def test_an_empty_sentence_has_nothing(tagger: Tagger) -> None:
    (tagged,) = tagger.tag([()], probabilities=True)
    assert (tagged.tokens, tagged.offsets, tagged.tags, tagged.entities) == ((), (), (), ())
    assert tagged.probabilities is not None
    assert tagged.probabilities.shape == (0, len(tagger.tags))
    assert tagger.logits([]).shape == (0, len(tagger.tags))


@pytest.mark.parametrize("wrong", ["Barack Obama", "", ["Rome", 5], ["Rome", None], [b"Rome"], b"Rome", 5, None])
def test_what_is_no_sequence_of_tokens_is_a_type_error(tagger: Tagger, wrong: Sequence[str]) -> None:
    with pytest.raises(TypeError):
        list(tagger.tag([("Rome",), wrong]))
    assert [one.tokens for one in tagger.tag([("Rome",)])] == [("Rome",)]


def test_a_text_in_the_place_of_sentences_is_a_type_error(tagger: Tagger) -> None:
    with pytest.raises(TypeError, match="tag_text is for raw text"):
        list(tagger.tag("Rome"))


def test_tokens_may_come_one_by_one(tagger: Tagger) -> None:
    """A sentence that is an iterator, which can be consumed only once, is not lost."""
    once: Any = iter(("Alan", "Reyes"))
    (tagged,) = tagger.tag([once])
    assert tagged.tokens == ("Alan", "Reyes")


def test_tag_reads_no_more_of_a_stream_than_it_needs(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ner.tagger.tagger, "CHUNK", 10)
    read = 0

    def stream() -> Iterator[Sequence[str]]:
        nonlocal read
        while True:
            read += 1
            yield () if read % 3 == 0 else ("Alan", "Reyes", str(read))

    tagged = tagger.tag(stream())
    assert read == 0
    for number, one in enumerate(itertools.islice(tagged, 200), start=1):
        assert one.tokens == (() if number % 3 == 0 else ("Alan", "Reyes", str(number)))
        assert read <= number + 10


def test_an_endless_stream_of_empty_sentences_goes_on(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ner.tagger.tagger, "CHUNK", 5)
    assert len(list(itertools.islice(tagger.tag(itertools.repeat(())), 10))) == 10


def test_token_vectors_are_evicted_without_changing_answers(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = [(f"Alan{number % 37}", "Reyes", f"saw{number % 11}", "Oslo") for number in range(60)]
    expected = list(tagger.tag(sentences, probabilities=True))
    for chunk, batch, kept, characters in ((8, 3, 16, 10**9), (1, 1, 4, 10**9), (40, 100, 80, 20), (8, 3, 10**9, 25)):
        for name, value in {"CHUNK": chunk, "BATCH": batch, "KEPT": kept, "KEPT_CHARACTERS": characters}.items():
            monkeypatch.setattr(ner.tagger.tagger, name, value)
        for _ in range(2):
            assert_same(list(tagger.tag(sentences, probabilities=True)), expected)
            assert len(tagger._rows) <= min(kept, 100)
            assert tagger._characters == sum(map(len, tagger._rows))


def test_long_tokens_are_not_kept_for_ever(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ner.tagger.tagger, "CHUNK", 4)
    monkeypatch.setattr(ner.tagger.tagger, "KEPT_CHARACTERS", 5_000)
    for number in range(30):
        list(tagger.tag([(f"{number}" + "x" * 1_000,)]))
        assert sum(map(len, tagger._rows)) <= 5_000


@pytest.fixture
def long_sentence(tagger: Tagger) -> TextSentence:
    """One long sentence: all tokens of a text, seven times."""
    split = tagger.split(TEXT * 7)
    tokens = tuple(itertools.chain.from_iterable(one.tokens for one in split))
    offsets = tuple(itertools.chain.from_iterable(one.offsets for one in split))
    return TextSentence(TEXT * 7, tokens, offsets)


@pytest.mark.parametrize("longest", [1, 2, 5, 20, 50])
def test_long_sentences_are_cut_and_nothing_is_lost(
    tagger: Tagger, long_sentence: TextSentence, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    monkeypatch.setattr(ner.tagger.tagger, "LONGEST", longest)
    asked: list[Sequence[str] | TextSentence] = [("Rome",), long_sentence, ("Lima", "."), long_sentence.tokens, ()]
    tagged = list(tagger.tag(asked, probabilities=True))
    assert [one.tokens for one in tagged] == [("Rome",), long_sentence.tokens, ("Lima", "."), long_sentence.tokens, ()]
    for text, one in ((long_sentence.text, tagged[1]), (" ".join(long_sentence.tokens), tagged[3])):
        assert len(one.tags) == len(one.tokens) == len(one.offsets)
        assert [text[start:end] for start, end in one.offsets] == list(one.tokens)
        assert one.entities
        assert [text[entity.start : entity.end] for entity in one.entities] == [entity.text for entity in one.entities]
        assert violations(one.tags, "IOB2") == []
        assert [Span(each.first, each.last, each.label) for each in one.entities] == tags_to_spans(one.tags)
        assert one.probabilities is not None
        assert one.probabilities.shape == (len(one.tokens), len(tagger.tags))
        np.testing.assert_allclose(one.probabilities.sum(axis=1), 1)
    assert tagged[1].offsets == long_sentence.offsets
    assert next(iter(tagger.tag([long_sentence]))).probabilities is None


def test_a_cut_changes_little(tagger: Tagger, long_sentence: TextSentence, monkeypatch: pytest.MonkeyPatch) -> None:
    (whole,) = tagger.tag([long_sentence])
    monkeypatch.setattr(ner.tagger.tagger, "LONGEST", 60)
    (cut,) = tagger.tag([long_sentence])
    assert np.mean([one == other for one, other in zip(whole.tags, cut.tags, strict=True)]) > 0.95


class Endless(Tagger):
    """A tagger that predicts one entity over the whole of whatever it is given."""

    def __init__(self, tagger: Tagger) -> None:
        self.__dict__.update(tagger.__dict__)
        self._first, self._next = tagger.tags.index("B-per"), tagger.tags.index("I-per")

    def _logits(self, vectors: np.ndarray) -> np.ndarray:
        logits = np.full((*vectors.shape[:2], len(self.tags)), -50, np.float32)
        logits[:, 0, self._first] = logits[:, 1:, self._next] = 50
        return logits


def test_an_entity_longer_than_any_piece_is_cut_all_the_same(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Endless(tagger)
    for longest, kept, expected in ((10, 1_000, [(0, 100)]), (10, 50, [(0, 40), (40, 80), (80, 100)])):
        monkeypatch.setattr(ner.tagger.tagger, "LONGEST", longest)
        monkeypatch.setattr(ner.tagger.tagger, "KEPT", kept)
        (tagged,) = endless.tag([("Ada",) * 100], probabilities=True)
        assert [(entity.first, entity.last) for entity in tagged.entities] == expected
        assert [entity.text for entity in tagged.entities] == [" ".join(["Ada"] * (b - a)) for a, b in expected]


def test_several_threads_may_share_a_tagger(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ner.tagger.tagger, "CHUNK", 16)
    monkeypatch.setattr(ner.tagger.tagger, "KEPT", 64)
    asked = [[*SENTENCES, (f"Alan{thread}", "Reyes", f"{thread}")] * 4 for thread in range(6)]
    expected = [list(tagger.tag(sentences, probabilities=True)) for sentences in asked]
    found: dict[int, list[Tagged]] = {}

    def work(number: int) -> None:
        found[number] = list(tagger.tag(asked[number], probabilities=True))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(asked))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, answer in enumerate(expected):
        assert_same(found[number], answer)


def test_more_threads_of_one_tagger_say_the_same(tagger: Tagger, tagger_directory: Path) -> None:
    other = Tagger.load(str(tagger_directory), threads=2)
    assert_same(list(other.tag(SENTENCES, probabilities=True)), list(tagger.tag(SENTENCES, probabilities=True)))


@pytest.fixture(scope="module")
def shared(tagger_directory: Path) -> Tagger:
    return Tagger.load(tagger_directory)


@settings(max_examples=50)
@given(sentences=st.lists(st.lists(st.text(max_size=30), max_size=12), max_size=6))
def test_any_tokens_can_be_tagged(shared: Tagger, sentences: list[list[str]]) -> None:
    tagged = list(shared.tag(sentences, probabilities=True))
    assert [list(one.tokens) for one in tagged] == sentences
    for tokens, one in zip(sentences, tagged, strict=True):
        text = " ".join(tokens)
        assert [text[start:end] for start, end in one.offsets] == tokens
        assert all(text[entity.start : entity.end] == entity.text for entity in one.entities)
        assert violations(one.tags, "IOB2") == []


@settings(max_examples=50)
@given(st.text(st.sampled_from("Ro me.\n\u200f\u0301'\"?") | st.characters(), max_size=200))
def test_any_text_can_be_tagged(shared: Tagger, text: str) -> None:
    for one in shared.tag_text(text):
        assert [text[start:end] for start, end in one.offsets] == list(one.tokens)
        assert all(text[entity.start : entity.end] == entity.text for entity in one.entities)


PARTS = ("tensorflow", "keras", "pandas", "dvc", "onnx", "yaml", "sklearn", "seqeval")


def test_a_tagger_needs_no_tensorflow(tagger_directory: Path) -> None:
    program = (
        "import sys; from ner.tagger.tagger import Tagger; "
        f"print(len(Tagger.load({str(tagger_directory)!r}).tag_text('Alan Reyes left Lima.')[0].entities)); "
        f"print(*sorted({{name.partition('.')[0] for name in sys.modules}} & set({PARTS})))"
    )
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["2", ""]


def test_a_tagger_writes_nothing_about_its_user(tagger_directory: Path, tmp_path: Path) -> None:
    """With telemetry, ONNX Runtime would write a device id and a queue of reports below the home directory."""
    code = f"from ner.tagger.tagger import Tagger; list(Tagger.load({str(tagger_directory)!r}).tag([['Oslo']]))"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=Path(__file__).parents[2])
    assert list(tmp_path.iterdir()) == []
