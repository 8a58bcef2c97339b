"""Figures of the references stand beside runs and metrics that there are."""

from pathlib import Path

from ner.core.params import read_params
from ner.reports.comparison import COLUMNS
from ner.reports.references import PUBLISHED, REPETITIONS

RUNS = read_params(Path(__file__).parents[2] / "params.yaml")["runs"]


def test_every_reference_has_a_repetition_on_its_corpus() -> None:
    repeated = {(reference, RUNS[run]["corpus"]) for run, reference in REPETITIONS.items()}
    assert {(one.reference, one.corpus) for one in PUBLISHED} <= repeated
    assert {one.reference for one in PUBLISHED} == {"R0", "R1", "R2", "R3", "R4"}


def test_figures_are_fractions_of_what_the_table_has() -> None:
    assert {one.key for one in PUBLISHED} <= set(COLUMNS)
    assert all(one.figure is None or 0 < one.figure < 1 for one in PUBLISHED)
