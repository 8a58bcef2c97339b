"""A folder in Hugging Face's layout -> an encoder; what is wrong with one is told in a line."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ner.encoders.config import EncoderError, weight_shapes
from ner.encoders.files import PretrainedEncoder, read_encoder, trim


def change(path: Path, **values: Any) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(content | values), encoding="utf-8")


def refused(folder: Path) -> str:
    with pytest.raises(EncoderError) as caught:
        read_encoder(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert str(folder) in message
    return message


def test_read_encoder_has_all_weights_in_their_shapes(bert: PretrainedEncoder) -> None:
    assert {name: weight.shape for name, weight in bert.weights.items()} == weight_shapes(bert.config)
    assert {weight.dtype for weight in bert.weights.values()} == {np.dtype(np.float32)}


def test_read_encoder_turns_matrices(bert_folder: Path) -> None:
    tensors = load_file(bert_folder / "model.safetensors")
    weights = read_encoder(bert_folder).weights
    inner = tensors["bert.encoder.layer.1.intermediate.dense.weight"]  # (out, in)
    key = tensors["bert.encoder.layer.0.attention.self.key.weight"]
    np.testing.assert_array_equal(weights["layer_1.feed_forward.kernel"], inner.T)
    np.testing.assert_array_equal(weights["layer_0.attention.kernel"][:, 16:32], key.T)


def test_read_encoder_leaves_out_the_first_positions_of_xlm_r(xlm_r_folder: Path) -> None:
    encoder, tensors = read_encoder(xlm_r_folder), load_file(xlm_r_folder / "model.safetensors")
    rows = tensors["roberta.embeddings.position_embeddings.weight"]
    of_type = tensors["roberta.embeddings.token_type_embeddings.weight"][0]
    assert encoder.config.positions == 30
    np.testing.assert_array_equal(encoder.weights["positions"], rows[2:] + of_type)


def test_read_encoder_reads_pieces_of_sentencepiece_in_the_layout_of_bert(xlm_r_folder: Path) -> None:
    """As multilingual-e5-small has them."""
    change(xlm_r_folder / "config.json", model_type="bert")
    encoder, tensors = read_encoder(xlm_r_folder), load_file(xlm_r_folder / "model.safetensors")
    assert (encoder.tokenizer.begin, encoder.tokenizer.unknown) == (0, 3)
    of_type = tensors["roberta.embeddings.token_type_embeddings.weight"][0]
    rows = tensors["roberta.embeddings.position_embeddings.weight"]
    np.testing.assert_array_equal(encoder.weights["positions"], rows + of_type)


def test_read_encoder_takes_half_precision(bert_folder: Path) -> None:
    path = bert_folder / "model.safetensors"
    exact = read_encoder(bert_folder).weights["words"]
    save_file({name: tensor.astype(np.float16) for name, tensor in load_file(path).items()}, path)
    np.testing.assert_array_equal(read_encoder(bert_folder).weights["words"], exact.astype(np.float16))


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_read_encoder_names_the_missing_file(bert_folder: Path, name: str) -> None:
    (bert_folder / name).unlink()
    assert refused(bert_folder).endswith(f"no {name}")


def test_read_encoder_says_that_there_is_no_folder(tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing").endswith("no folder")


def test_read_encoder_refuses_a_pickle_and_says_how_to_convert_it(bert_folder: Path) -> None:
    (bert_folder / "model.safetensors").rename(bert_folder / "pytorch_model.bin")
    message = refused(bert_folder)
    assert "pytorch_model.bin, a pickle" in message
    code = re.search(r'python -c "(.*)"`', message)
    assert code
    compile(code[1], "message", "exec")


@pytest.mark.parametrize(
    ("changed", "received"),
    [
        ({"model_type": "gpt2"}, "'gpt2'"),
        ({"model_type": None}, "None"),
        ({"hidden_act": "gelu_new"}, "'gelu_new'"),
        ({"position_embedding_type": "relative_key"}, "'relative_key'"),
        ({"hidden_size": "wide"}, "invalid literal for int() with base 10: 'wide'"),
        ({"num_attention_heads": 5}, "16"),
        ({"num_attention_heads": 0}, "integer modulo by zero"),
    ],
)
def test_read_encoder_refuses_another_architecture(bert_folder: Path, changed: dict[str, Any], received: str) -> None:
    change(bert_folder / "config.json", **changed)
    assert refused(bert_folder).endswith(f"Received: {received}")


def test_read_encoder_names_the_key_that_config_lacks(bert_folder: Path) -> None:
    content = json.loads((bert_folder / "config.json").read_text(encoding="utf-8"))
    del content["hidden_size"]
    (bert_folder / "config.json").write_text(json.dumps(content), encoding="utf-8")
    assert "expected a key 'hidden_size'" in refused(bert_folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
@pytest.mark.parametrize("text", ["{", "[]"])
def test_read_encoder_refuses_other_json(bert_folder: Path, name: str, text: str) -> None:
    (bert_folder / name).write_text(text, encoding="utf-8")
    assert str(bert_folder / name) in refused(bert_folder)


def test_read_encoder_refuses_truncated_weights(bert_folder: Path) -> None:
    path = bert_folder / "model.safetensors"
    data = path.read_bytes()
    for length in (0, 7, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        assert "expected whole tensors" in refused(bert_folder)


def test_read_encoder_names_the_tensor_that_is_missing(bert_folder: Path) -> None:
    path = bert_folder / "model.safetensors"
    tensors = load_file(path)
    del tensors["bert.encoder.layer.1.output.dense.bias"]
    save_file(tensors, path)
    assert "expected a tensor encoder.layer.1.output.dense.bias" in refused(bert_folder)


def test_read_encoder_refuses_sizes_that_are_not_the_weights(bert_folder: Path) -> None:
    change(bert_folder / "config.json", intermediate_size=20)
    assert refused(bert_folder).endswith("Received: (16, 24)")


def test_read_encoder_refuses_a_tokenizer_of_more_pieces_than_vectors(bert_folder: Path) -> None:
    tokenizer = json.loads((bert_folder / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary |= {f"more{number}": len(vocabulary) + number for number in range(5)}
    (bert_folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    assert refused(bert_folder).endswith("Received: 41 in the tokenizer")


def test_trim_keeps_the_vectors_of_what_it_keeps(xlm_r: PretrainedEncoder) -> None:
    trimmed = trim(xlm_r, ["rome", "playing"])
    for word in ("rome", "playing", "in", "zero"):
        (before,), (after,) = xlm_r.tokenizer.ids([word]), trimmed.tokenizer.ids([word])
        if word != "in":
            np.testing.assert_array_equal(trimmed.weights["words"][after], xlm_r.weights["words"][before])
        else:
            assert len(after) > len(before)  # of letters, since the piece is gone
    assert trimmed.config.pieces == len(trimmed.tokenizer) < xlm_r.config.pieces
