"""Measure time and peak memory of reading published vectors in GloVe's format: files of 100 MB and of 1 GB."""

import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIMENSIONS = 100
READ = """
import sys
from pathlib import Path
from ner.embeddings.catalogue import PublishedParams
from ner.embeddings.vector_files import store_vectors
from ner.core.source_files import SourceFile
file = SourceFile(path="vectors.txt", sha256="0" * 64)
params = PublishedParams(
    kind="published",
    corpora=("any",),
    normalisation=("lowercase",),
    file=file,
    format="glove",
    dimensions=int(sys.argv[3]),
    bad_lines="error",
)
print(store_vectors(Path(sys.argv[1]), Path(sys.argv[2]), params)["kept"])
"""


def write_vectors(path: Path, size: int) -> None:
    """Write a file of about `size` bytes: distinct words, each with DIMENSIONS numbers of five decimals."""
    draw = random.Random(1)
    rows = [" ".join(f"{draw.gauss(0, 0.4):.5f}" for _ in range(DIMENSIONS)) for _ in range(1000)]
    written = word = 0
    with path.open("w", encoding="utf-8") as file:
        while written < size:
            written += file.write(f"word{word} {rows[word % len(rows)]}\n")
            word += 1


def measure(size: int) -> tuple[int, float, int]:
    """Read such a file in a process of its own: return words, seconds (start of Python included), peak resident MB."""
    with tempfile.TemporaryDirectory() as directory:
        source, made = Path(directory, "vectors.txt"), Path(directory, "made")
        write_vectors(source, size)
        made.mkdir()
        started = time.perf_counter()
        command = [sys.executable, "-c", READ, str(source), str(made), str(DIMENSIONS)]
        words = subprocess.check_output(command, cwd=ROOT)
        seconds = time.perf_counter() - started
    return int(words), seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


if __name__ == "__main__":
    print("| file | words | seconds | peak memory |")
    print("|---|---:|---:|---:|")
    for size, name in (
        (10**8, "100 MB"),
        (10**9, "1 GB"),
    ):  # small first: ru_maxrss is the maximum over all children so far
        words, seconds, memory = measure(size)
        print(f"| {name}, {DIMENSIONS} dimensions | {words:,} | {seconds:.1f} | {memory} MB |")
