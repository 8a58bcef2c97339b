"""A pretrained encoder under the CRF: fine-tuned, kept, exported; what is read with what changes nothing else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ner.cli.documents import Document, tag_documents
from ner.core.entity_f1 import entity_f1
from ner.core.sentence import Sentence
from ner.encoders.config import EncoderError
from ner.encoders.files import PretrainedEncoder, read_encoder
from ner.features.embedding_files import Vectors
from ner.features.encoding import NOTHING, batches, encode
from ner.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from ner.model.determinism import make_reproducible
from ner.model.parameters import CharacterParams, EncoderParams, ModelParams, RunParams, TransferParams, VectorParams
from ner.model.tagging import logits_of, tag_corpus
from ner.tagger import tagger as tagger_module
from ner.tagger.compression import ReleaseParams, shrink
from ner.tagger.onnx_export import check_export, export_tagger
from ner.tagger.tagger import Tagger
from ner.training.run import train_run
from ner.training.transfer import TransferError
from tests.tiny_encoders import write_bert

CHARACTERS = CharacterParams(network="cnn", min_count=1, dimensions=8, features=12, width=3, longest=8)
ENCODER = EncoderParams(context_pieces=20, casings=True, dropout=0.1, rate=0.5)
WORDS = Vectors(("rome", "oslo", "slept"), np.eye(3, 4, dtype=np.float32), ("lowercase",))


def network(architecture: str, **others: object) -> ModelParams:
    layers = 0 if architecture == "crf" else 1
    settings = {"architecture": architecture, "normalisation": (), "min_count": 1, "word_dimensions": 0}
    settings |= {"casing_dimensions": 0, "lstm_layers": layers, "lstm_units": 8 * layers, "input_dropout": 0.0}
    return ModelParams(**{**settings, "output_dropout": 0.0, "encoder": ENCODER, **others})


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> PretrainedEncoder:
    folder = tmp_path_factory.mktemp("encoder") / "bert"
    write_bert(folder)
    return read_encoder(folder)


def trained(run: RunParams, model: ModelParams, sentences: list[Sentence], bert: PretrainedEncoder) -> Checkpoint:
    make_reproducible(1)
    training = run.training.replace(epochs=12, patience=12, schedule="linear", warmup=0.1, clip_norm=1.0, batch_size=3)
    run = run.replace(model=model, training=training)
    checkpoint, _ = train_run(run, sentences, sentences, embeddings=[bert, WORDS])
    return checkpoint


READ = {"characters": CHARACTERS, "vectors": VectorParams(words=3, tuned=False)}


@pytest.fixture(scope="session", params=["crf", "bilstm-crf"])
def tuned(
    request: pytest.FixtureRequest, run: RunParams, sentences: list[Sentence], bert: PretrainedEncoder
) -> Checkpoint:
    return trained(run, network(request.param, **READ), sentences, bert)


def f1(checkpoint: Checkpoint, sentences: list[Sentence]) -> float:
    tagged = tag_corpus(checkpoint.network, encode(sentences, checkpoint.encoder), checkpoint.tags)
    return entity_f1([sentence.tags for sentence in sentences], [one.tags for one in tagged])


def test_encoder_is_fine_tuned(tuned: Checkpoint, sentences: list[Sentence], bert: PretrainedEncoder) -> None:
    assert f1(tuned, sentences) > 0.9
    layer = tuned.network.get_layer("encoder")
    kernel = next(weight for weight in layer.weights if weight.name == "layer_0_attention_kernel")
    assert 0 < np.abs(np.asarray(kernel) - bert.weights["layer_0.attention.kernel"]).max() < 1


@pytest.mark.parametrize("rate", [0.0, 0.5])
def test_same_seed_gives_the_same_bytes_and_a_rate_of_0_leaves_the_encoder(
    rate: float, run: RunParams, sentences: list[Sentence], bert: PretrainedEncoder
) -> None:
    model = network("crf", encoder=ENCODER.replace(rate=rate), casing_dimensions=4)
    one, other = (trained(run, model, sentences, bert).network for _ in range(2))
    for weight, again in zip(one.get_weights(), other.get_weights(), strict=True):
        assert weight.tobytes() == again.tobytes()
    bias = next(weight for weight in one.get_layer("encoder").weights if weight.name == "layer_1_attention_bias")
    assert (np.asarray(bias) == bert.weights["layer_1.attention.bias"]).all() == (rate == 0)


def test_checkpoint_keeps_it(tuned: Checkpoint, sentences: list[Sentence], tmp_path: Path) -> None:
    save_checkpoint(tmp_path, tuned)
    loaded = load_checkpoint(tmp_path)
    for one, other in zip(tuned.network.get_weights(), loaded.network.get_weights(), strict=True):
        assert one.tobytes() == other.tobytes()
    assert loaded.encoder.reader == tuned.encoder.reader
    assert f1(loaded, sentences) == f1(tuned, sentences)


def test_sentences_without_context_are_tagged_alike_in_any_company(
    run: RunParams, sentences: list[Sentence], bert: PretrainedEncoder
) -> None:
    """Padding of sentences and of windows is read by nothing."""
    model = network("bilstm-crf", encoder=ENCODER.replace(context_pieces=0), characters=CHARACTERS)
    checkpoint = trained(run, model, sentences, bert)
    longer = [*sentences, Sentence(("in", "Rome", ",") * 20, ("O", "B-LOC", "O") * 20)]
    together = {
        index: row for indices, rows in _logits(checkpoint, longer) for index, row in zip(indices, rows, strict=True)
    }
    for index, sentence in enumerate(longer):
        ((_, alone),) = _logits(checkpoint, [sentence])
        np.testing.assert_allclose(together[index], alone[0], atol=2e-5)


def _logits(checkpoint: Checkpoint, sentences: list[Sentence]) -> list[tuple[list[int], np.ndarray]]:
    return [
        (indices.tolist(), rows)
        for indices, rows in logits_of(checkpoint.network, encode(sentences, checkpoint.encoder))
    ]


def test_batches_hold_each_token_once(tuned: Checkpoint, sentences: list[Sentence]) -> None:
    corpus = encode(sentences, tuned.encoder)
    for draw in (None, np.random.default_rng(1)):
        made = list(batches(corpus, 2, draw))
        assert len(made) > 1
        assert sorted(index for batch in made for index in batch.indices.tolist()) == list(range(len(sentences)))
        for batch in made:
            real = batch.features["firsts"] != NOTHING
            assert real.sum(axis=1).tolist() == [len(sentences[index]) for index in batch.indices]
            first = batch.features["pieces"].ravel()[batch.features["firsts"][real]]
            expected = [ids[0] for index in batch.indices for ids in corpus.pieces[index]]
            assert first.tolist() == expected
            assert (
                corpus.tags_like(batch, [np.ones(len(one), np.int32) for one in sentences])
                == np.where(real, 1, NOTHING)
            ).all()


def test_encoder_is_carried_over_to_another_corpus(tuned: Checkpoint, run: RunParams, bert: PretrainedEncoder) -> None:
    """With the pieces of that corpus, whose vectors are those of the pretrained encoder."""
    make_reproducible(1)
    others = [Sentence(("played", "in", "oslo"), ("O", "O", "B-CITY"))] * 3
    training = run.training.replace(epochs=1, batch_size=3, learning_rate=1e-6)
    transfer = TransferParams(frozen=(), frozen_epochs=0, rates={})
    run = run.replace(base="toy", model=tuned.params, training=training, transfer=transfer)
    checkpoint, _ = train_run(run, others, others, embeddings=[bert, WORDS], base=tuned)
    assert checkpoint.encoder.reader is not None
    played, whole = (one.ids(["played"])[0].tolist() for one in (checkpoint.encoder.reader.tokenizer, bert.tokenizer))
    assert len(played) == len(whole)
    weights, old = (
        {weight.name: np.asarray(weight) for weight in one.network.get_layer("encoder").weights}
        for one in (checkpoint, tuned)
    )
    np.testing.assert_array_equal(weights["words"][played], bert.weights["words"][whole])
    kernel = "layer_0_attention_kernel"
    np.testing.assert_allclose(weights[kernel], old[kernel], atol=1e-5)
    assert np.abs(weights[kernel] - bert.weights["layer_0.attention.kernel"]).max() > 1e-3
    other = replace(bert, weights={**bert.weights, "words": -bert.weights["words"]})
    with pytest.raises(TransferError, match="expected the pretrained encoder of the base"):
        train_run(run, others, others, embeddings=[other, WORDS], base=tuned)
    with pytest.raises(TransferError, match="expected a pretrained encoder in the run and its base"):
        train_run(run, others, others, embeddings=[WORDS], base=tuned)


@pytest.mark.slow
def test_mixture_of_a_frozen_encoder_is_trained_and_exported(
    run: RunParams, sentences: list[Sentence], bert: PretrainedEncoder, tmp_path: Path
) -> None:
    checkpoint = trained(run, network("crf", encoder=ENCODER.replace(rate=0.0, mixture=True)), sentences, bert)
    (scores,) = checkpoint.network.get_layer("layer_mixture").get_weights()
    assert np.abs(scores).max() > 0
    tagger = export_tagger(
        tmp_path, checkpoint, name="toy", corpus="toy", language="en", rule="words", scores={"entity_f1": 1.0}
    )
    tagged = [one.tags for one in tagger.tag(one.tokens for one in sentences)]
    assert check_export(checkpoint, tagger, sentences, tagged) < 1e-4


def test_more_layers_than_there_are_cannot_be_frozen(
    run: RunParams, sentences: list[Sentence], bert: PretrainedEncoder
) -> None:
    with pytest.raises(EncoderError, match=r"frozen_layers: expected 2 at most\. Received: 3"):
        trained(run, network("crf", encoder=ENCODER.replace(frozen_layers=3)), sentences, bert)


@pytest.mark.slow
def test_in_eight_bits_its_dense_layers_say_nearly_the_same(
    tuned: Checkpoint, sentences: list[Sentence], tmp_path: Path
) -> None:
    for name in ("large", "small"):
        (tmp_path / name).mkdir()
    large = export_tagger(
        tmp_path / "large", tuned, name="toy", corpus="toy", language="en", rule="words", scores={"entity_f1": 1.0}
    )
    shrink(tmp_path / "large", tmp_path / "small", ReleaseParams(corpus="toy", weights="int8", vectors=9, clusters=9))
    small = Tagger.load(tmp_path / "small")
    tokens = [sentence.tokens for sentence in sentences]
    before, after = (np.concatenate(list(tagger.logits_of(tokens))) for tagger in (large, small))
    assert 0 < np.abs(before - after).max() < 0.1 * np.abs(before).max()


def test_exported_tagger_tags_as_keras_does(
    tuned: Checkpoint, sentences: list[Sentence], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagger = export_tagger(
        tmp_path, tuned, name="toy", corpus="toy", language="en", rule="words", scores={"entity_f1": 1.0}
    )
    tokens = [sentence.tokens for sentence in sentences]
    tagged = [one.tags for one in tagger.tag(tokens)]
    assert check_export(tuned, tagger, sentences, tagged) < 1e-4
    for size in (1, 3, 10):  # of what is read before any is tagged
        monkeypatch.setattr(tagger_module, "CHUNK", 16 * size)
        assert [one.tags for one in tagger.tag(tokens)] == tagged
    # An empty sentence ends a text.
    halves = [*tagger.logits_of(tokens[:5]), *tagger.logits_of(tokens[5:])]
    apart = list(tagger.logits_of([*tokens[:5], (), *tokens[5:]]))
    for one, other in zip(halves, [*apart[:5], *apart[6:]], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    together = list(tagger.logits_of(tokens))
    assert max(np.abs(one - other).max() for one, other in zip(halves, together, strict=True)) > 1e-3
    # Columns are one text; a line of text is one by itself.
    assert tagger.reads_neighbours
    columns = [Document(["lines"], (one,)) for one in tokens]
    assert [one.tags for _, found in tag_documents(tagger, columns) for one in found] == tagged
    lines = [Document(" ".join(one), (one,)) for one in tokens]
    alone = [next(tagger.tag([one])).tags for one in tokens]
    assert [one.tags for _, found in tag_documents(tagger, lines) for one in found] == alone
    # A sentence that is tagged in parts is read as a whole.
    monkeypatch.setattr(tagger_module, "LONGEST", 4)
    assert [one.tags for one in tagger.tag(tokens)] == tagged


def test_no_window_crosses_the_bounds_of_documents(tuned: Checkpoint, sentences: list[Sentence]) -> None:
    documents = [Sentence(one.tokens, one.tags, index // 3) for index, one in enumerate(sentences)]
    logits = [
        {index: row for indices, rows in _logits(tuned, some) for index, row in zip(indices, rows, strict=True)}
        for some in (documents, documents[:3])
    ]
    for index in range(3):
        np.testing.assert_allclose(logits[0][index], logits[1][index], atol=2e-5)
