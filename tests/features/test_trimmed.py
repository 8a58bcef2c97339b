"""Trimmed embeddings: which words are kept, the error of quantisation, and look-ups of tokens."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ner.features.embedding_files import Clusters, Vectors
from ner.features.lookup import spellings
from ner.features.trimmed import (
    ABSENT,
    ClusterTable,
    VectorTable,
    load_clusters,
    load_vectors,
    save_clusters,
    save_vectors,
    trim_clusters,
    trim_vectors,
)
from tests.file_contents import contents


def random_vectors(words: tuple[str, ...], normalisation: tuple[str, ...] = ()) -> Vectors:
    """Draw vectors whose norms differ by orders of magnitude; the second vector is zero."""
    draw = np.random.default_rng(11)
    values = draw.normal(size=(len(words), 7)) * 10 ** draw.uniform(-3, 3, size=(len(words), 1))
    values[1:2] = 0
    return Vectors(words, values.astype(np.float32), normalisation)


def restored(table: VectorTable) -> NDArray[np.float32]:
    return table.table * table.scales[:, None]


def test_trimmed_vectors_are_half_a_step_off_at_most() -> None:
    vectors = random_vectors(tuple(f"w{number}" for number in range(200)))
    table = trim_vectors(vectors, [], 200)
    norms = np.linalg.norm(vectors.vectors, axis=1)
    errors = np.abs(restored(table) - vectors.vectors / norms.mean())  # (N, D)
    assert (table.table.dtype, table.scales.dtype) == (np.int8, np.float32)
    assert (errors <= table.scales[:, None] * (0.5 + 1e-4)).all()
    assert not restored(table)[1].any()
    assert np.linalg.norm(restored(table), axis=1).mean() == pytest.approx(1, abs=0.01)


def test_trim_of_zeros_alone_or_of_nothing_gives_numbers() -> None:
    zeros = trim_vectors(Vectors(("a",), np.zeros((1, 3), np.float32), ()), [], 1)
    assert restored(zeros).tolist() == [[0, 0, 0]]
    nothing = trim_vectors(Vectors((), np.zeros((0, 3), np.float32), ()), ["a"], 5)
    assert nothing.ids(["a"]).tolist() == [ABSENT]


def test_trim_keeps_the_frequent_and_those_of_train_in_their_order() -> None:
    words = ("the", "of", "rome", "oslo", "ada", "bergen")
    table = trim_vectors(random_vectors(words, ("lowercase",)), ["Ada", "OSLO", "nowhere", "Ada"], 2)
    assert table.words == ("the", "of", "oslo", "ada")
    clusters = Clusters(words, ("0", "10", "110", "1110", "11110", "111110"), ())
    trimmed = trim_clusters(clusters, ["Ada", "OSLO"], 1, (4,))
    assert (trimmed.words, trimmed.paths) == (("the", "oslo", "ada"), ("0", "1110", "11110"))


def test_a_word_that_train_lacks_is_found_when_its_vector_was_kept() -> None:
    table = trim_vectors(random_vectors(("the", "bergen", "rome", "oslo"), ("lowercase",)), ["Rome"], 2)
    found = table.ids(["Bergen", "BERGEN", "Rome", "Oslo"])
    assert found.tolist() == [2, 2, 3, ABSENT]  # oslo is neither frequent nor in train
    np.testing.assert_array_equal(table.table[found[0] - 1], table.table[table.words.index("bergen")])


@pytest.mark.parametrize("token", ["ROME-96", "new-york", "B-52", "2026-11-21", "(", "IBM"])
def test_tokens_fall_back_to_other_spellings_in_order(token: str) -> None:
    """Without the first spelling in the table the next one is found, and so on to the last; then none."""
    tried = list(dict.fromkeys(spellings(token, ())))
    for first in range(len(tried)):
        left = tried[first:]
        table = trim_vectors(random_vectors(("other", *reversed(left))), [token], 0)
        assert table.words == (left[0],)
        assert table.ids([token]).tolist() == [1]
    assert trim_vectors(random_vectors(("other", "another")), [token], 2).ids([token]).tolist() == [ABSENT]


@pytest.mark.parametrize(
    ("save", "load", "table"),
    [
        (save_vectors, load_vectors, trim_vectors(random_vectors(("the", "é\x85", "\u2028"), ("digits",)), [], 3)),
        (save_clusters, load_clusters, ClusterTable(("the", "é\x85", "\u2028"), ("0", "01", "1"), (1, 9), ())),
    ],
    ids=["vectors", "clusters"],
)
def test_tables_come_back_and_are_the_same_bytes_again(
    tmp_path: Path, save: Callable[..., None], load: Callable[..., object], table: object
) -> None:
    save(tmp_path / "one", table)
    loaded = load(tmp_path / "one")
    save(tmp_path / "two", loaded)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    if isinstance(table, VectorTable) and isinstance(loaded, VectorTable):
        assert (loaded.words, loaded.normalisation) == (table.words, table.normalisation)
        np.testing.assert_array_equal(restored(loaded), restored(table))
    else:
        assert loaded == table


def test_vectors_of_four_bits_take_half_the_bytes_and_come_back(tmp_path: Path) -> None:
    words = tuple(f"word{number}" for number in range(300))
    table = np.random.default_rng(4).integers(-127, 128, (300, 10)).astype(np.int8)
    eight = VectorTable(words, table, np.full(300, 0.01, np.float32), ())
    four = eight.in_four_bits()
    difference = np.abs(four.table * four.scales[:, None] - eight.table * eight.scales[:, None])
    assert 0 < difference.max() <= 0.5 * four.scales.max() + 1e-6
    save_vectors(tmp_path / "eight", eight)
    save_vectors(tmp_path / "four", four)
    sizes = [(tmp_path / name / "table.npy").stat().st_size - 128 for name in ("eight", "four")]  # less the header
    assert sizes == [3000, 1500]
    loaded = load_vectors(tmp_path / "four")
    assert loaded.words == words
    assert loaded.table.tolist() == four.table.tolist()
    assert loaded.table.dtype == np.int8


def test_prefixes_of_clusters_have_ids_of_their_own() -> None:
    table = ClusterTable(("a", "b", "c", "d"), ("0011", "0010", "01", "0011"), (2, 4), ())
    rows = table.ids(["a", "b", "c", "d", "x"])  # (T, P)
    assert rows[0, 0] == rows[1, 0] != rows[2, 0]  # 00, 00, 01
    assert rows[0, 1] != rows[1, 1]
    assert rows[0].tolist() == rows[3].tolist()
    assert rows[2, 0] != rows[2, 1]  # 01 as two bits, and as all that there are of four
    assert rows[4].tolist() == [ABSENT, ABSENT]
    assert rows.max() == len(table) - 1


def test_tables_are_alike_if_ids_mean_the_same() -> None:
    table = ClusterTable(("a", "b"), ("0011", "01"), (2, 4), ())
    assert table.alike(ClusterTable(("c", "d", "b"), ("01", "0011", "01"), (2, 4), ("lowercase",)))
    assert not table.alike(ClusterTable(("a", "b"), ("0011", "00"), (2, 4), ()))
    assert not table.alike(ClusterTable(("a", "b"), ("0011", "01"), (2, 3), ()))


def test_tables_have_one_row_a_word() -> None:
    for table, scales in ((np.zeros((1, 2), np.int8), np.ones(2)), (np.zeros((2, 2), np.int8), np.ones(1))):
        with pytest.raises(ValueError, match="expected 2 vectors and their scales"):
            VectorTable(("a", "b"), table, scales.astype(np.float32), ())
    with pytest.raises(ValueError, match=r"expected 1 paths\. Received: 0"):
        ClusterTable(("a",), (), (4,), ())
