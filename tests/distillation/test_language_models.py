"""Language models learn from text, see only their own direction, and reach a tagger unchanged."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pytest

from ner.core.sentence import Sentence
from ner.distillation.language_model_parameters import LanguageModelTraining
from ner.distillation.language_models import classes_of, fit_language_models, read_text
from ner.features.embedding_files import Vectors
from ner.model.architectures import build_network
from ner.model.checkpoint import Checkpoint, load_checkpoint, make_encoder, save_checkpoint
from ner.model.context import Context
from ner.model.lstm import LSTM
from ner.model.parameters import ModelParams, RunParams, TransferParams, VectorParams
from ner.tagger.onnx_export import check_export, export_tagger
from ner.training.epochs import TrainingError
from ner.training.run import train_run

TRAINING = LanguageModelTraining(
    seed=1, frequent=4, classes=2, epochs=15, batch_size=4, learning_rate=0.05, clip_norm=5, dropout=0.1
)


@pytest.fixture(scope="module")
def params(run: RunParams) -> ModelParams:
    return run.model.replace(architecture="bilstm-crf", vectors=VectorParams(words=100, tuned=False), context_units=5)


def untrained(params: ModelParams, sentences: Sequence[Sentence], vectors: Vectors) -> Checkpoint:
    encoder = make_encoder(sentences, params, [vectors])
    tags = tuple(sorted({tag for sentence in sentences for tag in sentence.tags}))
    return Checkpoint(build_network(params, encoder, tags), encoder, tags, params)


def weights(checkpoint: Checkpoint, layer: str) -> list[np.ndarray]:
    return checkpoint.network.get_layer(layer).get_weights()


def test_one_has_read_what_is_before_a_token_and_the_other_what_is_behind_it() -> None:
    context = Context(3, slice(2, 6), LSTM)
    read = np.random.default_rng(1).normal(size=(1, 5, 7)).astype(np.float32)
    changed = read.copy()
    changed[0, 2, 2:6] += 1  # the word vector of the token in the middle
    elsewhere = read.copy()
    elsewhere[0, 2, [0, 1, 6]] += 1  # its other features
    states, after_change, after_other = (np.asarray(context(one))[0, :, 7:] for one in (read, changed, elsewhere))
    moved = np.abs(states - after_change) > 0
    assert moved[:, :3].any(axis=1).tolist() == [False, False, True, True, True]
    assert moved[:, 3:].any(axis=1).tolist() == [True, True, True, False, False]
    assert np.array_equal(states, after_other)
    assert np.array_equal(np.asarray(context(read))[..., :7], read)


def test_frequent_words_are_a_class_each_and_others_share_some(vectors: Vectors) -> None:
    classes = classes_of(vectors, TRAINING)
    assert classes[:4].tolist() == [0, 1, 2, 3]
    assert set(classes[4:].tolist()) == {4, 5}
    assert np.array_equal(classes, classes_of(vectors, TRAINING))
    few = TRAINING.replace(frequent=1000)
    assert classes_of(vectors, few).tolist() == list(range(len(vectors.words)))


def test_one_guesses_the_next_word_and_the_other_the_previous_one(
    params: ModelParams, sentences: Sequence[Sentence], vectors: Vectors
) -> None:
    """In `rome saw`, `oslo saw` and `in saw`, the next word is certain, and the one before `saw` is one of three."""
    checkpoint = untrained(params, sentences, vectors)
    before = {layer.name: layer.get_weights() for layer in checkpoint.network.layers if layer.weights}
    table = vectors.vectors.copy()
    classes = classes_of(vectors, TRAINING)
    text = read_text([(word, "saw") for word in ("rome", "oslo", "in")] * 8, checkpoint.encoder, vectors, classes)
    perplexity = fit_language_models(checkpoint.network, text, text, TRAINING)
    assert perplexity["next"] == pytest.approx(1, abs=0.1)
    assert perplexity["previous"] == pytest.approx(3**0.5, abs=0.1)  # one of three words, then the certain beginning
    for name, old in before.items():
        assert (name == "context") != all(map(np.array_equal, old, weights(checkpoint, name)))
    assert np.array_equal(table, vectors.vectors)  # `classes_of` must scale a copy


def test_a_loss_that_is_no_number_is_an_error(
    params: ModelParams, sentences: Sequence[Sentence], vectors: Vectors
) -> None:
    checkpoint = untrained(params, sentences, vectors)
    context = checkpoint.network.get_layer("context")
    context.set_weights([np.full_like(weight, np.nan) for weight in context.get_weights()])
    text = read_text([one.tokens for one in sentences], checkpoint.encoder, vectors, classes_of(vectors, TRAINING))
    with pytest.raises(TrainingError, match="epoch 1: the loss is nan; a lower training"):
        fit_language_models(checkpoint.network, text, text, TRAINING)


def test_the_ends_and_unknown_words_are_classes_of_their_own(
    params: ModelParams, sentences: Sequence[Sentence], vectors: Vectors
) -> None:
    checkpoint = untrained(params, sentences, vectors)
    text = read_text([("ROME", "zzz")], checkpoint.encoder, vectors, classes_of(vectors, TRAINING))
    unknown, end = text.number - 2, text.number - 1
    assert text.classes[0].tolist() == [end, 1, unknown, end]


def test_a_run_takes_them_over_and_leaves_them_as_they_are(
    run: RunParams, params: ModelParams, sentences: Sequence[Sentence], vectors: Vectors, tmp_path: Path
) -> None:
    base = untrained(params, sentences, vectors)
    listening = run.replace(
        base="context", model=params, transfer=TransferParams(frozen=("context",), frozen_epochs=1000, rates={})
    )
    keras.utils.set_random_seed(1)
    checkpoint, _ = train_run(listening, sentences, sentences, embeddings=[vectors], base=base)
    assert all(map(np.array_equal, weights(base, "context"), weights(checkpoint, "context")))
    assert not all(map(np.array_equal, weights(base, "bilstm_1"), weights(checkpoint, "bilstm_1")))
    save_checkpoint(tmp_path, checkpoint)
    again = load_checkpoint(tmp_path)
    assert all(map(np.array_equal, weights(again, "context"), weights(checkpoint, "context")))


def test_the_exported_tagger_has_them_too(
    params: ModelParams, sentences: Sequence[Sentence], vectors: Vectors, tmp_path: Path
) -> None:
    checkpoint = untrained(params, sentences, vectors)
    tagger = export_tagger(tmp_path, checkpoint, name="t", corpus="c", language="en", rule="words", scores={})
    tagged = [one.tags for one in tagger.tag(sentence.tokens for sentence in sentences)]
    assert check_export(checkpoint, tagger, sentences, tagged) < 1e-5


@pytest.mark.parametrize("vectors", [None, VectorParams(words=100, tuned=True)])
def test_they_need_word_vectors_that_stay_as_they_are(params: ModelParams, vectors: VectorParams | None) -> None:
    with pytest.raises(ValueError, match="context_units: expected 0 unless there are word vectors that are not tuned"):
        params.replace(vectors=vectors)
