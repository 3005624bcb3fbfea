"""Texts stand out from what is behind them, on a light page and on a dark one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.looking import PATIENCE
from tests.serving import Server, guarded_page

pytestmark = pytest.mark.browser

TOO_FAINT = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
MIN_RATIO = 4.5  # WCAG 2, level AA, for text of any size


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(chromium: Any, lab: Server, scheme: str) -> None:
    with guarded_page(chromium, lab.url, viewport={"width": 1280, "height": 900}, color_scheme=scheme) as page:
        for name in ("", "similarity", "distortion", "train?steps=30"):
            page.goto(f"{lab.url}/{name}")
            page.locator(".stage[data-frames]").first.wait_for(timeout=PATIENCE)
            if name.startswith("train"):
                page.get_by_role("button", name="Start", exact=True).click()
                page.get_by_role("heading", name="The result").wait_for(timeout=PATIENCE)
            page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')", timeout=PATIENCE)
            page.wait_for_timeout(700)  # colours fade in
            assert page.evaluate("document.body.innerText").strip()
            assert page.evaluate(TOO_FAINT, MIN_RATIO) == []


def test_a_faint_text_would_be_found(chromium: Any, lab: Server) -> None:
    with guarded_page(chromium, lab.url) as page:
        page.goto(lab.url)
        page.locator("h1").wait_for(timeout=PATIENCE)
        page.evaluate("document.querySelector('h1').style.color = '#999'")
        assert any(found["ratio"] < 3 for found in page.evaluate(TOO_FAINT, MIN_RATIO))
