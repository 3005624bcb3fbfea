"""Published models in the browser: a checkpoint is dropped, drawn, and taken to Similarity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.looking import PATIENCE, all_are_globes, photograph, until
from tests.serving import Server

pytestmark = pytest.mark.browser

BIRDS = Path(__file__).parents[1] / "models" / "cases" / "s2v_spheremixscale.pth.tar"


def test_a_checkpoint_is_dropped_and_taken_to_similarity(page: Any, lab: Server) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(f"{lab.url}/published")
    page.locator(".stage[data-frames]").wait_for()
    until(page, "the demonstration is drawn", lambda: all_are_globes(page, 4))
    page.locator("input[type=file]").first.set_input_files(str(BIRDS))
    page.get_by_text("spa_enc_type spheremixscale").wait_for()
    until(page, "one model is drawn", lambda: all_are_globes(page, 2))
    photograph(page, "published")
    page.get_by_role("link", name="What these networks find alike").click()
    page.get_by_text("sphereM on birdsnap").first.wait_for()
    page.locator(".stage[data-frames]").wait_for()
    assert "file" in page.url
