"""Start: what a visitor sees without a click."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.looking import PATIENCE, all_are_globes, maps, photograph, until
from tests.serving import ROOT, Server, guarded_page, running

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_start_shows_two_globes_without_a_click(chromium: Any, lab: Server, width: int, scheme: str) -> None:
    with guarded_page(chromium, lab.url, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.goto(lab.url)
        expect(page.get_by_text(re.compile(r"4\.9 times.*1\.2 times"))).to_be_visible(timeout=PATIENCE)
        until(page, "both globes are painted", lambda: all_are_globes(page, 2))
        flat, round_ = maps(page)
        assert (np.abs(flat - round_).sum(-1) > 60).mean() > 0.1  # two encoders, two pictures
        page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
        photograph(page, f"start-{width}-{scheme}")


def test_a_link_to_a_page_may_be_the_first_thing_that_is_opened(
    chromium: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with (
        running(ROOT / "app.py", tmp_path_factory.mktemp("fresh") / "server.log") as server,
        guarded_page(chromium, server.url) as page,
    ):
        page.goto(f"{server.url}/train")
        expect(page.get_by_role("link", name="Train", exact=True)).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("The race: train encoders, live")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
