"""The choice of encoders as a reader meets it: an encoder's button opened and closed, then another line-up."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from s2v.models.presets import PRESETS
from s2v.ui.contestants import address
from s2v.ui.race.settings import RACE_MENU
from tests.browser.looking import PATIENCE, until
from tests.serving import Server

pytestmark = pytest.mark.browser


def settings(page: Any) -> dict[str, str]:
    """The settings in the address bar."""
    return {name: values[0] for name, values in parse_qs(urlparse(page.url).query).items()}


def still(page: Any) -> None:
    """Waits until the server has done what it was asked for."""
    page.wait_for_timeout(700)
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")


def choose(page: Any, label: str, option: str) -> None:
    """Opens a list and clicks an option; a page that is drawn again closes the list, which is then opened again."""
    choice = page.get_by_role("option", name=option, exact=True)

    def clicked() -> bool:
        if not choice.is_visible():
            page.get_by_role("combobox", name=label).click(timeout=5000)
        choice.click(timeout=5000)
        return True

    until(page, f"{option} is clicked", clicked)
    still(page)


def test_a_line_up_is_loaded_whole_after_a_button_was_opened(page: Any, lab: Server) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(f"{lab.url}/train")
    page.get_by_test_id("stPopover").first.get_by_role("button").click()
    page.get_by_role("combobox", name="Encoder", exact=True).wait_for()
    page.keyboard.press("Escape")
    for name in ("Both poles alike", "The Sphere2Vec family", "No tears"):
        choose(page, "Encoders to compare", name)
        expected = address(RACE_MENU.line_ups[name], RACE_MENU)
        until(page, f"{name} is loaded", lambda expected=expected: expected.items() <= settings(page).items())


def test_a_method_sets_what_lies_in_a_closed_expander(page: Any, lab: Server) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(f"{lab.url}/train")
    more = page.get_by_text("More", exact=True)
    more.click()
    page.get_by_role("spinbutton", name="Hidden units").wait_for()
    more.click()
    for name in ("wrap", "SH+SIREN"):
        expected = {"hidden": str(PRESETS[name].recipe().hidden), "dropout": str(PRESETS[name].recipe().dropout)}
        choose(page, "Published method", PRESETS[name].title)
        until(page, f"{name} is set", lambda expected=expected: expected.items() <= settings(page).items())
