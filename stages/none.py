"""Make what a run without embeddings, or without a base, depends on -> data/embeddings/none/, models/none/."""

from pathlib import Path

from ner.core.outputs import whole_directory
from ner.pipeline.stage import run_stage

FOLDERS = {"embeddings": Path("data/embeddings/none"), "base": Path("models/none")}


def main(name: str) -> None:
    with whole_directory(FOLDERS[name]) as directory:
        (directory / "unused").touch()


if __name__ == "__main__":
    run_stage(main, __doc__, None)
