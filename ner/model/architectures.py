"""ModelParams and sizes -> an untrained network, each architecture straight-line, top to bottom.

Shapes: B sentences of one length, T tokens, D dimensions, K tags.
"""

import keras

from ner.encoding import CASINGS
from ner.model.parameters import ModelParams


def build_network(params: ModelParams, words: int, tags: int) -> keras.Model:
    """A network from word ids and casings, `(B, T)` each, to a logit for every tag, `(B, T, K)`.

    Args:
        params: sizes and dropout.
        words: how many word ids there are, padding and unknown included.
        tags: K.
    """
    return {"bilstm": _bilstm}[params.architecture](params, words, tags)


def _bilstm(params: ModelParams, words: int, tags: int) -> keras.Model:
    """Embedding, SpatialDropout1D, bidirectional LSTM, dropout, dense softmax (Huang, Xu and Yu 2015, section 2.2).

    The softmax is left to the loss and to the reader of the logits, which is numerically safer.
    """
    word_ids = keras.Input((None,), dtype="int32", name="words")  # (B, T)
    casings = keras.Input((None,), dtype="int32", name="casings")  # (B, T)
    word_vectors = keras.layers.Embedding(words, params.word_dimensions, name="word_vectors")(word_ids)
    casing_vectors = keras.layers.Embedding(len(CASINGS), params.casing_dimensions, name="casing_vectors")(casings)
    x = keras.layers.Concatenate(name="input")([word_vectors, casing_vectors])  # (B, T, D)
    x = keras.layers.SpatialDropout1D(params.input_dropout, name="input_dropout")(x)
    lstm = keras.layers.LSTM(params.lstm_units, return_sequences=True, name="lstm")
    x = keras.layers.Bidirectional(lstm, name="bilstm")(x)  # (B, T, 2 * units)
    x = keras.layers.Dropout(params.output_dropout, name="output_dropout")(x)
    logits = keras.layers.Dense(tags, name="logits")(x)  # (B, T, K)
    return keras.Model({"words": word_ids, "casings": casings}, logits, name="bilstm")
