"""The page in a browser: text in, entities out, by mouse, keyboard and clipboard, in both directions."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from ner.service.app import create_app
from ner.service.limits import Limits
from ner.service.server import Server
from ner.tagger.tagger import Tagger

TEXT = "😀 On Tuesday Elena Brenwick met him in Baghdad.\n\nShe left Iraq in June."
ARABIC = "وصل كريم إلى Baghdad يوم الثلاثاء ."


class Page:
    """The page, opened anew."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver = driver
        driver.get(address)
        self.until("return document.querySelector('#model option') !== null")

    def until(self, script: str) -> None:
        WebDriverWait(self.driver, 120, poll_frequency=0.02).until(lambda driver: driver.execute_script(script))

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        return [one.text for one in self.driver.find_elements(By.CSS_SELECTOR, selector)]

    def write(self, text: str) -> None:
        """As a paste does: drivers can't type characters beyond the basic plane."""
        self.driver.execute_script("arguments[0].value = arguments[1]", self.one("#text"), text)

    def find(self, text: str) -> None:
        self.write(text)
        self.one("#tag").click()
        self.until("return document.querySelector('#status').textContent.includes('found')")

    def style(self, selector: str, name: str) -> str:
        return str(self.one(selector).value_of_css_property(name))


@pytest.fixture(scope="module")
def address(tagger_directory: Path, arabic_directory: Path) -> Iterator[str]:
    taggers = {"news": Tagger.load(tagger_directory), "arabic": Tagger.load(arabic_directory)}
    app = create_app(taggers, Limits(tokens=200, seconds=120))
    server = Server(app, "127.0.0.1", 0, threads=8, connections=100, drain_seconds=60)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server.address
    server.stop()
    thread.join()


@pytest.fixture
def page(driver: webdriver.Chrome, address: str) -> Iterator[Page]:
    driver.get_log("browser")
    yield Page(driver, address)
    complaints = [entry["message"] for entry in driver.get_log("browser")]
    assert not [message for message in complaints if "status of 4" not in message]


def test_entities_are_marked_in_the_text(page: Page, tagger_directory: Path, tmp_path: Path) -> None:
    page.find(TEXT)
    expected = [entity for one in Tagger.load(tagger_directory).tag_text(TEXT) for entity in one.entities]
    marks = page.texts("#marked mark")
    assert len(marks) >= 3
    for mark, entity in zip(marks, expected, strict=True):
        assert mark.startswith(f"{entity.text} {entity.label} ")
        assert mark.endswith(f"{int(1000 * entity.confidence) / 10:.1f}%")
    shown = page.driver.execute_script(
        "const copy = document.querySelector('#marked').cloneNode(true);"
        "copy.querySelectorAll('b').forEach((label) => label.remove()); return copy.textContent"
    )
    assert shown.replace("\u00a0", "") == TEXT
    assert page.texts("#rows td:first-child") == [entity.text for entity in expected]
    assert f"{len(expected)} entities found in 2 sentences" in page.one("#status").text
    assert page.driver.save_screenshot(str(tmp_path / "page.png"))


def test_labels_have_colours_of_their_own(page: Page) -> None:
    page.find(TEXT)
    colours = {
        (mark.find_element(By.TAG_NAME, "b").text.split()[0], mark.get_attribute("class"))
        for mark in page.driver.find_elements(By.CSS_SELECTOR, "#marked mark")
    }
    assert len(colours) == len({label for label, _ in colours}) == len({colour for _, colour in colours}) >= 2


def test_slider_hides_what_is_less_sure(page: Page) -> None:
    page.find(TEXT)
    before = page.texts("#marked mark")
    page.one("#least").send_keys(Keys.END)
    assert page.one("#shown").text == "99%"
    shares = [float(text.split()[-1].rstrip("%")) for text in page.texts("#marked mark b")]
    assert all(share >= 99 for share in shares)
    page.one("#least").send_keys(Keys.HOME)
    assert page.texts("#marked mark") == before


@pytest.mark.parametrize("key", [Keys.CONTROL, Keys.META])
def test_keyboard_finds_entities(page: Page, key: str) -> None:
    assert page.driver.switch_to.active_element == page.one("#text")
    page.write(TEXT)
    ActionChains(page.driver).key_down(key).send_keys(Keys.ENTER).key_up(key).perform()
    page.until("return document.querySelectorAll('#marked mark').length > 0")


