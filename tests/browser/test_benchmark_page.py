"""The Benchmark page as a reader meets it: a filter, a row that is raced, a live run that is stopped."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import expect

from s2v import assets
from s2v.benchmark.results import read
from tests.browser.looking import PATIENCE, photograph, until
from tests.serving import Server

pytestmark = pytest.mark.browser

ROW = 35  # pixels, of the table and its head


def test_a_row_is_filtered_and_raced_and_the_live_suite_is_stopped(page: Any, lab: Server) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(f"{lab.url}/benchmark?suite=small&kind=sphere2vec")
    expect(page.get_by_text("2 of 6 contestants are shown")).to_be_visible(timeout=PATIENCE)
    table = page.get_by_test_id("stDataFrame").first
    cells = table.locator("[role=gridcell]")  # of a canvas: it has them for screen readers
    until(page, "the table is drawn", lambda: "sphereM" in cells.all_text_contents())
    race = page.get_by_role("link", name="Race Sphere2Vec")

    def chosen() -> bool:
        if not race.is_visible():
            table.click(position={"x": ROW / 2, "y": 1.5 * ROW}, timeout=5000)
            race.wait_for(timeout=10_000)
        return True

    until(page, "a row is chosen", chosen)
    photograph(page, "benchmark")
    page.get_by_role("button", name="Run it").click()
    page.get_by_role("button", name="Stop").click()
    ended = page.get_by_text("It ended early").or_(page.get_by_text("It was stopped before a cell was finished."))
    expect(ended.first).to_be_visible(timeout=PATIENCE)

    race.click()
    cell = next(row for row in read(assets.ASSETS / "benchmark" / "small.parquet") if row["contestant"] == "sphereM")
    until(page, "Train has its recipe", lambda: setting(page, "steps") == "200")
    assert setting(page, "data") == cell["data"]
    assert setting(page, "points") == str(cell["points"])
    assert setting(page, "e1").startswith("sphere")


def setting(page: Any, name: str) -> str:
    return parse_qs(urlparse(page.url).query).get(name, [""])[0]
