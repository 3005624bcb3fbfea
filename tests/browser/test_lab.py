"""The lab as its users meet it: pixels, clicks, a run that is followed, and what happens when things go wrong."""

from __future__ import annotations

import contextlib
import io
import json
import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from tests.serving import PICTURES, Server, guarded_page

pytestmark = pytest.mark.browser

GLOBE = "[data-testid=stDeckGlJsonChart]"
PATIENCE = 120_000  # milliseconds: a loaded machine may take long, and nothing here asserts on time


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


def linked(page: Any) -> list[NDArray[np.int64]]:
    """The pictures of the linked globes on the page, if they are there."""
    stage = page.locator(".stage[data-frames]")
    if stage.count() != 1:
        return []
    stage.scroll_into_view_if_needed()
    screen, boxes = pixels(stage), json.loads(stage.get_attribute("data-boxes"))
    return [screen[b["y"] : b["y"] + b["height"], b["x"] : b["x"] + b["width"]] for b in boxes]


def all_are_globes(page: Any, count: int) -> bool:
    globes = linked(page)
    return len(globes) == count and all(is_a_globe(globe) for globe in globes)


def prediction(page: Any) -> NDArray[np.int64]:
    """The picture of the prediction, between truth and error, once it is painted."""
    found: list[NDArray[np.int64]] = []

    def is_painted() -> bool:
        found[:] = linked(page)
        return len(found) == 3 and is_a_globe(found[0]) and is_a_globe(found[1])

    until(page, "truth, prediction and error are painted", is_painted)
    return found[1]


