"""ModelParams and sizes -> an untrained network, each architecture straight-line, top to bottom.

Shapes: B sentences of one length, T tokens, C characters, D dimensions, K tags.
"""

from collections.abc import Sequence
from typing import Any

import keras

from ner.decoding import constraints
from ner.encoding import CASINGS, Encoder
from ner.model.crf import CRF
from ner.model.parameters import ModelParams

SCHEME = "IOB2"  # of all sentences that preprocess writes


def build_network(params: ModelParams, encoder: Encoder, tags: Sequence[str]) -> keras.Model:
    """A network from the inputs of `ner.encoding.Features` to a logit for every tag, `(B, T, K)`.

    Args:
        params: sizes and dropout.
        encoder: how many words and characters there are.
        tags: by id.
    """
    return {"bilstm": _bilstm, "bilstm-crf": _bilstm_crf}[params.architecture](params, encoder, tags)


def _bilstm(params: ModelParams, encoder: Encoder, tags: Sequence[str]) -> keras.Model:
    """Embedding, SpatialDropout1D, bidirectional LSTM, dropout, dense softmax (Huang, Xu and Yu 2015, section 2.2).

    The softmax is left to the loss and to the reader of the logits, which is numerically safer.
    """
    words = keras.Input((None,), dtype="int32", name="words")  # (B, T)
    casings = keras.Input((None,), dtype="int32", name="casings")  # (B, T)
    word_vectors = _embedding(len(encoder.words), params.word_dimensions, "word_vectors")(words)
    casing_vectors = _embedding(len(CASINGS), params.casing_dimensions, "casing_vectors")(casings)
    x = keras.layers.Concatenate(name="input")([word_vectors, casing_vectors])  # (B, T, D)
    x = keras.layers.SpatialDropout1D(params.input_dropout, name="input_dropout")(x)
    lstm = keras.layers.LSTM(params.lstm_units, return_sequences=True, name="lstm")
    x = keras.layers.Bidirectional(lstm, name="bilstm")(x)  # (B, T, 2 * units)
    x = keras.layers.Dropout(params.output_dropout, name="output_dropout")(x)
    logits = keras.layers.Dense(len(tags), name="logits")(x)  # (B, T, K)
    return keras.Model({"words": words, "casings": casings}, logits, name="bilstm")


def _bilstm_crf(params: ModelParams, encoder: Encoder, tags: Sequence[str]) -> keras.Model:
    """Words and a CNN of characters, SpatialDropout1D, bidirectional LSTM, CRF (Ma and Hovy 2016, figure 3)."""
    assert params.characters is not None  # ModelParams sees to it,
    assert encoder.characters is not None  # and so does make_encoder
    words = keras.Input((None,), dtype="int32", name="words")  # (B, T)
    casings = keras.Input((None,), dtype="int32", name="casings")  # (B, T)
    characters = keras.Input((None, encoder.longest + 2), dtype="int32", name="characters")  # (B, T, C)
    word_vectors = _embedding(len(encoder.words), params.word_dimensions, "word_vectors")(words)
    casing_vectors = _embedding(len(CASINGS), params.casing_dimensions, "casing_vectors")(casings)
    spelling = _embedding(len(encoder.characters), params.characters.dimensions, "character_vectors")(characters)
    window = (1, params.characters.width)  # of one token, of some characters
    spelling = keras.layers.Conv2D(params.characters.filters, window, padding="same", name="spelling")(spelling)
    spelling = keras.ops.max(spelling, axis=2)  # (B, T, filters)
    x = keras.layers.Concatenate(name="input")([word_vectors, casing_vectors, spelling])  # (B, T, D)
    x = keras.layers.SpatialDropout1D(params.input_dropout, name="input_dropout")(x)
    lstm = keras.layers.LSTM(params.lstm_units, return_sequences=True, name="lstm")
    x = keras.layers.Bidirectional(lstm, name="bilstm")(x)  # (B, T, 2 * units)
    x = keras.layers.Dropout(params.output_dropout, name="output_dropout")(x)
    x = keras.layers.Dense(len(tags), name="logits")(x)  # (B, T, K)
    logits = CRF(constraints(tags, SCHEME), name="crf")(x)  # (B, T, K)
    return keras.Model({"words": words, "casings": casings, "characters": characters}, logits, name="bilstm_crf")


def _embedding(items: int, dimensions: int, name: str) -> Any:
    """Vectors whose components have variance 1 / dimensions (Lample et al. 2016), not Keras' far smaller ones."""
    bound = (3 / dimensions) ** 0.5
    return keras.layers.Embedding(items, dimensions, keras.initializers.RandomUniform(-bound, bound), name=name)