def test_arabic_runs_from_right_to_left(page: Page) -> None:
    Select(page.one("#model")).select_by_visible_text("arabic")
    page.find(ARABIC)
    assert page.style("#text", "direction") == "rtl"
    assert page.style("#marked", "direction") == "rtl"
    assert page.one("#marked").get_attribute("lang") == "ar"
    assert page.style("body", "direction") == "ltr"
    page.find(TEXT)
    assert page.style("#marked", "direction") == "ltr"


def test_examples_are_of_the_models_language(page: Page) -> None:
    assert page.texts("#examples button") == ["News", "Sport"]
    Select(page.one("#model")).select_by_visible_text("arabic")
    page.one("#examples button").click()
    page.until("return document.querySelector('#status').textContent.includes('found')")
    assert page.one("#text").get_attribute("lang") == page.one("#marked").get_attribute("lang") == "ar"


def test_json_is_copied(page: Page) -> None:
    page.find(TEXT)
    page.driver.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    page.one("#copy").click()
    page.until("return document.querySelector('#status').textContent === 'JSON copied.'")
    copied = page.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    answer = json.loads(copied)
    assert answer["model"] == "news"
    assert [one["tokens"][0] for one in answer["sentences"]] == ["😀", "She"]


def test_json_is_copied_without_the_clipboard_of_safe_pages(page: Page) -> None:
    page.find(TEXT)
    page.driver.execute_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.one("#copy").click()
    page.until("return document.querySelector('#status').textContent === 'JSON copied.'")


def test_markup_stays_text(page: Page) -> None:
    text = "<img src=x onerror=alert(1)> In Baghdad <b>Elena</b> &amp; <script>alert(2)</script>"
    page.find(text)
    assert page.driver.execute_script("return document.querySelectorAll('#result img, #result script').length") == 0
    assert "<script>" in page.one("#marked").text


def test_error_is_told_in_words(page: Page) -> None:
    page.write("word " * 201)
    page.one("#tag").click()
    page.until("return !document.querySelector('#error').hidden")
    assert page.one("#error").text == "text: expected at most 200 tokens. Received: 201"
    assert page.one("#error").get_attribute("role") == "alert"
    page.one("#clear").click()
    page.one("#tag").click()
    assert "There is no text yet" in page.one("#error").text
    page.find(TEXT)
    assert not page.one("#error").is_displayed()


def test_silent_service_is_told_in_words(page: Page) -> None:
    page.driver.execute_script("window.fetch = () => Promise.reject(new TypeError('Failed to fetch'))")
    page.write(TEXT)
    page.one("#tag").click()
    page.until("return !document.querySelector('#error').hidden")
    assert page.one("#error").text == "The service does not answer. Is it still running?"


CONTRAST = """
const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = (colour) => parse(colour).slice(0, 3).map((part) => part / 255)
  .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
const paper = (one) => { for (; one; one = one.parentElement) {
  const colour = getComputedStyle(one).backgroundColor;
  if (parse(colour)[3] !== 0) return colour; } return "rgb(255, 255, 255)"; };
return [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility()
  && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())).map((one) => {
    const [a, b] = [light(getComputedStyle(one).color), light(paper(one))].sort((x, y) => y - x);
    return [one.tagName, one.className, one.textContent.slice(0, 20), (a + 0.05) / (b + 0.05)]; });
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_schemes(page: Page, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    page.find(TEXT)
    contrasts = page.driver.execute_script(CONTRAST)
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert len(contrasts) > 20
    assert [row for row in contrasts if row[3] < 4.5] == []


def test_controls_have_names_for_screen_readers(page: Page) -> None:
    page.find(TEXT)
    controls = page.driver.find_elements(By.CSS_SELECTOR, "button, select, textarea, input, pre, ul, summary")
    assert [one.get_attribute("id") for one in controls if one.is_displayed() and not one.accessible_name] == []
    assert page.one("#status").get_attribute("aria-live") == "polite"


def test_page_fits_a_phone(page: Page) -> None:
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    )
    page.find(TEXT)
    widths = page.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert widths[0] <= widths[1]
