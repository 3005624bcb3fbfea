"""A server that ends and is started again, as seen in tabs that stay open."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from s2v.engine.messages import CLOSED
from s2v.ui import connection
from tests.browser.looking import PATIENCE, downloaded, photograph, until
from tests.serving import ROOT, Server, running

pytestmark = pytest.mark.browser

SMALL = "e1=grid&e2=sphereM&data=land_ocean&hidden=16"


def begun(chromium: Any, server: Server, settings: str, logged: list[Any], **options: Any) -> Any:
    """A tab of a browser of its own that has begun a race; what it logs is added to ``logged``."""
    page = chromium.new_context(**options).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: logged.append((page, message.text)))
    page.goto(f"{server.url}/train?{SMALL}&{settings}")
    page.get_by_role("button", name="Start", exact=True).click()
    return page


def state(page: Any) -> Any:
    return page.locator("[data-testid=stProgress]")


def verdict(page: Any) -> str:
    """What stands below the heading of the result."""
    heading = page.get_by_role("heading", name="The result")
    return str(heading.locator("xpath=following::p[1]").inner_text(timeout=PATIENCE))


def test_a_restart_is_explained_and_ended_races_are_kept(chromium: Any, tmp_path: Path) -> None:
    logged: list[Any] = []

    def would_open_a_dialog(page: Any) -> bool:
        return any(one is page and "server is not responding" in text for one, text in logged)

    environment = {"S2V_STORE": str(tmp_path / "store")}
    with running(ROOT / "app.py", tmp_path / "first.log", environment) as first:
        ended = begun(chromium, first, "steps=30&points=100", logged)
        expect(state(ended)).to_contain_text("Finished: step 30 of 30", timeout=PATIENCE)
        said = verdict(ended)
        phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
        live = begun(chromium, first, "steps=100000", logged, **phone)
        expect(state(live)).to_contain_text(re.compile("Training: step [1-9]"), timeout=PATIENCE)
        for page in (ended, live):
            expect(page).to_have_url(re.compile("race=[0-9a-f]{16}"), timeout=PATIENCE)
    assert "Traceback" not in first.log

    for page, name in ((ended, "ended"), (live, "live")):
        notice = page.get_by_role("alert").filter(has_text=connection.TITLE)
        expect(notice).to_contain_text(connection.KEPT, timeout=PATIENCE)
        until(page, "Streamlit has its dialog to show", lambda page=page: would_open_a_dialog(page))
        expect(page.get_by_test_id("stDialog")).to_have_count(0)
        assert not page.evaluate("document.querySelector('#root').inert")  # the page can be scrolled and read
        photograph(page, f"restart-away-{name}")

    port = int(first.url.rpartition(":")[2])
    with running(ROOT / "app.py", tmp_path / "second.log", environment, port=port) as second:
        for page in (ended, live):
            expect(page.get_by_text(connection.TITLE)).to_have_count(0, timeout=PATIENCE)
        expect(live.get_by_text(CLOSED)).to_be_visible(timeout=PATIENCE)
        expect(live.get_by_text("here is what had arrived of it")).to_be_visible(timeout=PATIENCE)
        expect(live).to_have_url(re.compile("race=[0-9a-f]{16}.*steps=100000"))
        photograph(live, "restart-back-live")

        # The words on an ended race of another session show that the page has been drawn by the new server.
        expect(ended.get_by_text("This race has ended; here is its result.")).to_be_visible(timeout=PATIENCE)
        expect(state(ended)).to_have_count(1, timeout=PATIENCE)  # not two, once the page is drawn
        expect(state(ended)).to_contain_text("Finished: step 30 of 30")
        assert verdict(ended) == said != ""
        ended.wait_for_timeout(700)
        ended.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")  # all of it is drawn
        model = downloaded(ended, ended.get_by_role("button", name="sphereM (safetensors)"))
        assert model.path().stat().st_size > 1000
        ended.get_by_role("link", name="See what the trained network finds alike").first.click()
        trained = ended.get_by_text("trained", exact=False).first
        expect(trained).to_be_visible(timeout=PATIENCE)
        until(ended, "the maps are drawn", lambda: ended.locator(".stage[data-frames]").count() == 1)
        photograph(ended, "restart-back-model")
        assert "Traceback" not in second.log
    for page in (ended, live):
        page.context.close()
