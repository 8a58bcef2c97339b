"""A tagger folder from a stranger: files that never end, or would fill the memory, are refused before they are read."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from ner.tagger.files import Exported
from ner.tagger.graph_checks import check_graph
from tests.tagger.toy_tagger import SENTENCES_GRAPH, refusal, relisted, rewrite, save

NO_LOOP = "expected no branches, and no loops but of at most 1000 turns"


@pytest.mark.parametrize("name", ["words.txt", "tokens.onnx", "chain.json", "tagger.json"])
def test_pipes_and_devices_are_not_opened(copy: Path, name: str) -> None:
    (copy / name).unlink(missing_ok=True)
    os.mkfifo(copy / name)
    assert f"{name} is no regular file" in refusal(copy)
    (copy / name).unlink()
    (copy / name).symlink_to("/dev/zero")
    assert f"{name} is no regular file" in refusal(copy)


@pytest.mark.parametrize("name", ["encoder.json", "pieces.json", "clusters/words.txt", "encoder.onnx"])
def test_files_that_are_read_must_be_listed(copy: Path, name: str) -> None:
    (copy / name).touch()
    rewrite(copy / "tagger.json", lambda content: {**content, "files": _without(content["files"], name)})
    assert f"{name} is not listed" in refusal(copy)
    (copy / name).unlink()
    os.mkfifo(copy / name)
    assert f"{name} is not listed" in refusal(copy)


def test_files_behind_a_link_must_be_listed(copy: Path) -> None:
    """A walk through the folder would not see them."""
    shutil.move(copy / "vectors", copy.parent / "elsewhere")
    (copy / "vectors").symlink_to(copy.parent / "elsewhere")
    rewrite(copy / "tagger.json", lambda content: {**content, "files": _without(content["files"], "vectors/table.npy")})
    assert "vectors/table.npy is not listed" in refusal(copy)


def _without(files: dict[str, str], name: str) -> dict[str, str]:
    return {other: digest for other, digest in files.items() if other != name}


@pytest.mark.parametrize("name", ["words.txt", "tags.txt", "chain.json", "vectors/settings.json", "tagger.json"])
def test_large_files_are_not_read(copy: Path, name: str) -> None:
    os.truncate(copy / name, 1 << 30)  # sparse: it takes no place on the disk
    assert f"{name} is too large: expected at most " in refusal(copy)


def test_scores_are_numbers_that_json_has(copy: Path) -> None:
    settings = (copy / "tagger.json").read_text(encoding="utf-8")
    assert '"entity_f1": 0.5' in settings
    (copy / "tagger.json").write_text(settings.replace('"entity_f1": 0.5', '"entity_f1": 1e999'), encoding="utf-8")
    assert "1e999 is no number in JSON" in refusal(copy)


def loop(turns: int) -> bytes:
    """A graph whose output is computed in a loop of many turns."""
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Identity", ["state"], ["next"])],
        "body",
        [value("turn", 7, []), value("go", 9, []), value("state", 1, [None, None, 16])],
        [value("on", 9, []), value("next", 1, [None, None, 16])],
    )
    nodes = [
        helper.make_node("Loop", ["turns", "", "vectors"], ["held"], body=body),
        helper.make_node("MatMul", ["held", "kernel"], ["y"]),
    ]
    constants = [
        helper.make_tensor("turns", TensorProto.INT64, [], [turns]),
        helper.make_tensor("kernel", TensorProto.FLOAT, [16, 3], np.zeros(48)),
    ]
    graph = helper.make_graph(
        nodes, "network", [value("vectors", 1, [None, None, 16])], [value("y", 1, [None, None, 3])], constants
    )
    made: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    ).SerializeToString()
    return made


def test_no_graph_has_a_loop(exported: Exported, tmp_path: Path) -> None:
    save(tmp_path / "toy", exported, sentences=loop(1 << 62))
    assert f"sentences.onnx: {NO_LOOP}" in refusal(tmp_path / "toy")


def test_short_loops_may_stand_in_a_graph(tmp_path: Path) -> None:
    """Keras's LSTM over characters is exported as one."""
    path = tmp_path / "tokens.onnx"
    for turns, ends in ((0, True), (1_000, True), (1_001, False), (-1, False)):
        path.write_bytes(loop(turns))
        if ends:
            check_graph(path)
        else:
            with pytest.raises(ValueError, match=NO_LOOP):
                check_graph(path)


