"""ModelParams and an encoder -> an untrained Keras network.

Shapes: B sentences of one length, T tokens, C characters, P cluster prefixes, D dimensions, K tags.
"""

from collections.abc import Sequence
from typing import Any

import keras

from ner.core.decoding import constraints
from ner.encoders.reader import WindowReader
from ner.features.encoding import CASINGS, Encoder
from ner.model.bert import BertEncoder, FirstPieces, LayerMixture
from ner.model.crf import CRF
from ner.model.inputs import CharacterLSTM, WordVectors, character_cnn, embedding
from ner.model.lstm import LSTM, Bidirectional
from ner.model.parameters import EncoderParams, ModelParams

ENCODER = "encoder"  # the layer of a pretrained one
SCHEME = "IOB2"  # of all sentences that preprocess writes


def build_network(
    params: ModelParams, encoder: Encoder, tags: Sequence[str], lstm: type[keras.layers.LSTM] = LSTM
) -> keras.Model:
    """Build an untrained network that maps the features of `encoder` to float32 logits `(B, T, K)`.

    The network has no softmax. The loss and the decoder work on logits, which is numerically safer.

    Args:
        params: architecture, layer sizes and dropout rates.
        encoder: says which inputs there are, and the vocabulary size of each.
        tags: the tag set, by id.
        lstm: the LSTM class, this project's or Keras'. Both have the same weights and agree within rounding.
    """
    inputs, x = _read(params, encoder)  # (B, T, D)
    x = keras.layers.SpatialDropout1D(params.input_dropout, name="input_dropout")(x)
    body = {"lstm": _lstm, "bilstm": _bilstm, "bilstm-lstm": _bilstm_lstm, "bilstm-crf": _bilstm, "crf": _nothing}
    lengths = None  # (B,), where sentences are padded
    if "firsts" in inputs:
        lengths = keras.ops.sum(keras.ops.cast(keras.ops.greater_equal(inputs["firsts"], 0), "int32"), axis=1)
    x = body[params.architecture](params, x, lstm, lengths)  # (B, T, D)
    logits = keras.layers.Dense(len(tags), dtype="float32", name="logits")(x)  # (B, T, K)
    if params.architecture in ("bilstm-crf", "crf"):
        logits = CRF(constraints(tags, SCHEME), name="crf")(logits)
    return keras.Model(inputs, logits, name=params.architecture.replace("-", "_"))


def _lstm(params: ModelParams, x: Any, lstm: type[keras.layers.LSTM], lengths: Any) -> Any:  # noqa: ARG001
    """One LSTM from left to right (Huang, Xu and Yu 2015, section 2.1)."""
    x = lstm(params.lstm_units, return_sequences=True, name="lstm")(x)  # (B, T, units)
    return keras.layers.Dropout(params.output_dropout, name="output_dropout")(x)


def _bilstm(params: ModelParams, x: Any, lstm: type[keras.layers.LSTM], lengths: Any) -> Any:
    """Bidirectional LSTMs on top of one another (section 2.2); a CRF above them makes it Ma and Hovy's (2016)."""
    for layer in range(1, params.lstm_layers + 1):
        one_way = lstm(params.lstm_units, return_sequences=True, name=f"lstm_{layer}")
        if lengths is None:
            x = keras.layers.Bidirectional(one_way, name=f"bilstm_{layer}")(x)  # (B, T, 2 * units)
        else:
            x = Bidirectional(one_way, name=f"bilstm_{layer}")(x, lengths=lengths)  # (B, T, 2 * units)
        x = keras.layers.Dropout(params.output_dropout, name=f"output_dropout_{layer}")(x)
    return x


def _bilstm_lstm(params: ModelParams, x: Any, lstm: type[keras.layers.LSTM], lengths: Any) -> Any:
    """Bidirectional LSTMs, then one from left to right."""
    return _lstm(params, _bilstm(params, x, lstm, lengths), lstm, lengths)


