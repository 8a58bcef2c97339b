"""Transfer: weights that are carried over, learning rates and freezing by part, and bases that are refused."""

from collections.abc import Sequence

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from ner.core.sentence import Sentence
from ner.features.embedding_files import Clusters, Vectors
from ner.features.encoding import encode
from ner.model.architectures import build_network
from ner.model.checkpoint import Checkpoint, make_encoder
from ner.model.parameters import CharacterParams, ClusterParams, ModelParams, RunParams, TransferParams, VectorParams
from ner.model.tagging import tag_corpus
from ner.training.run import train_run
from ner.training.transfer import PART_OF_LAYER, PartwiseAdam, TransferError, carry_over, extend, with_output_of

# It has other words than the base, another label, and lacks one of the base's labels.
OTHERS = [
    Sentence(("Acme", "hired", "Ada", "Byron"), ("B-ORG", "O", "B-PER", "I-PER")),
    Sentence(("Zoë", "left", "Acme"), ("B-PER", "O", "B-ORG")),
    Sentence(("Acme", "saw", "Zoë"), ("B-ORG", "O", "B-PER")),
]
FREE = TransferParams(frozen=(), frozen_epochs=0, rates={})
Weights = dict[str, list[NDArray[np.float32]]]


def weights_of(network: keras.Model) -> Weights:
    return {layer.name: layer.get_weights() for layer in network.layers if layer.weights}


def same(one: list[NDArray[np.float32]], other: list[NDArray[np.float32]]) -> bool:
    return all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


def untrained(
    sentences: Sequence[Sentence], params: ModelParams, embeddings: Sequence[Vectors | Clusters] = ()
) -> Checkpoint:
    encoder = make_encoder(sentences, params, embeddings)
    tags = tuple(sorted({tag for sentence in sentences for tag in sentence.tags}))
    checkpoint = Checkpoint(build_network(params, encoder, tags), encoder, tags, params)
    for layer in checkpoint.network.layers:  # a bias, and the scores of a CRF, are zeros at first
        layer.set_weights([np.random.default_rng(2).normal(size=array.shape) for array in layer.get_weights()])
    return checkpoint


