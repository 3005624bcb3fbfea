"""A class of one: a teacher's link with fixed data and a board, and a student who opens it and takes part."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.looking import photograph
from tests.serving import Server, guarded_page

pytestmark = pytest.mark.browser

WAIT = 60_000  # milliseconds on a busy machine
PREPARED = "data=land_ocean&e1=xyz&e2=none&steps=100&reference=none&fix="


def test_a_student_races_by_the_teachers_link_and_the_board_shows_it(chromium: Any, lab: Server) -> None:
    with guarded_page(chromium, lab.url) as teacher, guarded_page(chromium, lab.url) as student:
        teacher.goto(f"{lab.url}/train?{PREPARED}")
        teacher.wait_for_url(re.compile("against="))
        teacher.get_by_role("link", name="Teach", exact=True).first.click()  # two until the page has its style
        teacher.get_by_role("combobox", name="Fix: shown").click()
        teacher.get_by_role("option", name="Data", exact=True).click()
        teacher.keyboard.press("Escape")
        teacher.get_by_role("button", name="Make a board").click()
        teacher.get_by_text("The code of the board is").wait_for()
        link = teacher.locator("[data-testid=stCode]").first
        expect(link).to_contain_text("board=", timeout=WAIT)
        expect(link).to_contain_text("fix=data", timeout=WAIT)
        expect(teacher.get_by_alt_text("QR code of the link")).to_be_visible(timeout=WAIT)

        student.goto(link.inner_text().strip())
        expect(student.get_by_text("Data (set by your teacher)")).to_be_visible(timeout=WAIT)
        student.get_by_role("textbox", name="Your name on the class's board").fill("Zoë <3")
        student.get_by_role("button", name="Show my races on the board").click()
        student.get_by_text("A name has letters, digits").wait_for()
        student.get_by_role("textbox", name="Your name on the class's board").fill("Zoë")
        student.get_by_role("button", name="Show my races on the board").click()
        student.get_by_text("Your seed is 1").wait_for()
        expect(student).to_have_url(re.compile("seed=1(&|$)"), timeout=WAIT)
        student.get_by_role("button", name="Start", exact=True).click()

        row = teacher.locator(".board tbody")
        expect(row).to_contain_text("Zoë", timeout=WAIT)
        expect(row).to_contain_text("Finished", timeout=WAIT)
        expect(row).to_contain_text(re.compile(r"\d\.\d{3} \(\d\.\d{3} to \d\.\d{3}\)"), timeout=WAIT)
        expect(teacher.get_by_text("Take something off the board, or close it")).to_be_visible(timeout=WAIT)
        photograph(teacher, "teach-board")
