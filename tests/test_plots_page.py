"""The page that `dvc plots` writes, in a browser without a network: what it shows, and what it says that it can't."""

from pathlib import Path

import pytest
import vl_convert
from dvc_render.html import render_html
from dvc_render.vega import VegaRenderer
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

TEMPLATE = Path(__file__).parents[1] / ".dvc/plots.html"
NAMES = ("plots/one/learning_curve.csv", "plots/two/learning_curve.csv")
CURE = "Most plots are missing, since Vega is: run `make plots` once."


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Two curves, drawn by DVC into this project's template."""
    rows = [{"epoch": str(epoch), "loss": str(1 / epoch), "rev": "workspace"} for epoch in (1, 2, 3)]
    plots = [VegaRenderer(rows, name, x="epoch", y="loss", template="linear") for name in NAMES]
    return Path(render_html(plots, tmp_path / "plots/index.html", TEMPLATE))


def drawn(driver: webdriver.Chrome) -> list[str]:
    """The plots that are to be seen."""
    plots = driver.find_elements(By.CSS_SELECTOR, "body > div .marks")
    return [
        plot.find_element(By.XPATH, "ancestor::div[@id]").get_attribute("id") for plot in plots if plot.is_displayed()
    ]


def test_page_without_vega_names_the_cure(driver: webdriver.Chrome, page: Path) -> None:
    driver.get(page.as_uri())
    assert CURE in driver.find_element(By.TAG_NAME, "header").text
    assert drawn(driver) == []


def test_page_with_vega_beside_it_draws_all_and_what_is_looked_for(driver: webdriver.Chrome, page: Path) -> None:
    (page.parents[1] / "vega.js").write_text(vl_convert.javascript_bundle(), encoding="utf-8")
    driver.get(page.as_uri())
    WebDriverWait(driver, 120).until(lambda _: len(drawn(driver)) == 2)
    assert CURE not in driver.find_element(By.TAG_NAME, "header").text
    driver.find_element(By.TAG_NAME, "input").send_keys("two")
    assert len(drawn(driver)) == 1
    assert "two" in drawn(driver)[0]