def changed(change: Callable[[onnx.GraphProto], object]) -> bytes:
    """A graph with a loop of three turns, changed."""
    model = onnx.load_from_string(loop(3))
    change(model.graph)
    data: bytes = model.SerializeToString()
    return data


def copy_of(node: onnx.NodeProto) -> onnx.NodeProto:
    other = onnx.NodeProto()
    other.CopyFrom(node)
    return other


CHANGES: dict[str, Callable[[onnx.GraphProto], object]] = {
    "turns from the input": lambda graph: graph.node[0].input.__setitem__(0, "vectors"),
    "turns from nowhere": lambda graph: graph.node[0].input.__setitem__(0, ""),
    "a constant twice": lambda graph: graph.initializer.add().CopyFrom(graph.initializer[0]),
    "a branch": lambda graph: setattr(graph.node[0], "op_type", "If"),
    "a loop in a loop": lambda graph: graph.node[0].attribute[0].g.node.append(copy_of(graph.node[0])),
    "a sparse tensor": lambda graph: graph.sparse_initializer.add().dims.append(1),
    "a tensor in a file": lambda graph: graph.initializer[1].external_data.add(key="location", value="pipe"),
    "an attribute in a file": lambda graph: (
        graph.node[1].attribute.add(name="value", type=4).t.external_data.add(key="location", value="pipe")
    ),
    "a body in a file": lambda graph: (
        graph.node[0].attribute[0].g.initializer.add().external_data.add(key="location", value="pipe")
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_no_graph_hides_a_loop_or_a_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "tokens.onnx"
    path.write_bytes(changed(CHANGES[name]))
    with pytest.raises(ValueError, match=r"^tokens\.onnx: expected no (branches|sparse tensors|external data)"):
        check_graph(path)


def test_no_model_has_functions(tmp_path: Path) -> None:
    path = tmp_path / "tokens.onnx"
    model = onnx.load_from_string(SENTENCES_GRAPH)
    model.functions.add(name="again")
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ValueError, match="expected no functions"):
        check_graph(path)


def test_graph_that_is_written_in_two_parts_has_no_loop(exported: Exported, tmp_path: Path) -> None:
    """Readers of Protocol Buffers join messages that stand twice."""
    save(tmp_path / "toy", exported, sentences=SENTENCES_GRAPH + loop(1 << 62))
    assert f"sentences.onnx: {NO_LOOP}" in refusal(tmp_path / "toy")


@pytest.mark.parametrize("damage", [b"\x0f", b"\x3a\x7f", b"\xff" * 11, b"\x08", b"\x0d\x00", b"\x08\x00" * 1_000_001])
def test_no_graph_is_endless_or_cut_off(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "tokens.onnx"
    path.write_bytes(damage)
    with pytest.raises(ValueError, match="expected an ONNX file, got "):
        check_graph(path)


@pytest.mark.parametrize(
    "sizes",
    [
        {"hidden": 1 << 40},
        {"positions": 0},
        {"heads": 0},
        {"layers": 1.5},
        {"pieces": "5"},
        {"context_pieces": 1 << 40},
    ],
    ids=str,
)
def test_no_encoder_has_impossible_sizes(copy: Path, sizes: dict[str, object]) -> None:
    config = {"pieces": 5, "hidden": 4, "layers": 1, "heads": 2, "feed_forward": 4, "positions": 9, "epsilon": 1e-12}
    content = {"config": config | sizes, "context_pieces": sizes.get("context_pieces", 5), "casings": False}
    content["config"] = {name: size for name, size in (config | sizes).items() if name in config}
    (copy / "encoder.json").write_text("{}", encoding="utf-8")
    rewrite(copy / "encoder.json", lambda _: content)
    assert "encoder.json: expected the sizes of an encoder. Received: " in refusal(relisted(copy))
