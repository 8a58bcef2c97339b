"""Published Brown clusters, one line `bit string TAB word TAB count` per word -> Clusters."""

import re
from collections import Counter
from pathlib import Path

from ner.embeddings.catalogue import ClusterFileParams
from ner.embeddings.packed import EmbeddingFileError, lines_of, open_packed
from ner.features.embedding_files import Clusters

_PATH = re.compile(rb"[01]{1,256}")
_COUNT = re.compile(rb"[0-9]{1,15}")


def read_clusters(path: Path, params: ClusterFileParams) -> tuple[Clusters, dict[str, int]]:
    """Read a file of word clusters.

    Returns:
        The clusters, words by descending count and ties in file order; and the number of words kept, and of lines
        skipped, by fault.

    Raises:
        EmbeddingFileError: the file is damaged or empty; or a line is malformed, and `bad_lines` is `error`.
    """
    rows: dict[str, tuple[int, str]] = {}  # word -> count, bit string
    skipped: Counter[str] = Counter()
    with open_packed(path, params.member) as (stream, _):
        for number, line in lines_of(path, stream):
            word, row, fault = _parse(line)
            if not fault and word in rows:
                fault = "duplicate"
            if not fault:
                rows[word] = row
            elif params.bad_lines == "skip":
                skipped[fault] += 1
            else:
                expected = "expected a bit string, a word not seen before, and a count, with tabs between"
                advice = "`bad_lines: skip` leaves such lines out and counts them"
                raise EmbeddingFileError(path, number, f"{expected}. Received: {fault}, {line!r:.80}; {advice}")
    if not rows:
        raise EmbeddingFileError(path, 0, f"expected clusters. Received: none, and {skipped.total()} bad lines")
    words = sorted(rows, key=lambda word: -rows[word][0])
    clusters = Clusters(tuple(words), tuple(rows[word][1] for word in words), params.normalisation)
    return clusters, {"kept": len(words)} | {f"skipped_{fault}": count for fault, count in sorted(skipped.items())}


def _parse(line: bytes) -> tuple[str, tuple[int, str], str]:
    """Parse a line into word, (count, bit string), and the name of its fault, which is empty if there is none."""
    nothing = "", (0, "")
    fields = line.rstrip(b"\r\n").split(b"\t")
    if len(fields) != 3:
        return *nothing, "wrong_columns"
    if not _PATH.fullmatch(fields[0]) or not _COUNT.fullmatch(fields[2]):
        return *nothing, "not_a_number"
    try:
        word = fields[1].decode()
    except UnicodeDecodeError:
        return *nothing, "not_utf_8"
    if not word or " " in word:
        return *nothing, "word_with_space" if word else "no_word"
    return word, (int(fields[2]), fields[0].decode()), ""
