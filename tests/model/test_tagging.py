"""Confidences of tags and entities against the enumeration of all tag paths."""

import itertools
from collections.abc import Sequence

import keras
import numpy as np
import pytest

from ner.core.sentence import Sentence, Span
from ner.core.tagscheme import tags_to_spans
from ner.features.encoding import encode
from ner.model.architectures import build_network
from ner.model.checkpoint import make_encoder
from ner.model.crf import CRF
from ner.model.parameters import RunParams
from ner.model.tagging import Prediction, tag_corpus

TAGS = ("B-LOC", "B-PER", "I-LOC", "I-PER", "O")
TEXT = ("Ada Byron saw Oslo", "Alan saw Rome", "in Rome", "Grace", "Rome Oslo Alan Byron", "Byron Ada in Oslo")
SENTENCES = [Sentence(tuple(text.split()), ("O",) * len(text.split())) for text in TEXT]


@pytest.fixture(scope="module", params=["bilstm", "bilstm-crf"])
def network(request: pytest.FixtureRequest, run: RunParams) -> keras.Model:
    """A network with random weights, large enough that paths have different probabilities."""
    model = run.model.replace(architecture=request.param)
    network = build_network(model, make_encoder(SENTENCES, model), TAGS)
    draw = np.random.default_rng(4)
    for layer in network.layers:
        if layer.name in ("logits", "crf"):
            layer.set_weights([2 * draw.normal(size=weight.shape) for weight in layer.get_weights()])
    return network


@pytest.fixture(scope="module")
def tagged(network: keras.Model, run: RunParams) -> list[Prediction]:
    return tag_corpus(network, encode(SENTENCES, make_encoder(SENTENCES, run.model)), TAGS)


def every_path(network: keras.Model, run: RunParams, sentence: Sentence) -> dict[tuple[str, ...], float]:
    """Compute the probability of each tag path by the definition."""
    features = encode([sentence], make_encoder(SENTENCES, run.model)).features[0]
    logits = np.asarray(network({name: column[None] for name, column in features.items()}), np.float64)[0]  # (T, K)
    crf = next((layer for layer in network.layers if isinstance(layer, CRF)), None)
    weights = {}
    for path in itertools.product(range(len(TAGS)), repeat=len(sentence)):
        score = logits[np.arange(len(path)), path].sum()
        if crf is not None:
            chain = crf.chain()
            score += chain.start[path[0]] + chain.end[path[-1]]
            score += sum(chain.transitions[pair] for pair in itertools.pairwise(path))
        weights[tuple(TAGS[tag] for tag in path)] = np.exp(score)
    total = sum(weights.values())
    return {path: weight / total for path, weight in weights.items()}


def is_there(path: Sequence[str], predicted: Sequence[str], span: Span) -> bool:
    """Whether `path` has the predicted tags in `span`, and its entity ends there."""
    same = path[span.start : span.end] == predicted[span.start : span.end]
    return same and (span.end == len(path) or path[span.end] != f"I-{span.label}")


def test_confidences_are_sums_over_all_paths(network: keras.Model, run: RunParams, tagged: list[Prediction]) -> None:
    found = 0
    for sentence, predicted in zip(SENTENCES, tagged, strict=True):
        paths = every_path(network, run, sentence)
        assert predicted.tags == max(paths, key=paths.__getitem__)
        expected = np.zeros(len(sentence))
        for span in tags_to_spans(predicted.tags):
            found += 1
            expected[span.start : span.end] = sum(
                p for path, p in paths.items() if is_there(path, predicted.tags, span)
            )
        np.testing.assert_allclose(predicted.entity_confidences, expected, atol=1e-5)
        for position, tag in enumerate(predicted.tags):
            of_tag = sum(p for path, p in paths.items() if path[position] == tag)
            assert predicted.tag_confidences[position] == pytest.approx(of_tag, abs=1e-5)
    assert found >= 3


def test_crf_is_as_sure_of_an_entity_as_of_all_paths_that_hold_it(
    network: keras.Model, run: RunParams, tagged: list[Prediction]
) -> None:
    """On paths that the CRF allows, the entities are those of `tags_to_spans`."""
    if network.name != "bilstm_crf":
        pytest.skip("any path is allowed without a CRF")
    for sentence, predicted in zip(SENTENCES, tagged, strict=True):
        paths = every_path(network, run, sentence)
        for span in tags_to_spans(predicted.tags):
            expected = sum(p for path, p in paths.items() if p > 0 and span in tags_to_spans(path))
            assert predicted.entity_confidences[span.start] == pytest.approx(expected, abs=1e-5)


def test_confidences_are_probabilities_and_0_outside_entities(tagged: list[Prediction]) -> None:
    for predicted in tagged:
        outside = np.array([tag == "O" for tag in predicted.tags])
        assert (predicted.entity_confidences[outside] == 0).all()
        assert (predicted.entity_confidences[~outside] > 0).all()
        for sure in (predicted.tag_confidences, predicted.entity_confidences):
            assert sure.shape == (len(predicted.tags),)
            assert (sure >= 0).all()
            assert (sure <= 1 + 1e-6).all()
        assert (predicted.entity_confidences <= predicted.tag_confidences + 1e-6).all()


def test_tagging_without_confidences_gives_the_same_tags(
    network: keras.Model, run: RunParams, tagged: list[Prediction]
) -> None:
    corpus = encode(SENTENCES, make_encoder(SENTENCES, run.model))
    plain = tag_corpus(network, corpus, TAGS, confidences=False)
    assert [predicted.tags for predicted in plain] == [predicted.tags for predicted in tagged]
    assert {predicted.tag_confidences.size + predicted.entity_confidences.size for predicted in plain} == {0}


def test_nothing_is_tagged_as_nothing(network: keras.Model, run: RunParams) -> None:
    assert tag_corpus(network, encode([], make_encoder(SENTENCES, run.model)), TAGS) == []
