"""Files of an exported tagger that can be read but do not match: settings, tags, scores, arrays and graphs."""

import dataclasses
import gc
import json
import pickle
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from ner.tagger.files import TOKENS, Exported, Settings, load_exported
from tests.tagger.toy_tagger import (
    ARRAYS,
    SENTENCES_GRAPH,
    TOKENS_GRAPH,
    constant,
    graph,
    refusal,
    relisted,
    rewrite,
    save,
)


@pytest.mark.parametrize("name", ["words.txt", "characters.txt", "vectors", "clusters"])
def test_load_says_what_the_network_reads_if_a_part_is_missing(copy: Path, name: str) -> None:
    shutil.rmtree(copy / name) if (copy / name).is_dir() else (copy / name).unlink()
    message = refusal(relisted(copy))
    assert f"{TOKENS} reads words, casings, characters, vectors, clusters; there is " in message


@pytest.mark.parametrize(
    ("changes", "received"),
    [
        ({"format": 2}, "expected format 1, got 2"),
        ({"format": None}, "expected format 1, got None"),
        ({"format": True}, "format can't be True"),
        ({"code": "import os"}, "expected the keys casings, corpus, format, language"),
        ({"rule": "lines"}, "expected a rule of words, punctuation, got 'lines'"),
        ({"rule": ["words"]}, "rule can't be ['words']"),
        ({"normalisation": "lowercase"}, "normalisation can't be 'lowercase'"),
        ({"normalisation": ["stem"]}, "expected normalisation by lowercase, digits, arabic, got 'stem'"),
        ({"normalisation": [["digits"]]}, "unhashable"),
        ({"longest": "5"}, "longest can't be '5'"),
        ({"longest": 6}, ""),
        ({"longest": -6}, ""),
        ({"casings": 1}, "casings can't be 1"),
        ({"casings": False}, "tokens.onnx reads words, casings"),
        ({"name": None}, "name can't be None"),
        ({"language": 5}, "language can't be 5"),
        ({"scores": []}, "scores can't be []"),
        ({"scores": {"f1": float("nan")}}, "NaN is no number"),
        ({"longest": 200_000_000}, "longest can't be 200000000"),
        ({"name": "toy\nbox"}, "name can't be 'toy\\nbox'"),
        ({"name": ""}, "name can't be ''"),
        ({"language": "e\u2028n"}, "language can't be 'e\\u2028n'"),
        ({"corpus": "x" * 1_000}, "corpus can't be 'xxx"),
        ({"scores": {"entity_f1": "0.5"}}, "the score 'entity_f1' can't be '0.5'"),
        ({"scores": {"entity_f1": 10**400}}, "int too large"),
        ({"files": None}, "expected the SHA-256 of each file as `files`, got None"),
        ({"files": []}, "expected the SHA-256 of each file as `files`, got []"),
        ({"files": {}}, "expected the SHA-256 of each file as `files`, got {}"),
        ({"files": {"words.txt": 5}}, "words.txt is damaged"),
        ({"files": {"../toy/words.txt": ""}}, "expected no file '../toy/words.txt' in a tagger"),
        ({"files": {"/dev/zero": ""}}, "expected no file '/dev/zero' in a tagger"),
    ],
    ids=str,
)
def test_load_refuses_other_settings(copy: Path, changes: dict[str, Any], received: str) -> None:
    rewrite(copy / "tagger.json", lambda content: content | changes)
    assert received in refusal(copy)


@pytest.mark.parametrize("text", ["[]", "5", '"toy"', "null", "{}", "[" * 100_000, "{"], ids=lambda t: t[:20])
def test_load_refuses_what_are_no_settings(copy: Path, text: str) -> None:
    (copy / "tagger.json").write_text(text, encoding="utf-8")
    assert len(refusal(copy)) < 1_000


@pytest.mark.parametrize("key", [field.name for field in dataclasses.fields(Settings)])
def test_load_refuses_settings_without(copy: Path, key: str) -> None:
    rewrite(copy / "tagger.json", lambda content: {name: value for name, value in content.items() if name != key})
    assert "expected" in refusal(copy)


@pytest.mark.parametrize(
    "chain",
    [
        {"start": [0, 0], "transitions": [[0, 0], [0, 0]], "end": [0, 0]},
        {"start": [0] * 4, "transitions": [[0] * 4] * 4, "end": [0] * 4},
        {"start": [0, 0, 0], "transitions": [0, 0, 0], "end": [0, 0, 0]},
        {"start": [0, 0, 0], "transitions": [[0, 0, 0], [0, 0], [0, 0, 0]], "end": [0, 0, 0]},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3, "end": [0, 0, 0], "middle": [0, 0, 0]},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3, "end": [0, 0, "x"]},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3, "end": {"0": 0}},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3, "end": [0, 0, 1e300]},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3, "end": [0, 0, float("inf")]},
        {"start": [0, 0, 0], "transitions": [[0] * 3] * 3, "end": [0, 0, float("nan")]},
        {"start": [None] * 3, "transitions": [[0] * 3] * 3, "end": [0, 0, 0]},
        {"start": [0, 0, 0], "transitions": [[None] * 3] * 3, "end": [0, 0, 0]},
        [],
        None,
    ],
    ids=lambda chain: str(chain)[:60],
)
def test_load_refuses_another_chain(copy: Path, chain: Any) -> None:
    (copy / "chain.json").write_text(json.dumps(chain), encoding="utf-8")
    refusal(relisted(copy))


