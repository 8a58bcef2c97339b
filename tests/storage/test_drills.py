"""faults.md is what the drills have recorded, all of them."""

import re

import pytest
from drills import DRILLS, PAGE, Row, page, recorded


def test_page_is_what_was_recorded() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(recorded())


def test_every_drill_is_recorded() -> None:
    assert list(recorded()) == list(DRILLS)


@pytest.mark.parametrize("name", DRILLS)
def test_row_says_all_and_names_no_place(name: str) -> None:
    row = recorded()[name]
    assert row.happened
    assert row.again
    assert row.seen or name in ("two-other", "shared-cache", "clock-back", "clock-s3")
    assert not re.search(r"(^|[\s=('])/(tmp|root|home)\b|127\.0\.0\.1", f"{row}")


def test_page_escapes_what_would_break_its_table() -> None:
    rows = dict.fromkeys(DRILLS, Row("a", "x | <y>\nz", "b"))
    assert "<code>x / &lt;y&gt; z</code>" in page(rows)
    assert len({line.count("|") for line in page(rows).splitlines() if line.startswith("|")}) == 1
