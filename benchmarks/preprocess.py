"""Measure time and peak memory of `preprocess`, for GMB and for ten times GMB. Needs `dvc repro download@gmb`."""

import csv
import io
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
GMB = ROOT / "data/raw/gmb/ner_dataset.csv.zip"


def repeated(times: int) -> str:
    """Return GMB's CSV with all its sentences repeated `times` times, under new numbers."""
    with zipfile.ZipFile(GMB) as archive:
        text = archive.read(archive.namelist()[0]).decode("cp1252")
    header, *rows = csv.reader(io.StringIO(text))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for turn in range(times):
        writer.writerows([row[0] and f"{row[0]} ({turn})", *row[1:]] for row in rows)
    return out.getvalue()


def measure(times: int) -> tuple[float, int]:
    """Run the stage on such a corpus: return seconds (start of Python included) and peak resident MB."""
    with tempfile.TemporaryDirectory() as directory:
        params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        params["corpora"] = {"gmb": {**params["corpora"]["gmb"], "deduplicate": False}}
        params["corpora"]["gmb"]["files"]["train"]["path"] = "ner_dataset.csv"
        params["embeddings"] = {}
        params["runs"] = {}
        Path(directory, "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        raw = Path(directory, "data/raw/gmb/ner_dataset.csv")
        raw.parent.mkdir(parents=True)
        raw.write_text(repeated(times), encoding="cp1252", newline="")
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "stages.preprocess", "gmb"],
            cwd=directory,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        if status:
            sys.exit("error: preprocess failed")
        return seconds, usage.ru_maxrss // 1024


if __name__ == "__main__":
    if not GMB.exists():
        sys.exit(f"error: expected {GMB.relative_to(ROOT)}; `dvc repro download@gmb` makes it")
    base, base_memory = measure(1)
    ten, ten_memory = measure(10)
    print("| corpus | tokens | seconds | peak memory |")
    print("|---|---:|---:|---:|")
    print(f"| GMB | 1,048,575 | {base:.1f} | {base_memory} MB |")
    print(f"| ten times GMB | 10,485,750 | {ten:.1f} ({ten / base:.1f} times) | {ten_memory} MB |")