def test_null_in_the_chain_is_what_must_not_be(copy: Path) -> None:
    assert np.isneginf(load_exported(copy).chain.start).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("tags", "received"),
    [
        ("B-LOC\nI-LOC\n", "chain.json has the scores of other tags"),
        ("B-LOC\nI-LOC\nO\nB-PER\n", "chain.json has the scores of other tags"),
        ("B-LOC\nI-LOC\nX\n", "expected a tag: O, or a prefix, a hyphen and a label"),
        ("", "chain.json has the scores of other tags"),
    ],
)
def test_load_refuses_other_tags(copy: Path, tags: str, received: str) -> None:
    (copy / "tags.txt").write_text(tags, encoding="utf-8")
    assert received in refusal(relisted(copy))


class Trap:
    """An object that fails the test if it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("unpickled",))


@pytest.mark.parametrize("name", ARRAYS)
def test_no_pickle_is_loaded(copy: Path, name: str) -> None:
    np.save(copy / name, np.array([Trap(), Trap()], object), allow_pickle=True)
    assert "allow_pickle=False" in refusal(relisted(copy))
    (copy / name).write_bytes(pickle.dumps(Trap()))
    refusal(relisted(copy))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # NumPy leaves the file open
@pytest.mark.parametrize("name", ARRAYS)
def test_an_archive_is_no_array(copy: Path, name: str) -> None:
    with (copy / name).open("wb") as file:
        np.savez(file, np.zeros(3))
    refusal(relisted(copy))
    with zipfile.ZipFile(copy / name, "w") as archive:
        archive.writestr("table.npy", b"")
    refusal(relisted(copy))
    (copy / name).write_bytes(b"PK\x03\x04")
    refusal(relisted(copy))
    gc.collect()


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("vectors/table.npy", np.zeros((2, 5), np.int8)),
        ("vectors/table.npy", np.zeros((3, 4), np.int8)),
        ("vectors/table.npy", np.zeros((2, 4), np.complex64)),
        ("vectors/table.npy", np.zeros((2, 4), "U3")),
        ("vectors/scales.npy", np.zeros(3, np.float32)),
        ("clusters/path_of_word.npy", np.array([0, 1, 2], np.uint8)),
        ("clusters/path_of_word.npy", np.array([0, 1, -1], np.int8)),
        ("clusters/path_of_word.npy", np.array([0, 1], np.uint8)),
        ("clusters/path_of_word.npy", np.zeros((3, 1), np.uint8)),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.dtype}{value.shape}",
)
def test_load_refuses_arrays_that_do_not_fit(copy: Path, name: str, array: Any) -> None:
    np.save(copy / name, array)
    refusal(relisted(copy))


def outside(location: str) -> TensorProto:
    """Make a kernel whose data is in another file."""
    tensor = TensorProto(name="kernel", data_type=TensorProto.FLOAT, dims=[16, 3])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, "length": str(16 * 3 * 4)}.items():
        tensor.external_data.add(key=key, value=value)
    return tensor


@pytest.mark.parametrize("location", ["../secret", "clusters/../../secret", "/secret", "link"])
def test_no_graph_reads_outside_of_its_directory(exported: Exported, tmp_path: Path, location: str) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(np.ones((16, 3), np.float32).tobytes())
    node, reads = helper.make_node("MatMul", ["vectors", "kernel"], ["y"]), {"vectors": (1, [None, None, 16])}
    place = str(secret) if location == "/secret" else location
    reading = graph([node], reads, [None, None, 3], [outside(place)])
    save(tmp_path / "toy", exported, sentences=reading)
    (tmp_path / "toy" / "link").symlink_to(secret)
    assert "xternal data" in refusal(tmp_path / "toy")


@pytest.mark.parametrize("domain", ["evil", "ai.onnx.contrib"])
def test_no_graph_has_operators_of_its_own(exported: Exported, tmp_path: Path, domain: str) -> None:
    node = helper.make_node("PyOp", ["vectors"], ["y"], domain=domain)
    save(tmp_path / "toy", exported, sentences=graph([node], {"vectors": (1, [None, None, 16])}, [None, None, 3]))
    refusal(tmp_path / "toy")


def test_load_refuses_graphs_that_do_not_fit(exported: Exported, tmp_path: Path) -> None:
    fewer = graph(
        [helper.make_node("MatMul", ["vectors", "kernel"], ["y"])],
        {"vectors": (1, [None, None, 16])},
        [None, None, 2],
        [constant("kernel", np.zeros((16, 2)))],
    )
    unknown = graph([helper.make_node("Cast", ["x"], ["y"], to=1)], {"x": (6, [1, None, 16])}, [1, None, 16])
    cases = {
        "sentences.onnx has 2 tags, tags.txt 3": {"sentences": fewer},
        "tokens.onnx reads x; there is words": {"tokens": unknown},
        "": {"tokens": SENTENCES_GRAPH, "sentences": TOKENS_GRAPH},
    }
    for number, (received, graphs) in enumerate(cases.items()):
        save(tmp_path / f"{number}", exported, **graphs)
        assert received in refusal(tmp_path / f"{number}")


def test_load_refuses_a_network_of_no_numbers(exported: Exported, tmp_path: Path) -> None:
    broken = graph(
        [helper.make_node("MatMul", ["vectors", "kernel"], ["y"])],
        {"vectors": (1, [None, None, 16])},
        [None, None, 3],
        [constant("kernel", np.full((16, 3), np.nan))],
    )
    save(tmp_path / "toy", exported, sentences=broken)
    assert "no numbers in the network" in refusal(tmp_path / "toy")
