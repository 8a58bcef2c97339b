import dataclasses
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pytest

from ner.encoding import encode
from ner.metrics import entity_f1
from ner.model.architectures import build_network
from ner.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from ner.model.parameters import ModelParams, TrainingParams
from ner.model.tagging import tag_corpus
from ner.model.training import Epoch, Exam, Examples, TrainingError, fit, write_learning_curve
from ner.sentence import Sentence
from ner.vocabulary import FIRST_WORD, UNKNOWN, Vocabulary


def train(
    sentences: Sequence[Sentence], model: ModelParams, training: TrainingParams
) -> tuple[Checkpoint, list[Epoch], Exam]:
    keras.utils.set_random_seed(training.seed)
    words = Vocabulary.count((token for sentence in sentences for token in sentence.tokens), 1, ("lowercase",))
    tags = tuple(sorted({tag for sentence in sentences for tag in sentence.tags}))
    network = build_network(model, len(words), len(tags))
    dev = Exam(encode(sentences, words), [sentence.tags for sentence in sentences], tags)
    epochs = fit(network, Examples.of(sentences, words, tags), dev, training, progress=False)
    return Checkpoint(network, words, tags, model), epochs, dev


def test_fit_learns_a_small_corpus(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    _, epochs, _ = train(sentences, model_params, dataclasses.replace(training_params, epochs=30, patience=30))
    assert max(epoch.dev_entity_f1 for epoch in epochs) > 0.9
    assert epochs[-1].loss < epochs[0].loss


def test_fit_ends_with_the_weights_of_the_best_epoch(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    wild = dataclasses.replace(training_params, learning_rate=1.0, ema_momentum=0.0, epochs=10, patience=10)
    checkpoint, epochs, dev = train(sentences, model_params, wild)
    scores = [epoch.dev_entity_f1 for epoch in epochs]
    said = [tagged.tags for tagged in tag_corpus(checkpoint.network, dev.corpus, dev.tags)]
    assert entity_f1(dev.gold, said) == max(scores)
    assert scores[-1] < max(scores)  # else this test shows nothing


def test_fit_stops_after_patience(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    hopeless = dataclasses.replace(training_params, learning_rate=1e-7, epochs=50, patience=2)
    _, epochs, _ = train(sentences, model_params, hopeless)
    assert len(epochs) == 3


def test_fit_stops_at_a_loss_that_is_no_number(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    words = Vocabulary.count((token for sentence in sentences for token in sentence.tokens), 1, ("lowercase",))
    tags = tuple(sorted({tag for sentence in sentences for tag in sentence.tags}))
    network = build_network(model_params, len(words), len(tags))
    layer = network.get_layer("logits")
    layer.set_weights([np.full_like(weights, np.nan) for weights in layer.get_weights()])
    dev = Exam(encode(sentences, words), [sentence.tags for sentence in sentences], tags)
    with pytest.raises(TrainingError, match=r"epoch 1: the loss is nan; a lower training.learning_rate may help"):
        fit(network, Examples.of(sentences, words, tags), dev, training_params, progress=False)


def test_examples_know_rare_words(sentences: list[Sentence]) -> None:
    more = [*sentences, Sentence(("Eve", "slept"), ("B-PER", "O"))]
    words = Vocabulary.count((token for sentence in more for token in sentence.tokens), 1, ("lowercase",))
    examples = Examples.of(more, words, ("B-LOC", "B-PER", "I-PER", "O"))
    assert words.items[examples.first_rare :] == ("eve",)
    assert UNKNOWN < FIRST_WORD < examples.first_rare


def test_training_twice_gives_the_same_weights(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    one, two = (train(sentences, model_params, training_params)[0].network.get_weights() for _ in range(2))
    assert all(np.array_equal(first, second) for first, second in zip(one, two, strict=True))


def test_another_seed_gives_other_weights(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    one, two = (
        train(sentences, model_params, dataclasses.replace(training_params, seed=seed))[0].network.get_weights()
        for seed in (3, 4)
    )
    assert not np.array_equal(one[0], two[0])


def test_checkpoint_round_trip_tags_alike(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams, tmp_path: Path
) -> None:
    checkpoint, _, dev = train(sentences, model_params, training_params)
    save_checkpoint(tmp_path, checkpoint)
    loaded = load_checkpoint(tmp_path)
    assert (loaded.words, loaded.tags, loaded.params) == (checkpoint.words, checkpoint.tags, checkpoint.params)
    before, after = (tag_corpus(one.network, dev.corpus, dev.tags) for one in (checkpoint, loaded))
    for one, two in zip(before, after, strict=True):
        assert one.tags == two.tags
        np.testing.assert_array_equal(one.confidences, two.confidences)


def test_tagging_a_batch_is_tagging_its_sentences(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    checkpoint, _, dev = train(sentences, model_params, training_params)
    together = tag_corpus(checkpoint.network, dev.corpus, dev.tags)
    for sentence, expected in zip(sentences, together, strict=True):
        (alone,) = tag_corpus(checkpoint.network, encode([sentence], checkpoint.words), dev.tags)
        assert alone.tags == expected.tags
        np.testing.assert_allclose(alone.confidences, expected.confidences, rtol=1e-5)


def test_tagging_gives_probabilities(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    checkpoint, _, dev = train(sentences, model_params, training_params)
    for tagged in tag_corpus(checkpoint.network, dev.corpus, dev.tags):
        assert (tagged.confidences >= 1 / len(dev.tags)).all()
        assert (tagged.confidences <= 1).all()


def test_write_learning_curve_has_a_row_an_epoch(tmp_path: Path) -> None:
    write_learning_curve(tmp_path / "curve.csv", [Epoch(1, 0.51234567, 0.25), Epoch(2, 0.3, 1 / 3)])
    text = (tmp_path / "curve.csv").read_text(encoding="utf-8")
    assert text == "epoch,loss,dev_entity_f1\n1,0.51235,0.25000\n2,0.30000,0.33333\n"
