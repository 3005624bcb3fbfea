"""A lesson as its reader meets it who has a keyboard and no mouse: from Learn to its last step and onward."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.looking import PATIENCE, photograph
from tests.serving import Server

pytestmark = pytest.mark.browser

MAX_TABS = 120  # more than a page has controls


def tab_to(page: Any, wanted: Any, key: str = "Tab") -> None:
    """Presses Tab until the focus is on an element."""
    expect(wanted).to_be_attached(timeout=PATIENCE)
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')", timeout=PATIENCE)
    for _ in range(MAX_TABS):
        page.keyboard.press(key)
        if wanted.evaluate("element => element === element.getRootNode().activeElement"):
            return
    raise AssertionError(f"The keyboard does not reach {wanted}.")


def predict(page: Any, bar: Any, answer: str, downs: int) -> None:
    """Chooses an answer, which lies so many below the first, and locks it."""
    tab_to(page, bar.get_by_role("radio").first)
    for _ in range(downs):
        page.keyboard.press("ArrowDown")
    expect(bar.get_by_role("radio", name=answer)).to_be_checked(timeout=PATIENCE)
    lock = bar.get_by_role("button", name="Lock my prediction")
    expect(lock).to_be_enabled(timeout=PATIENCE)  # before, Tab passes over it
    tab_to(page, lock)
    page.keyboard.press("Space")
    expect(bar).to_contain_text("Not done yet", timeout=PATIENCE)


def go_on(page: Any, bar: Any) -> None:
    """Goes to the next step once this one is done."""
    expect(bar).to_contain_text(re.compile("Done.*that is what came out", re.S), timeout=PATIENCE)
    tab_to(page, bar.get_by_role("link", name="Next step"), "Shift+Tab")
    page.keyboard.press("Enter")


def test_a_lesson_is_done_by_keyboard_alone(page: Any, lab: Server) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(f"{lab.url}/learn")
    bar = page.locator(".st-key-lesson_bar")
    tab_to(page, page.get_by_role("link", name="Begin: What a circle becomes"))
    page.keyboard.press("Enter")

    expect(bar).to_contain_text("step 1 of 3", timeout=PATIENCE)
    predict(page, bar, "About six times", downs=2)
    tab_to(page, page.locator(".stage"))
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    go_on(page, bar)

    expect(bar).to_contain_text("step 2 of 3", timeout=PATIENCE)
    expect(bar).to_be_focused(timeout=PATIENCE)
    predict(page, bar, "Less than grid", downs=1)
    tab_to(page, page.get_by_role("combobox", name="Encoders to compare"))
    page.keyboard.type("The Sphere2Vec family")
    page.keyboard.press("Enter")
    expect(bar).to_contain_text("Done", timeout=PATIENCE)
    photograph(page, "lesson-by-keyboard")
    go_on(page, bar)

    expect(bar).to_contain_text("step 3 of 3", timeout=PATIENCE)
    tab_to(page, bar.get_by_role("link", name="See what looks alike to them"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/similarity"), timeout=PATIENCE)
