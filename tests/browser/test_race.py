"""A race as its spectators meet it: started, watched, paused, left, found, followed to its end, and broken."""

from __future__ import annotations

import re
import time
from typing import Any

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from tests.browser.looking import (
    PATIENCE,
    all_are_globes,
    colors,
    downloaded,
    is_a_globe,
    maps,
    photograph,
    pixels,
    until,
)
from tests.serving import Server, guarded_page

pytestmark = pytest.mark.browser

GLOBE = "[data-testid=stDeckGlJsonChart]"
TRAINING = re.compile(r"Training: step \d")
MOVING = re.compile(r"Training: step [1-9]")
ALONE = "e1=sphereM&e2=none&reference=none"


def predictions(page: Any, contestants: int) -> list[NDArray[np.int64]]:
    """The pictures of the contestants' predictions, beside the truth, once they are painted."""
    found: list[NDArray[np.int64]] = []

    def are_painted() -> bool:
        found[:] = maps(page)
        return len(found) == contestants + 1 and all(is_a_globe(globe) for globe in found)

    until(page, "truth and predictions are painted", are_painted)
    return found[1:]


def state(page: Any) -> Any:
    return page.locator("[data-testid=stProgress]")


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_race_is_started_watched_paused_left_found_and_stopped(page: Any, lab: Server) -> None:
    page.goto(f"{lab.url}/train?steps=100000&reference=none")  # long enough not to end by itself
    until(page, "the truth is painted", lambda: all_are_globes(page, 3))
    press(page, "Start")
    expect(state(page)).to_contain_text(TRAINING, timeout=PATIENCE)
    before, step = predictions(page, 2), state(page).inner_text()

    def changed() -> bool:
        now = predictions(page, 2)
        return all(
            a.shape == b.shape and bool((np.abs(a - b).sum(-1) > 30).mean() > 0.02)
            for a, b in zip(now, before, strict=True)
        )

    until(page, "the maps change", changed)
    until(page, "the steps are counted", lambda: state(page).inner_text() != step)
    expect(page.locator("table.race")).to_contain_text("sphereM")
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=PATIENCE)
    polar = page.get_by_alt_text("North and south polar maps")
    until(page, "the polar maps are painted", lambda: colors(pixels(polar)) > 12)
    photograph(page, "race-live-polar")

    press(page, "Pause")
    expect(state(page)).to_contain_text("Paused", timeout=PATIENCE)
    page.wait_for_timeout(2000)
    paused = state(page).inner_text()
    page.wait_for_timeout(1500)
    assert state(page).inner_text() == paused
    press(page, "One step")
    until(page, "one step is taken", lambda: "Paused" in state(page).inner_text() != paused)
    expect(page.get_by_role("button", name="Restart", exact=True)).to_be_visible()
    press(page, "Resume")
    expect(state(page)).to_contain_text(MOVING, timeout=PATIENCE)

    page.get_by_role("link", name="Start", exact=True).click()
    expect(page.get_by_text("What does a location encoder see")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Train", exact=True).click()
    expect(state(page)).to_contain_text(MOVING, timeout=PATIENCE)
    expect(page).to_have_url(re.compile("steps=100000"), timeout=PATIENCE)

    press(page, "Stop")
    expect(state(page)).to_contain_text("Stopped", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled(timeout=PATIENCE)
    stopped = state(page).inner_text()
    page.wait_for_timeout(1500)
    assert state(page).inner_text() == stopped

    clear = predictions(page, 2)
    slider = page.get_by_role("slider", name="Veil far from data")
    while slider.get_attribute("aria-valuetext") != "200 km":
        slider.press("ArrowLeft")
    expect(page).to_have_url(re.compile("veil=200"), timeout=PATIENCE)
    expect(page.get_by_text("lies more than 200 km from the nearest of the 500 places")).to_be_visible(timeout=PATIENCE)

    def are_veiled() -> bool:
        return all(
            a.shape == b.shape and bool((np.abs(a - b).sum(-1) > 30).mean() > 0.4)
            for a, b in zip(predictions(page, 2), clear, strict=True)
        )

    until(page, "most of the maps is veiled", are_veiled)
    photograph(page, "race-veiled")


@pytest.mark.parametrize(
    ("width", "scheme", "address", "globes"),
    [
        (1280, "light", "data=geoid&trials=0", 4),
        pytest.param(
            *(1280, "dark", "data=vmf:U1&e3=xyz&e4=plane_waves&curves=gap&seeds=2&trials=0&reference=none", 5),
            marks=pytest.mark.long,
        ),
        (390, "light", f"data=relief&{ALONE}", 3),
    ],
)
def test_a_race_is_followed_to_its_end(
    chromium: Any, lab: Server, width: int, scheme: str, address: str, globes: int
) -> None:
    with guarded_page(chromium, lab.url, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.goto(f"{lab.url}/train?{address}&steps=150&points=4000")
        until(page, "the truth is painted", lambda: all_are_globes(page, 3))
        photograph(page, f"race-before-{width}-{scheme}")
        press(page, "Start")
        expect(state(page)).to_contain_text("Finished: step 150 of 150", timeout=PATIENCE)
        expect(page.get_by_role("heading", name="The result")).to_be_visible(timeout=PATIENCE)
        if "reference" not in address:
            expect(page.get_by_text("Kriging, the reference predictor")).to_be_visible()
            expect(page.locator(".js-plotly-plot .annotation-text", has_text="Kriging")).to_be_visible()
        until(page, "all maps are painted", lambda: len(maps(page)) == globes and is_a_globe(maps(page)[1]))
        globe = page.locator(GLOBE)
        globe.scroll_into_view_if_needed()
        until(page, "the training places are painted", lambda: is_a_globe(pixels(globe)))
        page.wait_for_timeout(1000)  # for the picture below only
        main = page.locator("[data-testid=stMain]")
        page.set_viewport_size({"width": width, "height": main.evaluate("main => main.scrollHeight")})
        page.wait_for_timeout(2000)
        photograph(page, f"race-finished-{width}-{scheme}")
        recipes = downloaded(page, page.get_by_role("button", name="Recipes"))
        assert f'"data": "{address.split("&")[0].removeprefix("data=")}"' in recipes.path().read_text()


def test_a_link_that_says_nonsense_opens_a_page_that_works(page: Any, lab: Server) -> None:
    page.goto(f"{lab.url}/train?e1=sphereQ&steps=99999999&e2=sphereM:scales=-1&colour=red&seed=5&race=1234")
    notes = page.get_by_test_id("stAlert")
    expect(notes).to_have_count(5, timeout=PATIENCE)
    expect(notes.filter(has_text="sphereQ")).to_contain_text("plane_waves")
    expect(notes.filter(has_text="steps='99999999'")).to_contain_text("from 1 to 100000")
    expect(notes.filter(has_text="scales='-1'")).to_be_visible()
    expect(notes.filter(has_text="colour='red'")).to_be_visible()
    expect(notes.filter(has_text="not kept any more")).to_be_visible()
    expect(page).to_have_url(re.compile("e1=grid.*e2=sphereM.*seed=5"))
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled(timeout=PATIENCE)
    photograph(page, "race-bad-link")


def test_a_killed_worker_is_explained_and_the_next_race_works(page: Any, lab: Server) -> None:
    page.goto(f"{lab.url}/train?{ALONE}&steps=100000")
    press(page, "Start")
    expect(state(page)).to_contain_text(MOVING, timeout=PATIENCE)
    for process in psutil.Process(lab.process.pid).children(recursive=True):
        if any("distributed.Worker" in argument for argument in process.cmdline()):  # the server starts another
            process.kill()
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("The worker process that trained this run ended", timeout=PATIENCE)
    expect(alert).to_contain_text("press the button to train again")
    expect(page).to_have_url(re.compile("e1=sphereM.*steps=100000.*seed=0"))  # no setting was lost
    photograph(page, "race-worker-lost")
    press(page, "Start")
    expect(state(page)).to_contain_text(MOVING, timeout=PATIENCE)
    expect(alert).to_have_count(0, timeout=PATIENCE)
    press(page, "Stop")
    expect(state(page)).to_contain_text("Stopped", timeout=PATIENCE)


def test_a_reloaded_page_keeps_its_race_and_others_only_watch(chromium: Any, lab: Server) -> None:
    with guarded_page(chromium, lab.url) as page, guarded_page(chromium, lab.url) as other:
        page.goto(f"{lab.url}/train?{ALONE}&steps=100000")
        press(page, "Start")
        expect(state(page)).to_contain_text(MOVING, timeout=PATIENCE)
        expect(page).to_have_url(re.compile("race=[0-9a-f]{16}"), timeout=PATIENCE)
        link = page.url
        other.goto(link)
        watching = other.get_by_text("who alone can pause or stop it")
        expect(watching).to_be_visible(timeout=PATIENCE)
        expect(other.get_by_text("sends no cookies")).to_have_count(0)
        expect(state(other)).to_contain_text(MOVING, timeout=PATIENCE)
        expect(other.get_by_role("button", name="Stop", exact=True)).to_be_disabled()
        photograph(other, "race-watched")

        page.goto("about:blank")
        other.reload()  # while its owner is away
        expect(watching).to_be_visible(timeout=PATIENCE)
        tab = page.context.new_page()
        tab.goto(link)
        expect(state(tab)).to_contain_text(MOVING, timeout=PATIENCE)
        page.goto(link)
        expect(page.get_by_text("Another tab of this browser")).to_be_visible(timeout=PATIENCE)
        photograph(page, "race-other-tab")
        tab.close()
        expect(page.get_by_role("button", name="Restart", exact=True)).to_be_visible(timeout=PATIENCE)

        press(other, "Start")
        expect(watching).to_have_count(0, timeout=PATIENCE)
        expect(state(other)).to_contain_text(MOVING, timeout=PATIENCE)
        assert other.url != link
        press(other, "Stop")
        expect(state(page)).to_contain_text(MOVING, timeout=PATIENCE)  # still
        press(page, "Stop")
        expect(state(page)).to_contain_text("Stopped", timeout=PATIENCE)


def test_closing_the_page_stops_its_race(chromium: Any, lab: Server) -> None:
    def busy() -> int:
        """How many training workers use the processor."""
        children = psutil.Process(lab.process.pid).children(recursive=True)
        workers = [child for child in children if any("distributed.Worker" in each for each in child.cmdline())]
        for worker in workers:
            worker.cpu_percent()
        time.sleep(2)
        return sum(worker.cpu_percent() > 6 for worker in workers)  # idle ones take 1 or 2 %

    with guarded_page(chromium, lab.url) as page:
        page.goto(f"{lab.url}/train?steps=100000&reference=none")
        press(page, "Start")
        expect(state(page)).to_contain_text(MOVING, timeout=PATIENCE)
        until(page, "a worker trains", lambda: busy() >= 1)
    for _ in range(PATIENCE // 3000):
        if busy() == 0:
            return
        time.sleep(1)
    raise AssertionError("The race of a closed page goes on.")