class Watch(keras.callbacks.Callback):
    """Callback that keeps the weights at the end of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Weights] = []

    def on_epoch_end(self, _epoch: int, _logs: object = None) -> None:
        self.seen.append(weights_of(self.model))


def from_base(run: RunParams, transfer: TransferParams = FREE, **training: object) -> RunParams:
    changed = run.training.replace(**training)
    return run.replace(base="base", transfer=transfer, training=changed)


def test_frozen_parts_stay_for_their_epochs_and_then_learn(tagger: tuple[RunParams, Checkpoint]) -> None:
    run, base = tagger
    before, encoder = weights_of(base.network), base.encoder
    frozen = from_base(
        run,
        TransferParams(frozen=("lstm", "characters"), frozen_epochs=2, rates={}),
        epochs=3,
        patience=9,
        ema_momentum=0.0,
    )
    watch = Watch()
    tuned, _ = train_run(frozen, OTHERS, OTHERS, base=base, watchers=[watch])
    for layer, part in PART_OF_LAYER.items():
        if layer not in before:
            continue
        stays = [same(one[layer], two[layer]) for one, two in zip(watch.seen, watch.seen[1:], strict=False)]
        assert stays == ([True, False] if part in ("lstm", "characters") else [False, False]), layer
    assert same(watch.seen[1]["bilstm_1"], before["bilstm_1"])
    assert same(watch.seen[1]["char_encoder"], before["char_encoder"])

    assert tuned.tags == ("B-ORG", "B-PER", "I-PER", "O")
    assert weights_of(base.network).keys() == before.keys()
    assert all(same(array, before[layer]) for layer, array in weights_of(base.network).items())
    assert base.encoder is encoder
    assert base.tags == ("B-LOC", "B-PER", "I-PER", "O")


def test_extend_keeps_the_ids_of_the_base(tagger: tuple[RunParams, Checkpoint]) -> None:
    run, base = tagger
    mine = make_encoder(OTHERS, run.model)
    both = extend(mine, base.encoder)
    assert both.words and both.characters and mine.words and base.encoder.words and base.encoder.characters  # noqa: PT018
    old = base.encoder.words.items
    assert both.words.items[: len(old)] == old
    assert set(both.words.items) == {*old, *mine.words.items}
    assert len(set(both.words.items)) == len(both.words)
    tokens = [token for sentence in OTHERS for token in sentence.tokens]
    assert (both.words.ids(tokens) > 1).all()
    shared = ["Ada", "saw", "Oslo", "."]
    np.testing.assert_array_equal(both.words.ids(shared), base.encoder.words.ids(shared))
    assert both.characters.items[: len(base.encoder.characters)] == base.encoder.characters.items
    assert (both.characters.ids("ëZ") > 1).all()


@pytest.mark.parametrize("units", [8, 2], ids=["wide", "as wide as there are tags"])
def test_carry_over_takes_rows_and_shared_tags(run: RunParams, sentences: Sequence[Sentence], units: int) -> None:
    model = run.model.replace(architecture="bilstm-crf", lstm_units=units)
    base = untrained(sentences, model)
    encoder, tags = extend(make_encoder(OTHERS, model), base.encoder), ("B-ORG", "B-PER", "I-ORG", "O")
    network = build_network(model, encoder, tags)
    new, old = weights_of(network), weights_of(base.network)
    carry_over(base, network, tags)
    got = weights_of(network)

    words = len(old["word_vectors"][0])
    np.testing.assert_array_equal(got["word_vectors"][0][:words], old["word_vectors"][0])
    np.testing.assert_array_equal(got["word_vectors"][0][words:], new["word_vectors"][0][words:])
    assert len(got["word_vectors"][0]) > words
    assert same(got["bilstm_1"], old["bilstm_1"])
    assert same(got["casing_vectors"], old["casing_vectors"])

    mine, theirs, fresh = [1, 3], [base.tags.index("B-PER"), base.tags.index("O")], [0, 2]
    for number in (0, 1):  # kernel and bias
        taken, of_base, at_first = got["logits"][number], old["logits"][number], new["logits"][number]
        np.testing.assert_array_equal(taken[..., mine], of_base[..., theirs])
        np.testing.assert_array_equal(taken[..., fresh], at_first[..., fresh])
    start, transitions, end = got["crf"]
    np.testing.assert_array_equal(start[mine], old["crf"][0][theirs])
    np.testing.assert_array_equal(end[mine], old["crf"][2][theirs])
    np.testing.assert_array_equal(transitions[np.ix_(mine, mine)], old["crf"][1][np.ix_(theirs, theirs)])
    assert not transitions[fresh].any()
    assert not transitions[:, fresh].any()


def test_carry_over_without_a_shared_tag_leaves_the_output_new(run: RunParams, sentences: Sequence[Sentence]) -> None:
    base = untrained(sentences, run.model)
    network = build_network(run.model, base.encoder, ("B-ORG", "I-ORG"))
    new = weights_of(network)
    carry_over(base, network, ("B-ORG", "I-ORG"))
    assert same(weights_of(network)["logits"], new["logits"])
    assert same(weights_of(network)["bilstm_1"], weights_of(base.network)["bilstm_1"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"architecture": "bilstm"},
            "model.architecture: expected that of the base base, bilstm-crf. Received: bilstm",
        ),
        ({"lstm_units": 9}, "model.lstm_units: expected that of the base base, 8. Received: 9"),
        ({"word_dimensions": 0}, "model.word_dimensions: expected that of the base base, 8. Received: 0"),
        ({"normalisation": ()}, "model.normalisation: expected that of the base base"),
        ({"characters": None}, "model.characters: expected that of the base base"),
        (
            {"vectors": VectorParams(words=9, tuned=False)},
            "embeddings: expected vectors in the run and its base, or in neither",
        ),
        (
            {"clusters": ClusterParams(words=9, prefixes=(2,), dimensions=3)},
            "embeddings: expected clusters in the run and its base",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_base_that_does_not_fit_is_refused_before_any_training(
    tagger: tuple[RunParams, Checkpoint],
    vectors: Vectors,
    clusters: Clusters,
    changes: dict[str, object],
    message: str,
) -> None:
    run, base = tagger
    misfit = from_base(run.replace(model=run.model.replace(**changes)))
    watch = Watch()
    with pytest.raises(TransferError) as error:
        train_run(misfit, OTHERS, OTHERS, embeddings=[vectors, clusters], base=base, watchers=[watch])
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)
    assert watch.seen == []


def test_a_base_with_other_embeddings_is_refused_before_any_training(
    run: RunParams, sentences: Sequence[Sentence], vectors: Vectors, clusters: Clusters
) -> None:
    reads = {
        "vectors": VectorParams(words=9, tuned=False),
        "clusters": ClusterParams(words=9, prefixes=(2, 4), dimensions=3),
    }
    run = run.replace(model=run.model.replace(**reads))
    base = untrained(sentences, run.model, [vectors, clusters])
    shorter = Vectors(vectors.words, vectors.vectors[:, :5], vectors.normalisation)
    with pytest.raises(TransferError, match=r"bilstm_1: expected weights of the base's shape \(24, 32\)"):
        train_run(from_base(run), OTHERS, OTHERS, embeddings=[shorter, clusters], base=base)
    other = Clusters(clusters.words, tuple(reversed(clusters.paths)), clusters.normalisation)
    less = Clusters(other.words[1:], tuple("11" for _ in other.words[1:]), other.normalisation)
    with pytest.raises(TransferError, match="expected the clusters of the base"):
        train_run(from_base(run), OTHERS, OTHERS, embeddings=[vectors, less], base=base)


def test_dropout_and_what_is_kept_of_embeddings_may_differ_from_the_base(
    run: RunParams, sentences: Sequence[Sentence], vectors: Vectors
) -> None:
    """Pretrained vectors are not carried over: the run has vectors for its own words."""
    model = run.model.replace(vectors=VectorParams(words=2, tuned=True))
    base = untrained(sentences, model, [vectors])
    mine = model.replace(vectors=VectorParams(words=8, tuned=True), input_dropout=0.5, min_count=2)
    encoder = extend(make_encoder(OTHERS, mine, [vectors]), base.encoder)
    network = build_network(mine, encoder, base.tags)
    new = weights_of(network)["pretrained_vectors"]
    carry_over(base, network, base.tags)
    assert same(weights_of(network)["pretrained_vectors"], new)
    assert same(weights_of(network)["bilstm_1"], weights_of(base.network)["bilstm_1"])


@pytest.fixture(scope="module")
def everything(
    run: RunParams,
    character_params: CharacterParams,
    vectors: Vectors,
    clusters: Clusters,
    sentences: Sequence[Sentence],
) -> keras.Model:
    """A network with every part but a pretrained encoder, which tests/training/test_encoder.py has."""
    reads = {"characters": character_params.replace(network="lstm"), "vectors": VectorParams(words=9, tuned=True)}
    reads |= {
        "clusters": ClusterParams(words=9, prefixes=(2,), dimensions=3),
        "architecture": "bilstm-crf",
        "lstm_layers": 4,
    }
    return untrained(sentences, run.model.replace(**reads), [vectors, clusters]).network


def steps(network: keras.Model, transfer: TransferParams, number: int) -> list[dict[str, float]]:
    """Measure how far each layer moves in each step, with gradients of 1, a rate of 0.01 and two steps an epoch."""
    optimizer = PartwiseAdam(0.01, transfer, 2)
    optimizer.build(network.trainable_variables)
    gone = []
    for _ in range(number):
        before = [np.asarray(variable).copy() for variable in network.trainable_variables]
        optimizer.apply([keras.ops.ones_like(variable) for variable in network.trainable_variables])
        moved = zip(network.trainable_variables, before, strict=True)
        gone.append({v.path.split("/")[0]: float(np.mean(old - np.asarray(v))) for v, old in moved})
    return gone


def test_every_layer_belongs_to_a_part(everything: keras.Model) -> None:
    layers = {variable.path.split("/")[0] for variable in everything.trainable_variables}
    assert layers - PART_OF_LAYER.keys() == {"logits", "crf"}
    parts = {PART_OF_LAYER[layer] for layer in layers & PART_OF_LAYER.keys()}
    assert parts == set(PART_OF_LAYER.values()) - {"encoder"}


def test_rates_scale_the_steps_of_a_part(everything: keras.Model) -> None:
    rates = {"lstm": 0.1, "output": 2.0, "vectors": 0.0}
    (gone,) = steps(everything, TransferParams(frozen=(), frozen_epochs=0, rates=rates), 1)
    for layer, distance in gone.items():
        rate = rates.get(PART_OF_LAYER.get(layer, "output"), 1.0)
        assert distance == pytest.approx(0.01 * rate, rel=1e-3), layer


def test_frozen_parts_take_no_step_in_their_epochs(everything: keras.Model) -> None:
    gone = steps(everything, TransferParams(frozen=("words", "clusters", "output"), frozen_epochs=1, rates={}), 3)
    frozen = {"word_vectors", "cluster_vectors", "logits", "crf"}
    for number, step in enumerate(gone):
        for layer, distance in step.items():
            assert (distance == 0) == (layer in frozen and number < 2), (layer, number)


def test_a_part_that_is_frozen_for_all_epochs_takes_no_step(everything: keras.Model) -> None:
    for step in steps(everything, TransferParams(frozen=("characters",), frozen_epochs=1000, rates={}), 3):
        still = {layer for layer, distance in step.items() if not distance}
        assert still == {"character_vectors", "char_encoder"}


def test_before_it_is_tuned_a_network_with_the_output_of_its_base_tags_as_the_base(
    tagger: tuple[RunParams, Checkpoint], sentences: list[Sentence]
) -> None:
    run, base = tagger
    tags = ("B-ORG", "B-PER", "I-PER", "O")
    encoder = extend(make_encoder(OTHERS, run.model), base.encoder)
    network = build_network(run.model, encoder, tags)
    carry_over(base, network, tags)
    restored = with_output_of(base, Checkpoint(network, encoder, tags, run.model))
    assert restored.tags == base.tags
    one, other = (tag_corpus(each.network, encode(sentences, each.encoder), each.tags) for each in (base, restored))
    for expected, predicted in zip(one, other, strict=True):
        assert predicted.tags == expected.tags
        np.testing.assert_array_equal(predicted.tag_confidences, expected.tag_confidences)
