"""Say which embeddings the runs name: params.yaml -> data/wanted/, so that the others cost nothing."""

from pathlib import Path

from ner.core.outputs import whole_directory
from ner.core.params import read_params
from ner.embeddings.wanted import wanted_names, write_wanted
from ner.pipeline.stage import run_stage


def main(to: str) -> None:
    with whole_directory(Path(to)) as directory:
        write_wanted(directory, wanted_names(read_params()))


if __name__ == "__main__":
    run_stage(main, __doc__, None)
