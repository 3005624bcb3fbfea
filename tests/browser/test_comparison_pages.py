"""The Similarity and Distortion pages as their readers meet them: pixels, clicks, a walk, a repair."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import expect

from s2v import sphere
from s2v.encoders import ENCODERS
from tests.browser.looking import PATIENCE, colors, downloaded
from tests.serving import PICTURES, Server, guarded_page

pytestmark = pytest.mark.browser

LONGYEARBYEN = np.array([15.6, 78.2])


def opened(page: Any, lab: Server, path: str) -> Any:
    page.set_default_timeout(PATIENCE)
    page.goto(f"{lab.url}/{path}")
    page.locator(".stage[data-frames]").wait_for()
    page.locator("[data-testid=stDataFrame]").last.wait_for()
    still(page)
    return page


def still(page: Any) -> None:
    """Waits until the server has done its work and the maps have been drawn."""
    page.wait_for_timeout(700)
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    page.wait_for_timeout(700)


def maps(page: Any) -> list[NDArray[np.int64]]:
    """What is on the screen for each panel: (height, width, 3)."""
    stage = page.locator(".stage")
    stage.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    screen = np.asarray(Image.open(io.BytesIO(stage.screenshot())).convert("RGB")).astype(int)
    boxes = json.loads(stage.get_attribute("data-boxes"))
    return [screen[b["y"] : b["y"] + b["height"], b["x"] : b["x"] + b["width"]] for b in boxes]


def address(page: Any) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlparse(page.url).query).items()}


def until(page: Any, what: str, test: Callable[[], bool]) -> None:
    for _ in range(PATIENCE // 300):
        if test():
            return
        page.wait_for_timeout(300)
    raise AssertionError(f"Did not happen: {what}.")


def maps_come_first(page: Any) -> bool:
    """Whether the first row of maps is on the first screen, above all text but the title and all charts."""
    stage = page.locator(".stage").bounding_box()
    boxes = json.loads(page.locator(".stage").get_attribute("data-boxes"))
    below = page.locator("[data-testid=stMarkdown] p, [data-testid=stPlotlyChart], [data-testid=stDataFrame]")
    tops = [box["y"] for element in below.all() if (box := element.bounding_box()) and box["height"]]
    return stage["y"] + boxes[0]["y"] + boxes[0]["height"] <= 900 and stage["y"] < min(tops)


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (390, "dark"),
        pytest.param(1280, "dark", marks=pytest.mark.long),
        pytest.param(390, "light", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("name", ["similarity", "distortion"])
def test_every_map_is_painted(chromium: Any, lab: Server, name: str, width: int, scheme: str) -> None:
    with guarded_page(chromium, lab.url, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        opened(page, lab, name)
        pictures = maps(page)
        assert len(pictures) == 4
        for picture in pictures:
            assert picture.shape[0] >= (250 if width == 1280 else 140)
            assert colors(picture) >= 12
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.evaluate("document.querySelector('h1').scrollIntoView()")
        assert maps_come_first(page)
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}.png")


def test_a_click_moves_the_place_and_the_numbers(page: Any, lab: Server) -> None:
    opened(page, lab, "similarity")
    expect(page.get_by_text(re.compile("Seen from Longyearbyen"))).to_be_visible()
    box = json.loads(page.locator(".stage").get_attribute("data-boxes"))[1]
    # The camera looks at 15.6 E, 68 N: the centre of any globe is that place.
    position = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    page.locator(".stage").scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    stage = page.locator(".stage").bounding_box()
    page.mouse.click(stage["x"] + position["x"], stage["y"] + position["y"])
    until(page, "the place is in the address", lambda: address(page).get("lat") not in (None, "78.2"))
    clicked = np.array([float(address(page)["lon"]), float(address(page)["lat"])])
    # A pixel of a globe of 370 pixels at zoom 1.3 is a quarter of a degree.
    assert np.rad2deg(sphere.great_circle(clicked, np.array([15.6, 68.0]))) < 1
    expect(page.get_by_text(re.compile(r"Seen from 6[78]"))).to_be_visible()


def test_a_typed_name_moves_the_place_the_maps_and_the_link(page: Any, lab: Server) -> None:
    opened(page, lab, "similarity")
    before = maps(page)
    box = page.get_by_role("textbox", name="Go to: a place's name or coordinates")
    box.fill("Springfield")
    box.press("Enter")
    expect(page.get_by_text("Springfield, United States")).to_have_count(5)
    expect(page.get_by_text("Seen from 37.22° N, 93.3° W")).to_be_visible()
    still(page)
    assert address(page)["lat"] == "37.2153"  # the largest, and none of the others that look alike
    assert address(page)["camera"] == "-93.3,37.2,1.3"
    for old, new in zip(before, maps(page), strict=True):
        assert (np.abs(old - new).sum(-1) > 60).mean() > 0.05
    page.get_by_text("Springfield, United States (42.1° N, 72.59° W)").click()
    expect(page.get_by_text("Seen from 42.1° N, 72.59° W")).to_be_visible()
    expect(box).to_have_value("Springfield")
    box.fill("78,2")
    box.press("Enter")
    expect(page.get_by_text("“78,2” is ambiguous")).to_be_visible()
    assert address(page)["lat"] == "42.1015"


def test_a_turn_of_the_maps_is_in_the_link(page: Any, lab: Server) -> None:
    opened(page, lab, "similarity")
    page.get_by_role("button", name="View from south").click()
    until(page, "the camera is in the address", lambda: ",-90.0," in address(page).get("camera", ""))
    assert address(page)["lat"] == "78.2"


def test_the_walk_moves_maps_and_numbers_to_the_pole(page: Any, lab: Server) -> None:
    opened(page, lab, "similarity?walk=true&view=north")
    before = maps(page)
    slider = page.locator(".walk-slider")
    slider.focus()
    slider.press("End")
    expect(page.get_by_text("Seen from the North Pole")).to_be_visible()
    still(page)
    after = maps(page)
    for old, new in zip(before, after, strict=True):
        assert (np.abs(old - new).sum(-1) > 60).mean() > 0.05
    # The sphere's own map is round about the pole, so it looks the same turned by a quarter.
    own = after[-1]
    changed = np.abs(own - np.rot90(own)).sum(-1) > 90
    assert changed.mean() < 0.25  # coastlines, meridians and labels do not turn along


def test_the_difference_leaves_out_what_agrees(page: Any, lab: Server) -> None:
    """xyz is the sphere's own kernel: its difference from it has one colour beside the lines."""
    opened(page, lab, "similarity?e1=xyz&e2=grid&difference=true&rings=false")
    same, other, *_ = maps(page)
    middle = (slice(80, -80), slice(80, -80))
    assert colors(same[middle]) < colors(other[middle])


