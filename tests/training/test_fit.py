import dataclasses
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pytest

from ner.core.sentence import Sentence
from ner.core.tagscheme import violations
from ner.features.encoding import Encoder, encode
from ner.model.architectures import build_network
from ner.model.checkpoint import Checkpoint, load_checkpoint, make_encoder, save_checkpoint
from ner.model.parameters import ModelParams, TrainingParams
from ner.model.tagging import tag_corpus
from ner.training.epochs import TrainingError
from ner.training.fit import DevSet, Epoch, Examples, fit, write_learning_curve


def train(
    sentences: Sequence[Sentence],
    model: ModelParams,
    training: TrainingParams,
    dev_gold: list[tuple[str, ...]] | None = None,
) -> tuple[Checkpoint, list[Epoch], DevSet]:
    keras.utils.set_random_seed(training.seed)
    encoder, tags, network, dev = untrained(sentences, model)
    dev = dataclasses.replace(dev, gold=dev_gold or dev.gold)
    epochs = fit(network, Examples.of(sentences, encoder, tags), dev, training, progress=False)
    return Checkpoint(network, encoder, tags, model), epochs, dev


def untrained(
    sentences: Sequence[Sentence], model: ModelParams
) -> tuple[Encoder, tuple[str, ...], keras.Model, DevSet]:
    encoder = make_encoder(sentences, model)
    tags = tuple(sorted({tag for sentence in sentences for tag in sentence.tags}))
    dev = DevSet(encode(sentences, encoder), [sentence.tags for sentence in sentences], tags)
    return encoder, tags, build_network(model, encoder, tags), dev


def test_fit_learns_a_small_corpus(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    _, epochs, _ = train(sentences, model_params, training_params.replace(epochs=30, patience=30))
    assert max(epoch.dev_entity_f1 for epoch in epochs) > 0.9
    assert epochs[-1].loss < epochs[0].loss


def test_fit_ends_with_the_weights_of_the_best_epoch(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    """The gold tags of dev are the predictions of the first epoch, which is therefore the best."""
    quick = training_params.replace(learning_rate=0.1, patience=9)
    first, _, dev = train(sentences, model_params, quick.replace(epochs=1))
    predicted = [tagged.tags for tagged in tag_corpus(first.network, dev.corpus, dev.tags)]
    last, epochs, _ = train(sentences, model_params, quick.replace(epochs=9), dev_gold=predicted)
    scores = [epoch.dev_entity_f1 for epoch in epochs]
    assert scores[0] == 1 > scores[-1]
    assert predicted == [tagged.tags for tagged in tag_corpus(last.network, dev.corpus, dev.tags)]


def test_fit_stops_after_patience(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    hopeless = training_params.replace(learning_rate=1e-7, epochs=50, patience=2)
    _, epochs, _ = train(sentences, model_params, hopeless)
    assert len(epochs) == 3


def test_fit_stops_at_a_loss_that_is_no_number(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    encoder, tags, network, dev = untrained(sentences, model_params)
    layer = network.get_layer("logits")
    layer.set_weights([np.full_like(weights, np.nan) for weights in layer.get_weights()])
    with pytest.raises(TrainingError, match=r"epoch 1: the loss is nan; a lower training.learning_rate may help"):
        fit(network, Examples.of(sentences, encoder, tags), dev, training_params, progress=False)


def test_fit_takes_sentences_of_any_length_after_many_of_one(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    """Keras must not infer fixed shapes from the first batches."""
    four = [sentence for sentence in sentences if len(sentence) == 4] * 10
    long = Sentence((*four[0].tokens, "x" * 50), (*four[0].tags, "O"))
    short = Sentence(("Alan",), ("B-PER",))
    _, epochs, _ = train([*four, long, short], model_params, training_params.replace(epochs=2))
    assert len(epochs) == 2


def test_examples_count_words(sentences: list[Sentence], model_params: ModelParams) -> None:
    encoder = make_encoder([*sentences, Sentence(("Eve", "slept"), ("B-PER", "O"))], model_params)
    examples = Examples.of(sentences, encoder, ("B-LOC", "B-PER", "I-PER", "O"))
    assert encoder.words is not None
    counts = dict(zip(encoder.words.items, examples.counts.tolist(), strict=True))
    assert (counts["saw"], counts["rome"], counts["eve"], counts["<padding>"]) == (6, 6, 0, 0)


def test_training_twice_gives_the_same_weights(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    one, two = (train(sentences, model_params, training_params)[0].network.get_weights() for _ in range(2))
    assert all(np.array_equal(first, second) for first, second in zip(one, two, strict=True))


def test_another_seed_gives_other_weights(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    one, two = (
        train(sentences, model_params, training_params.replace(seed=seed))[0].network.get_weights() for seed in (3, 4)
    )
    assert not np.array_equal(one[0], two[0])


def test_checkpoint_round_trip_tags_alike(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams, tmp_path: Path
) -> None:
    checkpoint, _, dev = train(sentences, model_params, training_params)
    save_checkpoint(tmp_path, checkpoint)
    loaded = load_checkpoint(tmp_path)
    assert (loaded.encoder, loaded.tags, loaded.params) == (checkpoint.encoder, checkpoint.tags, checkpoint.params)
    before, after = (tag_corpus(one.network, dev.corpus, dev.tags) for one in (checkpoint, loaded))
    for one, two in zip(before, after, strict=True):
        assert one.tags == two.tags
        np.testing.assert_array_equal(one.tag_confidences, two.tag_confidences)


def test_tagging_a_batch_is_tagging_its_sentences(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    checkpoint, _, dev = train(sentences, model_params, training_params)
    together = tag_corpus(checkpoint.network, dev.corpus, dev.tags)
    for sentence, expected in zip(sentences, together, strict=True):
        (alone,) = tag_corpus(checkpoint.network, encode([sentence], checkpoint.encoder), dev.tags)
        assert alone.tags == expected.tags
        np.testing.assert_allclose(alone.tag_confidences, expected.tag_confidences, rtol=1e-5)


def test_tagging_gives_probabilities(
    sentences: list[Sentence], model_params: ModelParams, training_params: TrainingParams
) -> None:
    checkpoint, _, dev = train(sentences, model_params, training_params)
    for tagged in tag_corpus(checkpoint.network, dev.corpus, dev.tags):
        assert (tagged.tag_confidences > 0).all()
        assert (tagged.tag_confidences <= 1).all()


def test_write_learning_curve_has_a_row_an_epoch(tmp_path: Path) -> None:
    write_learning_curve(tmp_path / "curve.csv", [Epoch(1, 0.51234567, 0.25), Epoch(2, 0.3, 1 / 3)])
    text = (tmp_path / "curve.csv").read_text(encoding="utf-8")
    assert text == "epoch,loss,dev_entity_f1\n1,0.51235,0.25000\n2,0.30000,0.33333\n"


def test_tagging_gives_valid_tags_with_a_crf_alone(sentences: list[Sentence], model_params: ModelParams) -> None:
    _, tags, network, dev = untrained(sentences, model_params)
    predicted = [tagged.tags for tagged in tag_corpus(network, dev.corpus, tags)]
    valid = not any(violations(one, "IOB2") for one in predicted)
    assert valid == (model_params.architecture == "bilstm-crf")