def state(page: Any) -> Any:
    return page.locator("[data-testid=stProgress]")


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def photograph(page: Any, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_start_shows_two_globes_without_a_click(chromium: Any, lab: Server, width: int, scheme: str) -> None:
    with guarded_page(chromium, lab.url, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.goto(lab.url)
        expect(page.get_by_text(re.compile(r"4\.9 times.*1\.2 times"))).to_be_visible(timeout=PATIENCE)
        until(page, "both globes are painted", lambda: all_are_globes(page, 2))
        flat, round_ = linked(page)
        assert (np.abs(flat - round_).sum(-1) > 60).mean() > 0.1  # two encoders, two pictures
        page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
        photograph(page, f"start-{width}-{scheme}")


def test_a_run_is_started_watched_left_found_and_stopped(page: Any, lab: Server) -> None:
    page.goto(f"{lab.url}/train?data=geoid&encoder=sphereM&steps=100000")  # long enough not to end by itself
    until(page, "the truth is painted", lambda: all_are_globes(page, 1))
    press(page, "Start")
    expect(state(page)).to_contain_text(re.compile(r"Training: step \d"), timeout=PATIENCE)
    before, step = prediction(page), state(page).inner_text()

    def changed() -> bool:
        now = prediction(page)
        return now.shape == before.shape and bool((np.abs(now - before).sum(-1) > 30).mean() > 0.02)

    until(page, "the map changes", changed)
    until(page, "the steps are counted", lambda: state(page).inner_text() != step)
    expect(page.get_by_test_id("stMetricValue").first).not_to_be_empty()
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=PATIENCE)
    polar = page.get_by_alt_text("North and south polar maps")
    until(page, "the polar maps are painted", lambda: colors(pixels(polar)) > 12)
    photograph(page, "train-live-polar")

    page.get_by_role("link", name="Start", exact=True).click()
    expect(page.get_by_text("What does a location encoder see")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Train", exact=True).click()
    expect(state(page)).to_contain_text(re.compile(r"Training: step \d"), timeout=PATIENCE)
    expect(page).to_have_url(re.compile("steps=100000"), timeout=PATIENCE)

    press(page, "Stop")
    expect(state(page)).to_contain_text("Stopped", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled(timeout=PATIENCE)
    stopped = state(page).inner_text()
    page.wait_for_timeout(1500)
    assert state(page).inner_text() == stopped


@pytest.mark.parametrize(
    ("width", "scheme", "data"), [(1280, "light", "geoid"), (1280, "dark", "land_cover"), (390, "light", "relief")]
)
def test_a_run_is_followed_to_its_end(chromium: Any, lab: Server, width: int, scheme: str, data: str) -> None:
    with guarded_page(chromium, lab.url, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.goto(f"{lab.url}/train?data={data}&steps=150&points=5000")
        until(page, "the truth is painted", lambda: all_are_globes(page, 1))
        photograph(page, f"train-before-{width}-{scheme}")
        press(page, "Start")
        expect(state(page)).to_contain_text("Finished: step 150 of 150", timeout=PATIENCE)
        expect(page.get_by_text("by latitude").first).to_be_visible(timeout=PATIENCE)
        prediction(page)
        globe = page.locator(GLOBE)
        globe.scroll_into_view_if_needed()
        until(page, "the training places are painted", lambda: is_a_globe(pixels(globe)))
        page.wait_for_timeout(1000)  # for the picture below only
        main = page.locator("[data-testid=stMain]")
        page.set_viewport_size({"width": width, "height": main.evaluate("main => main.scrollHeight")})
        page.wait_for_timeout(2000)
        photograph(page, f"train-finished-{width}-{scheme}")
        with page.expect_download() as download:
            page.get_by_role("button", name="Recipe").click()
        assert f'"data": "{data}"' in download.value.path().read_text()


def test_a_link_that_says_nonsense_opens_a_page_that_works(page: Any, lab: Server) -> None:
    page.goto(f"{lab.url}/train?encoder=sphereQ&steps=99999999&scales=-1&colour=red&seed=5")
    notes = page.get_by_test_id("stAlert")
    expect(notes).to_have_count(4, timeout=PATIENCE)
    expect(notes.filter(has_text="encoder='sphereQ'")).to_contain_text("plane_waves")
    expect(notes.filter(has_text="steps='99999999'")).to_contain_text("from 1 to 100000")
    expect(notes.filter(has_text="scales='-1'")).to_contain_text("The default, 8, is used")
    expect(notes.filter(has_text="colour='red'")).to_be_visible()
    expect(page).to_have_url(re.compile("encoder=sphereM.*steps=2500.*seed=5"))
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    photograph(page, "train-bad-link")


def test_a_killed_worker_is_explained_and_the_next_run_works(page: Any, lab: Server) -> None:
    page.goto(f"{lab.url}/train?steps=100000")
    press(page, "Start")
    expect(state(page)).to_contain_text(re.compile(r"Training: step [1-9]"), timeout=PATIENCE)
    for process in psutil.Process(lab.process.pid).children(recursive=True):
        if "--multiprocessing-fork" in process.cmdline():  # a worker: its nanny starts another
            process.kill()
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("The worker process that trained this run ended", timeout=PATIENCE)
    expect(alert).to_contain_text("press the button to train again")
    expect(page).to_have_url(re.compile("encoder=sphereM.*steps=100000.*seed=0"))  # no setting was lost
    photograph(page, "train-worker-lost")
    press(page, "Start")
    expect(state(page)).to_contain_text(re.compile(r"Training: step [1-9]"), timeout=PATIENCE)
    expect(alert).to_have_count(0, timeout=PATIENCE)
    press(page, "Stop")
    expect(state(page)).to_contain_text("Stopped", timeout=PATIENCE)


def test_closing_the_page_stops_its_run(chromium: Any, lab: Server) -> None:
    def busy() -> int:
        """How many training workers use the processor."""
        children = psutil.Process(lab.process.pid).children(recursive=True)
        workers = [child for child in children if "--multiprocessing-fork" in child.cmdline()]
        for worker in workers:
            worker.cpu_percent()
        time.sleep(2)
        return sum(worker.cpu_percent() > 20 for worker in workers)

    with guarded_page(chromium, lab.url) as page:
        page.goto(f"{lab.url}/train?steps=100000")
        press(page, "Start")
        expect(state(page)).to_contain_text(re.compile(r"Training: step [1-9]"), timeout=PATIENCE)
        assert busy() >= 1
    for _ in range(PATIENCE // 3000):
        if busy() == 0:
            return
        time.sleep(1)
    raise AssertionError("The run of a closed page goes on.")


def test_a_link_to_a_page_may_be_the_first_thing_that_is_opened(
    chromium: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from tests.serving import ROOT, running

    with (
        running(ROOT / "app.py", tmp_path_factory.mktemp("fresh") / "server.log") as server,
        guarded_page(chromium, server.url) as page,
    ):
        page.goto(f"{server.url}/train")
        expect(page.get_by_role("link", name="Train", exact=True)).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("Train an encoder, live")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