def test_the_repair_closes_the_tears(page: Any, lab: Server) -> None:
    opened(page, lab, "distortion?e1=sphereM:scales=4&e2=none")
    expect(page.get_by_text("sphereM is torn along the dateline and at the poles.")).to_be_visible()
    opened(page, lab, "distortion?e1=sphereM:scales=4&e2=none&repair=odd")
    expect(page.get_by_text("sphereM, odd frequencies is whole everywhere.")).to_be_visible()
    expect(page.get_by_text(re.compile("North Pole: whole, was 1"))).to_be_visible()


def test_the_codes_own_shape_is_drawn(page: Any, lab: Server) -> None:
    opened(page, lab, "distortion?e1=xyz&e2=none")
    chart = page.locator("[data-testid=stPlotlyChart]").nth(1)
    chart.scroll_into_view_if_needed()
    until(
        page,
        "the sphere is drawn",
        lambda: colors(np.asarray(Image.open(io.BytesIO(chart.screenshot())).convert("RGB")).astype(int)) > 12,
    )


def test_a_chart_is_taken_as_numbers_and_as_pictures_on_white(chromium: Any, lab: Server) -> None:
    options = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark", "accept_downloads": True}
    with guarded_page(chromium, lab.url, **options) as page:
        opened(page, lab, "similarity?e1=xyz&e2=none&view=north")
        files = {}
        for kind in ("CSV", "SVG", "PNG"):
            saved = downloaded(page, page.get_by_role("button", name=kind, exact=True).first)
            assert saved.suggested_filename == f"xyz-similarity-by-distance-from-78.2N-15.6E.{kind.lower()}"
            files[kind] = saved.path().read_bytes()
    header, *lines = files["CSV"].decode().splitlines()
    assert header == "series,distance along the sphere (km),similarity,low,high"
    rows = [line.split(",") for line in lines if line.startswith("xyz,")]
    distance, *similarity = np.array([[float(number) for number in row[1:]] for row in rows]).T
    for curve in similarity:  # the cosine of the angle, in every direction; distances are rounded to 100 m
        assert curve == pytest.approx(np.cos(distance / sphere.EARTH_RADIUS_KM), abs=2e-5)
    svg = files["SVG"].decode()
    assert svg.startswith("<svg")
    assert "distance along the sphere (km)" in svg
    assert "rgb(255, 255, 255)" in svg
    assert "rgb(38, 39, 48)" in svg  # the text, on a dark page too
    picture = np.asarray(Image.open(io.BytesIO(files["PNG"])).convert("RGB")).astype(int)
    assert picture.shape[0] == 3 * 380
    assert (picture[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()
    assert colors(picture) > 5


def test_parameters_open_beside_the_maps_and_change_them(page: Any, lab: Server) -> None:
    opened(page, lab, "distortion?e1=sphereM&e2=none&view=globe")
    before = maps(page)[0]
    panel = page.locator(".st-key-distortion-e1-open, [class*=st-key-distortion_e1]").first
    page.get_by_text("sphereM, 16 scales, 5.7°–57°").first.click()
    slider = page.get_by_role("slider", name="Scales")
    slider.wait_for()
    box, stage = panel.bounding_box(), page.locator(".stage").bounding_box()
    assert box["x"] + box["width"] <= stage["x"]  # beside, not over
    assert abs(stage["y"] - page.locator(".stage").bounding_box()["y"]) < 1
    slider.press("Home")
    expect(page.locator(".stage .title").first).to_contain_text("sphereM, 1 scale, 5.7°–57°", timeout=PATIENCE)
    still(page)
    assert address(page)["e1"] == "sphereM:scales=1"
    expect(slider).to_be_visible()  # the parameters stay open
    expect(slider).to_be_focused()
    assert (np.abs(maps(page)[0] - before).sum(-1) > 60).mean() > 0.01


def test_the_maps_follow_a_slider_that_is_still_held(page: Any, lab: Server) -> None:
    opened(page, lab, "distortion?e1=sphereM&e2=none&view=globe")
    page.get_by_text("sphereM, 16 scales, 5.7°–57°").first.click()
    slider, title = page.get_by_role("slider", name="Scales"), page.locator(".stage .title").first
    slider.wait_for()
    still(page)
    top = page.locator(".stage").bounding_box()["y"]
    faintest = page.locator(".st-key-distortion_maps [data-testid=stElementContainer]").first.evaluate_handle(
        """element => {
          const seen = { opacity: 1 };
          setInterval(() => (seen.opacity = Math.min(seen.opacity, getComputedStyle(element).opacity)), 20);
          return seen;
        }"""
    )
    box = slider.bounding_box()
    x, y = box["x"] + box["width"] * 15 / 127, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for pixels in (8, 16):
        for step in range(5):
            page.mouse.move(x + pixels + step, y)
        scales = slider.get_attribute("aria-valuetext")
        assert scales != "16"
        expect(title).to_contain_text(f"{scales} scales", timeout=PATIENCE)  # the maps' titles come with them
    assert page.locator(".stage").bounding_box()["y"] == top
    assert faintest.evaluate("seen => seen.opacity") == 1
    page.mouse.up()
    still(page)
    expect(slider).to_be_focused()
    expect(slider).to_have_attribute("aria-valuetext", scales)
    assert address(page)["e1"] == f"sphereM:scales={scales}"


def test_a_saved_picture_has_a_colour_bar_a_caption_and_a_name(page: Any, lab: Server) -> None:
    opened(page, lab, "distortion?e1=sphereM&e2=none&view=globe")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save PNG").click()
    assert saved.value.suggested_filename == "distortion-globes-sphereM.png"
    picture = np.asarray(Image.open(saved.value.path()).convert("RGB")).astype(int)
    stage = page.locator(".stage").bounding_box()
    assert picture.shape[0] > 2 * stage["height"] + 60  # lines of text below the colour bar
    assert (np.abs(picture[-60:] - picture[0, 0]).sum(-1) > 200).any()
    PICTURES.mkdir(exist_ok=True)
    saved.value.save_as(PICTURES / "saved-distortion.png")


def test_a_phone_shows_bars_in_place_of_parallel_axes(chromium: Any, lab: Server) -> None:
    with guarded_page(chromium, lab.url, viewport={"width": 390, "height": 900}) as page:
        opened(page, lab, "distortion")
        expect(page.locator(".st-key-parallel")).to_be_hidden()
        expect(page.locator(".bar")).to_have_count(len(ENCODERS))
        expect(page.locator(".bar.chosen")).to_have_text([re.compile("grid"), re.compile("sphereM")])
        for bar in page.locator(".bar").all():
            assert bar.bounding_box()["width"] <= 390
        tools = page.locator(".tools").bounding_box()
        boxes = [button.bounding_box() for button in page.locator(".tools button:visible").all()]
        last = [box for box in boxes if box["y"] == max(b["y"] for b in boxes)]
        middle = (min(box["x"] for box in last) + max(box["x"] + box["width"] for box in last)) / 2
        assert abs(middle - tools["x"] - tools["width"] / 2) < 8  # the row that was wrapped is centred


def test_nothing_jumps_when_the_maps_arrive(page: Any, lab: Server) -> None:
    page.set_default_timeout(PATIENCE)
    held: list[Any] = []
    arriving = False
    page.route(re.compile(r"/media/.*\.bin$"), lambda route: route.continue_() if arriving else held.append(route))
    page.goto(f"{lab.url}/distortion")
    page.get_by_text("Each ellipse is what the encoder makes").wait_for()
    until(page, "files are asked for", lambda: len(held) > 0)
    before = page.locator(".stage").bounding_box()["height"]
    arriving = True
    for route in held:
        route.continue_()
    page.locator(".stage[data-frames]").wait_for()
    assert before == pytest.approx(page.locator(".stage").bounding_box()["height"], abs=1)
