"""What the README claims is what the repository holds."""

import json
import re
from pathlib import Path

import pytest
import yaml

from ner.corpus.catalogue import CorpusParams
from ner.corpus.formats import FORMATS
from ner.model.parameters import RunParams
from ner.params import build

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / name for name in ("README.md", "data/README.md", "models/README.md", "samples/README.md")]
ROWS = re.findall(r"^\| `([a-z0-9-]+)` \| .+? \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", README, re.M)


def test_readme_has_a_row_for_every_run() -> None:
    runs = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["runs"]
    assert {row[0] for row in ROWS} == set(runs)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_readme_has_the_figures_of_metrics(row: tuple[str, ...]) -> None:
    scores = json.loads((ROOT / "metrics" / f"{row[0]}.json").read_text(encoding="utf-8"))
    percent = [f"{100 * scores[key]:.2f}" for key in ("entity_f1", "conlleval_f1", "token_accuracy")]
    assert row[1:] == (f"{scores['entities']:,}", *percent)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_links_to_what_exists(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_readme_names_every_format() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| .+ \| (`.+`) \|$", README, re.M))
    assert {name: tuple(re.findall(r"`(\w+)`", keys)) for name, keys in rows.items() if name in FORMATS} == {
        name: format.settings for name, format in FORMATS.items()
    }


def test_readme_examples_are_valid_params() -> None:
    corpus, run = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.+?)```", README, re.S))
    corpus["mine"]["files"]["train"]["sha256"] = "0" * 64
    assert build(CorpusParams, corpus["mine"], "corpora.mine").format == "conll"
    assert build(RunParams, run["mine-bilstm"], "runs.mine-bilstm").corpus == "mine"