def _nothing(params: ModelParams, x: Any, lstm: type[keras.layers.LSTM], lengths: Any) -> Any:  # noqa: ARG001
    """No layer in between: a pretrained encoder has seen the sentence."""
    return x


def _read(params: ModelParams, encoder: Encoder) -> tuple[dict[str, Any], Any]:
    """Create the inputs, by name, and the concatenation of all token features, `(B, T, D)`."""
    inputs: dict[str, Any] = {}
    read: list[Any] = []
    if encoder.words:
        inputs["words"] = keras.Input((None,), dtype="int32", name="words")  # (B, T)
        read.append(embedding(len(encoder.words), params.word_dimensions, "word_vectors")(inputs["words"]))
    if encoder.casings:
        inputs["casings"] = keras.Input((None,), dtype="int32", name="casings")  # (B, T)
        read.append(embedding(len(CASINGS), params.casing_dimensions, "casing_vectors")(inputs["casings"]))
    if encoder.characters and params.characters:
        inputs["characters"] = keras.Input((None, encoder.longest + 2), dtype="int32", name="characters")  # (B, T, C)
        table = embedding(len(encoder.characters), params.characters.dimensions, "character_vectors")
        characters = table(inputs["characters"])  # (B, T, C, D)
        if params.characters.network == "cnn":
            read.append(character_cnn(params.characters, characters))
        else:
            read.append(CharacterLSTM(params.characters, name="char_encoder")(characters, inputs["characters"]))
    if encoder.vectors and params.vectors:
        inputs["vectors"] = keras.Input((None,), dtype="int32", name="vectors")  # (B, T)
        read.append(
            WordVectors(encoder.vectors, trainable=params.vectors.tuned, name="pretrained_vectors")(inputs["vectors"])
        )
    if encoder.clusters and params.clusters:
        bits = len(encoder.clusters.prefixes)
        inputs["clusters"] = keras.Input((None, bits), dtype="int32", name="clusters")  # (B, T, P)
        paths = embedding(len(encoder.clusters), params.clusters.dimensions, "cluster_vectors")(inputs["clusters"])
        read.append(keras.layers.Reshape((-1, bits * params.clusters.dimensions), name="prefixes")(paths))
    if encoder.reader and params.encoder:  # last, since an exported tagger reads it apart
        read.append(_read_encoder(params.encoder, encoder.reader, inputs))
    return inputs, keras.layers.Concatenate(name="input")(read) if len(read) > 1 else read[0]


def _read_encoder(params: EncoderParams, reader: WindowReader, inputs: dict[str, Any]) -> Any:
    """A vector in context of each token, `(B, T, D)`: that of its first piece; zeros for padding."""
    inputs["pieces"] = keras.Input((None,), dtype="int32", name="pieces")  # (W, P)
    inputs["firsts"] = keras.Input((None,), dtype="int32", name="firsts")  # (B, T)
    added = []
    if reader.casings:
        inputs["piece_casings"] = keras.Input((None,), dtype="int32", name="piece_casings")  # (W, P)
        table = keras.layers.Embedding(1 + len(CASINGS), reader.config.hidden, "zeros", name="piece_casing_vectors")
        added = [table(inputs["piece_casings"])]  # (W, P, D)
    bert = BertEncoder(
        reader.config,
        padding=reader.tokenizer.padding,
        dropout=params.dropout,
        frozen_layers=params.frozen_layers,
        every_layer=params.mixture,
        trainable=params.rate > 0,
        name=ENCODER,
    )
    vectors = bert(inputs["pieces"], *added)  # (W, P, D)
    if params.mixture:
        vectors = LayerMixture(name="layer_mixture")(vectors)
    x = FirstPieces(name="first_pieces")(vectors, inputs["firsts"])
    return keras.layers.Dropout(params.dropout, name="encoder_dropout")(x)
