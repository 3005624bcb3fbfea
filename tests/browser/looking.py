"""What a person sees on a page of the lab, and waiting for it."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Error as PlaywrightError

from tests.serving import PICTURES

PATIENCE = 180_000  # milliseconds: a loaded machine may take long, and nothing here asserts on time


def pixels(element: Any) -> NDArray[np.int64]:
    """The element's picture (rows, columns, 3)."""
    return np.asarray(Image.open(io.BytesIO(element.screenshot())).convert("RGB")).astype(int)


def painted(picture: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which pixels (rows, columns) differ from the corner's."""
    return np.abs(picture - picture[2, 2]).sum(-1) > 30


def colors(picture: NDArray[np.int64]) -> int:
    """Number of colours, 16 steps a channel."""
    return len(np.unique(picture.reshape(-1, 3) // 16, axis=0))


def until(page: Any, what: str, test: Callable[[], bool]) -> None:
    """Waits until ``test`` holds; what is being redrawn just then is looked at again."""
    for _ in range(PATIENCE // 300):
        with contextlib.suppress(PlaywrightError):
            if test():
                return
        page.wait_for_timeout(300)
    raise AssertionError(f"Did not happen within {PATIENCE / 1000:.0f} s: {what}.")


def is_a_globe(picture: NDArray[np.int64]) -> bool:
    """Whether a picture shows a round, many-coloured disc."""
    mask = painted(picture)
    if mask.mean() < 0.3 or colors(picture) < 12:
        return False
    rows, columns = np.nonzero(mask)
    return 0.9 < np.ptp(columns) / np.ptp(rows) < 1.1


def maps(page: Any) -> list[NDArray[np.int64]]:
    """The pictures of the linked globes on the page, if they are there."""
    stage = page.locator(".stage[data-frames]")
    if stage.count() != 1:
        return []
    stage.scroll_into_view_if_needed()
    screen, boxes = pixels(stage), json.loads(stage.get_attribute("data-boxes"))
    return [screen[b["y"] : b["y"] + b["height"], b["x"] : b["x"] + b["width"]] for b in boxes]


def all_are_globes(page: Any, count: int) -> bool:
    globes = maps(page)
    return len(globes) == count and all(is_a_globe(globe) for globe in globes)


def downloaded(page: Any, button: Any) -> Any:
    """The file that a click on the button brings, as a download of the browser.

    A page that is being drawn anew still shows buttons of files that are forgotten; a person clicks again later.
    """
    for _ in range(5):
        with page.expect_download(timeout=PATIENCE) as started:
            button.click()
        if started.value.failure() is None:
            return started.value
        page.wait_for_timeout(3000)
    raise AssertionError(f"The download did not end: {started.value.failure()}")


def photograph(page: Any, name: str) -> None:
    """Keeps what is seen, to be looked at."""
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")
