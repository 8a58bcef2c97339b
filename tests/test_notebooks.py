"""Every notebook runs from top to bottom, in a clone that has the released taggers and nothing else."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Jupyter's own parts about each other
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_runs_and_says_what_is_committed(path: Path, released: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    committed = [texts(cell) for cell in notebook.cells]
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(released.parent)}}).execute()
    assert [texts(cell) for cell in notebook.cells] == committed


def texts(cell: nbformat.NotebookNode) -> list[str]:
    """What a cell showed as plain text, numbers to two places, since the last ones differ between types of machine."""
    shown = [output["data"].get("text/plain", "") for output in cell.get("outputs", []) if "data" in output]
    return [" ".join(re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.2f}", text).split()) for text in shown]
