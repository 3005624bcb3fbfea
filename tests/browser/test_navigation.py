"""The way from page to page, on every screen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.looking import PATIENCE, photograph
from tests.serving import Server, guarded_page

pytestmark = pytest.mark.browser

PAGES = (
    "Start",
    "Similarity",
    "Distortion",
    "Your data",
    "Published models",
    "Train",
    "Maps",
    "Benchmark",
    "Teach",
    "Session",
)


@pytest.mark.parametrize("width", [390, 760, 1280])
def test_every_page_is_one_tap_away(chromium: Any, lab: Server, width: int) -> None:
    with guarded_page(chromium, lab.url, viewport={"width": width, "height": 844}) as page:
        page.goto(f"{lab.url}/train")
        page.locator("h1").wait_for()
        page.wait_for_timeout(700)
        page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
        for name in PAGES:
            link = page.get_by_role("link", name=name, exact=True)
            expect(link).to_have_count(1)  # not two, once the page is drawn
            expect(link).to_be_visible()
            box = link.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["height"] >= (40 if width < 768 else 24)
            text = link.locator("p, span").last
            assert text.evaluate("e => e.scrollWidth <= e.clientWidth + 1 || e.clientWidth === 0")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        photograph(page, f"navigation-{width}")
        page.get_by_role("link", name="Similarity", exact=True).click()
        page.get_by_role("heading", name="What looks alike to an encoder?").wait_for()


def test_quick_changes_all_count_and_the_way_back_undoes_them(chromium: Any, lab: Server) -> None:
    with guarded_page(chromium, lab.url) as page:
        page.goto(f"{lab.url}/train?reference=none")
        seed = page.get_by_role("spinbutton", name="Seed")
        seed.click()
        expect(page).to_have_url(re.compile("seed=0(&|$)"), timeout=PATIENCE)
        for _ in range(5):
            page.keyboard.press("ArrowUp")
            page.wait_for_timeout(100)
        page.get_by_role("radio", name="World").click()
        expect(page).to_have_url(re.compile("seed=5&.*view=world"), timeout=PATIENCE)
        expect(seed).to_have_value("5")
        page.go_back()
        expect(page).to_have_url(re.compile("seed=[0-5]&.*view=globe"), timeout=PATIENCE)
        chosen = page.locator("[role=radio][aria-checked=true]", has_text="Globes")
        expect(chosen).to_have_count(1, timeout=PATIENCE)  # another widget takes the place of the one before
