"""What the linked globes draw, pixel by pixel, and how they respond to the pointer, the keys and new data."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from s2v import sphere
from s2v.fields import Field, Grid
from s2v.figures import colormaps
from s2v.figures.testcard import test_card, test_card_value
from s2v.figures.veil import GREY, OPACITY
from s2v.palette import hex_to_rgb
from tests.browser.globe_fields import VEIL_PLACES, land_classes, wave_field, waves
from tests.browser.looking import photograph
from tests.serving import ROOT, Server, guarded_page, running

pytestmark = pytest.mark.browser
Array = NDArray[Any]
EDGE = 50.0  # latitude at which the polar maps of the page end


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("globes") / "server.log"
    with running(ROOT / "tests/browser/globe_app.py", log, {"PYTHONPATH": str(ROOT)}) as server:
        yield server


@pytest.fixture
def show(chromium: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """Opens the page with a query and waits until everything is drawn."""
    with guarded_page(chromium, server.url, viewport={"width": 1280, "height": 1000}) as page:

        def open_page(**query: Any) -> Any:
            page.goto(f"{server.url}/?{urlencode(query)}")
            page.locator(".stage[data-frames]").wait_for()
            settle(page)
            return page

        yield open_page


def settle(page: Any) -> None:
    """Waits until no frame has been drawn for a while, once the first is there."""
    before = None
    while before != (before := page.locator(".stage").get_attribute("data-frames")):
        page.wait_for_timeout(400)


def eventually(page: Any, holds: Callable[[], Any]) -> None:
    """Asserts that something comes true within half a minute: drawing and runs of the page take a while."""
    for _ in range(150):
        if holds():
            return
        page.wait_for_timeout(200)
    assert holds()


def pictures(page: Any) -> list[Array]:
    """What is on the screen for each panel: (height, width, 3)."""
    screen = np.asarray(Image.open(io.BytesIO(page.locator(".stage").screenshot())).convert("RGB"))
    boxes = json.loads(page.locator(".stage").get_attribute("data-boxes"))
    return [screen[b["y"] : b["y"] + b["height"], b["x"] : b["x"] + b["width"]].astype(int) for b in boxes]


def unit_of(kind: str, width: int, zoom: float = 1.0) -> float:
    """Pixels in a unit of the map: two pixels of air around a globe, fifteen around a polar map for its labels."""
    if kind == "world":
        return width / 360 * zoom
    return (width / 2 - 2 if kind == "globe" else (width / 2 - 15) / Grid.polar("north", edge=EDGE).extent) * zoom


def places(kind: str, shape: tuple[int, ...], camera: tuple[float, float, float]) -> tuple[Array, Array]:
    """Longitude and latitude (height, width, 2) at the pixel centres of a panel, and which pixels show a place.

    In numpy, with vectors and tangent frames, independently of the component.
    """
    height, width = shape[:2]
    longitude, latitude, zoom = camera
    unit = unit_of(kind, width, zoom)
    x = (np.arange(width) + 0.5 - width / 2) / unit
    x, y = np.meshgrid(x, (height / 2 - np.arange(height) - 0.5) / unit)
    radius = np.hypot(x, y)
    if kind == "world":
        # At zoom 1 the whole world is in sight, whatever the camera's latitude; its outline takes a pixel.
        inside = (abs(y) <= 90 - 1 / unit) & (abs(x) <= 180 - 1 / unit)
        return np.stack([sphere.wrap_longitude(longitude + x), np.clip(y, -90, 90)], -1), inside
    if kind == "globe":
        east, north = sphere.tangent_frame(np.array([longitude, latitude]))
        up = sphere.to_unit_vectors(np.array([longitude, latitude]))
        depth = np.sqrt(np.maximum(0, 1 - radius**2))
        lonlat = sphere.to_lonlat(x[..., None] * east + y[..., None] * north + depth[..., None] * up)
        return lonlat, radius < 1 - 1.5 / unit  # without the drawn outline
    extent = Grid.polar("north", edge=EDGE).extent
    distance = 2 * np.arcsin(np.minimum(radius, extent) / 2)
    pole = np.array([longitude, 90.0 if kind == "north" else -90.0])
    azimuth = np.rad2deg(np.arctan2(-x, -y)) + 180 if kind == "north" else np.rad2deg(np.arctan2(x, y))
    lonlat = sphere.destination(np.broadcast_to(pole, (*shape[:2], 2)), azimuth, distance)
    return lonlat, radius < extent - 1.5 / unit


def painted(field: Field, lonlat: Array, smooth: bool = True) -> Array:
    """The colours (..., 3) that a field has at places, by Field.sample and the colour tables."""
    if field.classes or not smooth:
        value = field.with_values(field.values, classes=field.classes or ("nearest",)).sample(lonlat)
    else:
        value = field.sample(lonlat)
    if field.classes:
        table = np.array([hex_to_rgb(color) for color in field.class_colors])
        entry = np.nan_to_num(value).astype(int)
    else:
        table = colormaps.table(field.colormap)
        low, high = field.limits
        entry = np.clip(np.floor(np.nan_to_num((value - low) / (high - low)) * 256), 0, 255).astype(int)
    return np.where(np.isnan(value)[..., None], colormaps.MISSING, table[entry])


KINDS = ("globe", "north", "south", "world")
ALL_KINDS = "{0}:globe,{0}:north,{0}:south,{0}:world"
CAMERAS = [(20.0, 60.0, 1.0), (-170.0, 90.0, 1.0), (180.0, -75.0, 1.0)]


@pytest.mark.parametrize("camera", CAMERAS)
def test_the_test_card_is_where_numpy_says_in_every_kind_of_map(
    show: Callable[..., Any], camera: tuple[float, float, float]
) -> None:
    page = show(panels=ALL_KINDS.format("flat"), card=1, lines=0, camera=json.dumps(camera))
    for kind, picture in zip(KINDS, pictures(page), strict=True):
        lonlat, inside = places(kind, picture.shape, camera)
        drawn = picture[..., 0] > 127  # white lines on black
        wrong = inside & (drawn != (test_card_value(lonlat) > 0.5))
        # Both take the place at the pixel's centre, the component in 32-bit floats: a place is off by about 1e-5
        # degrees, a pixel is 0.2 degrees wide or more, so that one pixel in thousands on a line's edge may flip.
        assert wrong.sum() <= 1e-3 * inside.sum(), (kind, wrong.sum())
        assert (inside & drawn).sum() > 0.02 * inside.sum()


def test_a_field_of_the_test_card_is_drawn_cell_by_cell(show: Callable[..., Any]) -> None:
    camera = (35.0, 80.0, 1.0)
    page = show(panels=ALL_KINDS.format("card"), smooth=0, lines=0, camera=json.dumps(camera))
    field = test_card(Grid.equirectangular(0.25))
    for kind, picture in zip(KINDS, pictures(page), strict=True):
        lonlat, inside = places(kind, picture.shape, camera)
        wrong = inside & (abs(picture - painted(field, lonlat, smooth=False)).max(-1) > 1)
        # A pixel whose centre lies on the edge of two cells may take either: the cells' edges are 0.25 degrees
        # apart, the error of a place 1e-5 degrees; at the pole itself, where all cells meet, a handful of pixels.
        assert wrong.sum() <= 2e-3 * inside.sum(), (kind, wrong.sum())


@pytest.mark.parametrize("camera", CAMERAS)
def test_smooth_colours_are_those_of_field_sample(show: Callable[..., Any], camera: tuple[float, float, float]) -> None:
    page = show(panels=ALL_KINDS.format("waves"), cell=6, lines=0, camera=json.dumps(camera))
    field = wave_field(Grid.equirectangular(6))
    for kind, picture in zip(KINDS, pictures(page), strict=True):
        lonlat, inside = places(kind, picture.shape, camera)
        error = abs(picture - painted(field, lonlat))[inside].max(-1)
        # One entry of the colour table is at most 4 of 255 from the next; rounding may choose the neighbour.
        assert error.max() <= 4, (kind, error.max())
        assert (error > 0).mean() < 0.02, kind


def test_points_are_dots_at_their_places_and_end_at_the_rim(show: Callable[..., Any]) -> None:
    camera = (35.0, 70.0, 1.0)
    page = show(panels=ALL_KINDS.format("flat"), points=1, lines=0, camera=json.dumps(camera))
    lattice = sphere.fibonacci_lattice(300)
    for kind, picture in zip(KINDS, pictures(page), strict=True):
        lonlat, inside = places(kind, picture.shape, camera)
        distance = np.stack([sphere.great_circle(lonlat, place) for place in lattice]).min(0)
        # Dots are 2.25 pixels in radius, their halo 3. A pixel takes 1/unit of a globe's radius in the middle of the
        # map, less elsewhere; on the world map a degree of latitude.
        unit = unit_of(kind, picture.shape[1]) * (180 / np.pi if kind == "world" else 1)
        ground = np.median(picture[inside], axis=0)
        marked = abs(picture - ground).max(-1) > 60
        near = inside & (distance < 1 / unit)
        if kind == "world":  # beyond 60 degrees two pixels are less than one on the ground
            near &= abs(lonlat[..., 1]) < 60
        assert marked[near].mean() > 0.98, kind
        if kind in ("north", "south"):  # equal-area, so a pixel is nearly as large everywhere
            assert not marked[inside & (distance > 5 / unit)].any(), kind
        assert 0.002 < marked[inside].mean() < 0.2, kind


def test_dots_of_one_panel_are_on_it_alone_and_change_with_new_data(show: Callable[..., Any]) -> None:
    page = show(panels="flat,dots", lines=0)

    def marked(index: int) -> int:
        picture = pictures(page)[index]
        middle = picture[20:-20, 20:-20]
        return int((abs(middle - np.median(middle, axis=(0, 1))).max(-1) > 60).sum())

    corners = marked(0)  # of the square around the globe
    before = marked(1) - corners
    assert before > 1000
    page.get_by_text("New values").click()
    eventually(page, lambda: 0.3 * before < marked(1) - corners < 0.7 * before)
    assert marked(0) == corners


def test_classes_and_missing_values_have_their_own_colours(show: Callable[..., Any]) -> None:
    page = show(panels=ALL_KINDS.format("classes"), lines=0)
    field = land_classes(Grid.equirectangular(2))
    for kind, picture in zip(KINDS, pictures(page), strict=True):
        lonlat, inside = places(kind, picture.shape, (20.0, 60.0, 1.0))
        expected = painted(field, lonlat)
        wrong = inside & (abs(picture - expected).max(-1) > 0)
        assert wrong.sum() <= 2e-3 * inside.sum(), kind  # centres on the edge of two cells, as above
        if kind != "south":
            assert (expected[inside] == colormaps.MISSING).all(-1).any()


@pytest.mark.parametrize("camera", CAMERAS[1:])
def test_the_veil_is_where_numpy_says_in_every_kind_of_map(
    show: Callable[..., Any], camera: tuple[float, float, float]
) -> None:
    grid, km = Grid.equirectangular(2), 3000.0
    panels = {
        "globe": wave_field(grid),
        "north": land_classes(grid),
        "south": wave_field(grid),
        "world": land_classes(grid),
    }
    names = ",".join(f"{'classes' if field.classes else 'waves'}:{kind}" for kind, field in panels.items())
    page = show(panels=names, lines=0, veil=km, camera=json.dumps(camera))
    for (kind, field), picture in zip(panels.items(), pictures(page), strict=True):
        lonlat, inside = places(kind, picture.shape, camera)
        distance = np.min([sphere.great_circle_km(lonlat, np.array(place)) for place in VEIL_PLACES], axis=0)
        strength = np.clip(2 * distance / km - 1, 0, 1)[..., None]
        clear = painted(field, lonlat)
        ground = clear + (np.array(GREY) - clear) * OPACITY * strength
        known = inside & (abs(picture - ground).max(-1) < 200)  # without centres on the edge of two classes
        assert known.sum() > 0.99 * inside.sum(), kind
        # Colours may be off by 4, as above; half a degree of distances by 5 km, which is less than 1 of 255.
        assert (abs(picture - ground)[inside].max(-1) <= 6).mean() > 0.7, kind
        assert (abs(picture - clear)[inside & (distance < km / 2 - 20)].max(-1) <= 4).mean() > 0.995, kind
        lined = inside & (strength[..., 0] > 0.9) & (abs(picture - ground).max(-1) > 6)
        assert (picture - ground)[lined].mean() < -20, kind  # the lines are darker
        whole = inside & (strength[..., 0] == 1)
        assert whole.any()
        assert (abs(picture - clear)[whole].max(-1) > 12).mean() > 0.9, kind  # a veiled place looks different


def test_the_test_card_lies_over_the_veil(show: Callable[..., Any]) -> None:
    camera = (35.0, 80.0, 1.0)
    page = show(panels=ALL_KINDS.format("flat"), card=1, lines=0, veil=3000, camera=json.dumps(camera))
    for kind, picture in zip(KINDS, pictures(page), strict=True):
        lonlat, inside = places(kind, picture.shape, camera)
        wrong = inside & ((picture[..., 0] > 190) != (test_card_value(lonlat) > 0.5))  # the veil on black is 126
        assert wrong.sum() <= 1e-3 * inside.sum(), (kind, wrong.sum())


@pytest.mark.parametrize("cell", [2.0, 0.5])
def test_random_pixels_show_the_function_to_within_the_grids_interpolation_error(
    show: Callable[..., Any], cell: float
) -> None:
    camera = (140.0, 70.0, 1.0)
    page = show(panels=ALL_KINDS.format("waves"), cell=cell, colors="gray", lines=0, camera=json.dumps(camera))
    rng = np.random.default_rng(0)
    level = 2 / 256  # what one step of grey stands for; the table's grey is the value itself
    # Bilinear interpolation errs by at most h^2 / 8 times the sum of the second derivatives along the two axes.
    h, step = np.deg2rad(cell), 1e-3
    lonlat = sphere.fibonacci_lattice(4000)
    lonlat = lonlat[abs(lonlat[:, 1]) < 89]
    second = 0.0
    for axis in np.eye(2) * np.rad2deg(step):
        bend = waves(lonlat + axis) - 2 * waves(lonlat) + waves(lonlat - axis)
        second += float(abs(bend).max()) / step**2
    allowed = second * h**2 / 8 + level
    for kind, picture in zip(KINDS, pictures(page), strict=True):
        lonlat, inside = places(kind, picture.shape, camera)
        rows, columns = np.nonzero(inside)
        chosen = rng.choice(len(rows), 2000, replace=False)
        at = rows[chosen], columns[chosen]
        shown = (picture[at][:, 0] + 0.5) / 256 * 2 - 1
        error = abs(shown - waves(lonlat[at]))
        assert error.max() <= allowed, (kind, error.max(), allowed)


def center_of(page: Any, index: int = 0) -> tuple[float, float]:
    box = page.locator(".surface").nth(index).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def read_place(text: str) -> Array:
    """[lon, lat] of a text such as 15.63° E, 78.22° N."""
    match = re.fullmatch(r"([\d.]+)° ([EW]), ([\d.]+)° ([NS])", text)
    assert match, text
    return np.array(
        [float(match[1]) * (1 if match[2] == "E" else -1), float(match[3]) * (1 if match[4] == "N" else -1)]
    )


def state(page: Any) -> dict[str, Any]:
    return dict(json.loads(page.locator("code").inner_text()))


def camera_of(page: Any) -> list[float]:
    return list(json.loads(page.locator(".stage").get_attribute("data-camera")))


@pytest.mark.parametrize("kind", KINDS)
def test_pointing_shows_the_place_and_every_value_there(show: Callable[..., Any], kind: str) -> None:
    page = show(panels=f"waves:{kind},second:globe,difference", camera="[20, 60, 1]")
    box = page.locator(".surface").first.bounding_box()
    row, column = int(box["height"] * 0.4), int(box["width"] * 0.6)
    page.mouse.move(box["x"] + column + 0.5, box["y"] + row + 0.5)
    lonlat, _ = places(kind, (int(box["height"]), int(box["width"])), (20.0, 60.0, 1.0))
    expected = lonlat[row, column]
    # The browser may round the pointer to whole pixels: half a pixel each way, and the text has two digits.
    pixel = np.rad2deg(1 / unit_of(kind, int(box["width"]))) if kind != "world" else 360 / box["width"]
    shown = read_place(page.locator(".where").inner_text())
    assert np.rad2deg(sphere.great_circle(shown, expected)) <= pixel
    grid = Grid.equirectangular(2)
    a, b = wave_field(grid, 5).sample(shown), wave_field(grid, 6, 0.5).sample(shown)
    values = [text.replace("−", "-").split(" ")[0] for text in page.locator(".value").all_inner_texts()]
    # The place is read back with two digits: 0.005 degrees of a field that changes by at most 15 per radian.
    assert np.allclose([float(value) for value in values], [a, b, a - b], atol=3e-3)


def test_a_click_sends_its_exact_place(show: Callable[..., Any]) -> None:
    page = show(panels="waves,waves:north", camera="[20, 60, 1]")
    for index, kind in enumerate(("globe", "north")):
        box = page.locator(".surface").nth(index).bounding_box()
        row, column = int(box["height"] * 0.3), int(box["width"] * 0.65)
        page.mouse.click(box["x"] + column + 0.5, box["y"] + row + 0.5)
        eventually(page, lambda: state(page)["clicked"])
        lonlat, _ = places(kind, (int(box["height"]), int(box["width"])), (20.0, 60.0, 1.0))
        pixel = 1 / unit_of(kind, int(box["width"]))
        assert sphere.great_circle(np.array(state(page)["clicked"]), lonlat[row, column]) <= pixel
        page.get_by_text("New values").click()  # a run without a click
        eventually(page, lambda: state(page)["clicked"] is None)


def drag(page: Any, start: tuple[float, float], by: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    for share in np.linspace(0.25, 1, 4):
        page.mouse.move(start[0] + share * by[0], start[1] + share * by[1])
    page.mouse.up()


def shows(page: Any, index: int, kind: str, field: Field, camera: Sequence[float], share: float = 1.0) -> bool:
    """Whether a panel has the field's colours, on at least a share of its pixels: lines may lie over the others."""
    picture = pictures(page)[index]
    longitude, latitude, zoom = camera
    lonlat, inside = places(kind, picture.shape, (longitude, latitude, zoom))
    return bool((abs(picture - painted(field, lonlat))[inside].max(-1) <= 4).mean() >= share)


def test_a_drag_turns_all_panels_and_the_camera_outlives_new_data(show: Callable[..., Any]) -> None:
    page = show(panels="waves,waves:north,waves:world", lines=0)
    drag(page, center_of(page), (60, 40))
    page.mouse.move(5, 5)
    eventually(page, lambda: state(page)["camera"] != [20, 60, 1])
    turned = camera_of(page)
    assert turned[0] < 20 < 60 < turned[1]  # the ground follows the pointer: right and down
    assert np.allclose(state(page)["camera"], turned, atol=0.01)  # reported with two digits
    field = wave_field(Grid.equirectangular(2))
    for index, kind in enumerate(("globe", "north", "world")):
        eventually(page, lambda index=index, kind=kind: shows(page, index, kind, field, turned))
        assert not shows(page, index, kind, field, (20.0, 60.0, 1.0))
    page.get_by_text("New values").click()
    newer = wave_field(Grid.equirectangular(2), 5, 1.0)
    eventually(page, lambda: shows(page, 0, "globe", newer, turned))
    assert camera_of(page) == turned


def test_maps_are_sharp_again_once_the_camera_rests(show: Callable[..., Any]) -> None:
    page = show(panels="waves,second,waves:north,waves:south", points=1)
    turn = """async (base) => {
      const seen = [base.width], surface = base.getRootNode().querySelector('.surface');
      const box = surface.getBoundingClientRect();
      surface.setPointerCapture = () => {};
      const send = (kind, dx) => surface.dispatchEvent(new PointerEvent(kind, {
        pointerId: 1, button: 0, clientX: box.left + 100 + dx, clientY: box.top + 100, bubbles: true }));
      send('pointerdown', 0);
      for (let dx = 1; dx < 60; dx++) {
        send('pointermove', dx);
        const late = performance.now() + 60; // a slow machine
        while (performance.now() < late);
        await new Promise(requestAnimationFrame);
        seen.push(base.width);
      }
      send('pointerup', 60);
      return seen;
    }"""
    seen = page.locator(".base").evaluate(turn)
    assert min(seen) == round(seen[0] / 2)
    eventually(page, lambda: page.locator(".base").evaluate("base => base.width") == seen[0])


def test_a_drag_on_a_polar_map_turns_it_about_the_pole(show: Callable[..., Any]) -> None:
    page = show(panels="waves:north", camera="[0, 60, 1]")
    x, y = center_of(page)
    drag(page, (x + 100, y), (-100, -100))  # a quarter turn, counter-clockwise
    eventually(page, lambda: camera_of(page)[:2] == [pytest.approx(-90, abs=1), 60])


def test_keys_buttons_wheel_and_double_click(show: Callable[..., Any]) -> None:
    page = show(panels="waves", probe=1)
    stage = page.locator(".stage")
    assert stage.get_attribute("role") == "application"
    assert "Waves 5" in stage.get_attribute("aria-label")
    stage.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    eventually(page, lambda: camera_of(page) == [30, 50, 1])
    eventually(page, lambda: "Centre 30.00° E, 50.00° N. Waves 5:" in page.locator(".spoken").inner_text())
    page.keyboard.press("+")
    eventually(page, lambda: camera_of(page)[2] == pytest.approx(1.25))
    page.mouse.move(*center_of(page))
    page.mouse.wheel(0, -240)
    eventually(page, lambda: camera_of(page)[2] > 1.5)
    for button, latitude in [("north", 90), ("south", -90), ("equator", 0)]:
        page.get_by_role("button", name=f"View from {button}").click()
        eventually(page, lambda latitude=latitude: camera_of(page)[1] == latitude)
    page.get_by_role("button", name="View my point").click()
    eventually(page, lambda: camera_of(page)[:2] == [15.63, 78.22])
    page.mouse.dblclick(*center_of(page))
    eventually(page, lambda: camera_of(page) == [20, 60, 1])
    eventually(page, lambda: state(page)["camera"] == [20, 60, 1])
    assert state(page)["clicked"] is None


def test_the_wheel_scrolls_the_page_until_a_map_was_clicked(chromium: Any, server: Server) -> None:
    with guarded_page(chromium, server.url, viewport={"width": 1280, "height": 400}) as page:
        page.goto(f"{server.url}/?panels=waves")
        page.locator(".stage[data-frames]").wait_for()
        settle(page)
        scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
        page.mouse.move(640, 300)
        page.mouse.wheel(0, 120)
        eventually(page, lambda: page.evaluate(scrolled) > 50)
        assert camera_of(page) == [20, 60, 1]
        assert page.locator(".hint.shown").inner_text() == "Use Ctrl + scroll to zoom, or click a map first"
        page.keyboard.down("Control")
        page.mouse.wheel(0, -120)
        page.keyboard.up("Control")
        eventually(page, lambda: camera_of(page)[2] > 1.2)
        before, zoom = page.evaluate(scrolled), camera_of(page)[2]
        page.mouse.click(640, 200)
        page.mouse.wheel(0, -120)
        eventually(page, lambda: camera_of(page)[2] > zoom)
        assert page.evaluate(scrolled) == before


@pytest.mark.parametrize("refused", [False, True])
def test_the_maps_fill_the_screen_and_come_back(show: Callable[..., Any], refused: bool) -> None:
    page = show(panels="waves,second", lines=0)
    if refused:  # as in an iframe that may not take the screen
        page.evaluate("() => { Element.prototype.requestFullscreen = async () => { throw new TypeError('no'); }; }")
    usual = pictures(page)[0].shape
    page.locator(".stage").focus()
    page.keyboard.press("f")
    page.get_by_role("button", name="Leave full screen").wait_for()
    settle(page)
    box = page.locator(".linked-globes").bounding_box()
    window = page.evaluate("[innerWidth, innerHeight]")
    assert [box["x"], box["y"], box["width"], box["height"]] == [0, 0, *window]
    assert pictures(page)[0].shape[0] > usual[0]
    tools = page.locator(".tools").bounding_box()
    assert tools["y"] + tools["height"] <= window[1]
    photograph(page, f"full-screen-{'page' if refused else 'screen'}")
    page.mouse.move(*center_of(page))
    page.mouse.wheel(0, -240)  # there is no page to scroll
    eventually(page, lambda: camera_of(page)[2] > 1.5)
    if refused:
        page.keyboard.press("Escape")
    else:  # the browser itself leaves with Escape, but not when a key comes from a test
        page.get_by_role("button", name="Leave full screen").click()
    page.get_by_role("button", name="Full screen", exact=True).wait_for()
    eventually(page, lambda: pictures(page)[0].shape == usual)


def test_two_fingers_zoom_and_one_turns(chromium: Any, server: Server) -> None:
    with guarded_page(chromium, server.url, has_touch=True) as page:
        page.goto(f"{server.url}/?panels=waves,waves:north")
        page.locator(".stage[data-frames]").wait_for()
        settle(page)
        x, y = center_of(page)
        hand = page.context.new_cdp_session(page)

        def touch(kind: str, *fingers: tuple[float, float]) -> None:
            points = [{"x": x + dx, "y": y + dy, "id": number} for number, (dx, dy) in enumerate(fingers)]
            hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", (-40, 0))
        touch("touchStart", (-40, 0), (40, 0))
        touch("touchMove", (-60, 0), (60, 0))
        touch("touchMove", (-80, 0), (80, 0))
        touch("touchEnd")
        eventually(page, lambda: camera_of(page) == [20, 60, pytest.approx(2, rel=0.01)])
        touch("touchStart", (0, 0))
        touch("touchMove", (30, 0))
        touch("touchMove", (60, 0))
        touch("touchEnd")
        eventually(page, lambda: camera_of(page)[0] < 15)
        eventually(page, lambda: state(page)["camera"] == pytest.approx(camera_of(page), abs=0.01))
        assert state(page)["clicked"] is None


def files_asked_for(page: Any) -> list[str]:
    """Addresses of the files of values and lines that the browser asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/media/" in request.url else None)
    return asked


def test_other_colours_need_no_values_again(show: Callable[..., Any]) -> None:
    page = show(panels="waves,waves:north")
    asked = files_asked_for(page)
    page.get_by_text("magma").click()
    grid = Grid.equirectangular(2)
    magma = wave_field(grid, colormap="magma")
    eventually(page, lambda: shows(page, 0, "globe", magma, (20.0, 60.0, 1.0), share=0.75))
    assert asked == []
    page.get_by_text("New values").click()
    newer = wave_field(grid, 5, 1.0, "magma")
    eventually(page, lambda: shows(page, 0, "globe", newer, (20.0, 60.0, 1.0), share=0.75))
    assert len(asked) == 1  # the new values, once for both panels; the coastlines are there


def test_files_that_are_gone_for_a_moment_are_asked_for_again(chromium: Any, server: Server) -> None:
    """A run of the page that is cut short loses its files; the next run brings them back."""
    refused: Counter[str] = Counter()
    with guarded_page(chromium, server.url) as page:

        def refuse_twice(route: Any) -> None:
            refused[route.request.url] += 1
            if refused[route.request.url] <= 2:
                route.fulfill(status=404)
            else:
                route.continue_()

        page.route(re.compile(r"/media/\w+\.bin$"), refuse_twice)
        page.goto(f"{server.url}/?panels=waves,waves:north")
        page.locator(".stage[data-frames]").wait_for()
        field = wave_field(Grid.equirectangular(2))
        eventually(page, lambda: shows(page, 0, "globe", field, (20.0, 60.0, 1.0), share=0.75))
    assert len(refused) == 2  # the values, the coastlines
    assert set(refused.values()) == {3}


def test_a_file_that_never_comes_is_named_and_the_reader_told(chromium: Any, server: Server) -> None:
    logged: list[str] = []
    page = chromium.new_page()
    page.on("console", lambda message: logged.append(message.text))
    page.route("**/media/*.bin", lambda route: route.fulfill(status=404))
    page.goto(f"{server.url}/?panels=waves")
    note = page.get_by_text("The values of these maps did not arrive.")
    note.wait_for()
    assert any(re.fullmatch(r"Linked globes: /media/\w+\.bin: 404", line) for line in logged)
    page.unroute("**/media/*.bin")
    page.get_by_text("New values").click()
    page.locator(".stage[data-frames]").wait_for()
    assert note.count() == 0  # the maps are there
    page.close()


def test_modules_load_below_a_base_path_and_in_reloaded_pages(chromium: Any, tmp_path: Path) -> None:
    app = ROOT / "tests/browser/globe_app.py"
    options = {"server.baseUrlPath": "lab/globes"}
    with running(app, tmp_path / "server.log", {"PYTHONPATH": str(ROOT)}, options=options) as server:
        assert server.url.endswith("/lab/globes")
        with guarded_page(chromium, server.url) as first, guarded_page(chromium, server.url) as second:
            for page in (first, second, first, second):
                page.goto(f"{server.url}/?panels=waves&lines=0")
            field = wave_field(Grid.equirectangular(2))
            for page in (first, second):
                page.locator(".stage[data-frames]").wait_for()
                eventually(page, lambda page=page: shows(page, 0, "globe", field, (20.0, 60.0, 1.0)))


def test_the_walk_switches_frames_in_the_browser_and_reports_where_it_ends(show: Callable[..., Any]) -> None:
    page = show(panels="walk,walk:north", walk=1, lines=0, camera="[15.63, 60, 1]")
    asked = files_asked_for(page)
    before = state(page)
    slider = page.get_by_role("slider", name="Walk along the meridian")
    slider.evaluate("(e) => { e.value = 20; e.dispatchEvent(new Event('input')); }")
    assert page.locator(".walk-place").inner_text() == "15.63° E, 60.00° N"
    grid = Grid.equirectangular(2)
    cosine = np.cos(sphere.great_circle(grid.lonlat, np.array([15.63, 60.0])))
    field = Field(cosine, grid, "", limits=(-1.0, 1.0))
    for index, kind in enumerate(("globe", "north")):  # with rings and the probe over a part of it
        eventually(page, lambda index=index, kind=kind: shows(page, index, kind, field, (15.63, 60.0, 1.0), share=0.9))
    assert state(page) == before  # no round trip so far
    slider.evaluate("(e) => e.dispatchEvent(new Event('change'))")
    eventually(page, lambda: state(page)["frame"] == 20)
    assert asked == []


def test_the_divider_of_a_wipe_can_be_dragged(show: Callable[..., Any]) -> None:
    page = show(panels="wipe", lines=0)
    x, y = center_of(page)
    drag(page, (x, y), (100, 0))
    page.mouse.move(5, 5)
    grid = Grid.equirectangular(2)
    width = pictures(page)[0].shape[1]
    column = np.arange(width) + 0.5
    lonlat, inside = places("globe", (width, width), (20.0, 60.0, 1.0))
    left, right = painted(wave_field(grid, 5), lonlat), painted(wave_field(grid, 6, 0.5), lonlat)
    expected = np.where((column < width / 2 + 100)[None, :, None], left, right)
    away = inside & (abs(column - width / 2 - 100) > 16)[None, :]  # from the divider's handle
    eventually(page, lambda: abs(pictures(page)[0] - expected)[away].max() <= 4)
    assert camera_of(page) == [20, 60, 1]


def test_python_may_move_the_camera_but_not_take_it_from_the_reader(show: Callable[..., Any]) -> None:
    page = show(panels="waves", follow=1)  # the page sends back the camera that it was sent, as a page with a link does
    drag(page, center_of(page), (60, 40))
    eventually(page, lambda: state(page)["camera"] != [20, 60, 1])
    turned = camera_of(page)
    page.get_by_text("New values").click()
    newer = wave_field(Grid.equirectangular(2), 5, 1.0)
    page.mouse.move(5, 5)
    eventually(page, lambda: shows(page, 0, "globe", newer, turned, share=0.75))
    assert camera_of(page) == turned
    page.get_by_text("To Quito").click()
    eventually(page, lambda: camera_of(page) == [-78.5, -0.2, 2])
    page.mouse.dblclick(*center_of(page))  # the view to come back to is the last that Python asked for
    eventually(page, lambda: camera_of(page) == [-78.5, -0.2, 2])


def test_a_saved_picture_has_twice_the_size_and_the_same_colours(show: Callable[..., Any]) -> None:
    page = show(panels="waves,waves:north", lines=0)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save PNG").click()
    saved = np.asarray(Image.open(download.value.path()).convert("RGB")).astype(int)
    box = page.locator(".stage").bounding_box()
    assert saved.shape[:2] == (2 * round(box["height"]), 2 * round(box["width"]))
    first = json.loads(page.locator(".stage").get_attribute("data-boxes"))[0]
    lonlat, inside = places("globe", (first["height"], first["width"]), (20.0, 60.0, 1.0))
    corner = saved[2 * first["y"] : 2 * (first["y"] + first["height"])]
    corner = corner[:, 2 * first["x"] : 2 * (first["x"] + first["width"])]
    small = corner.reshape(first["height"], 2, first["width"], 2, 3).mean((1, 3))
    # Four pixels of the saved picture make one of the screen; colours change by less than 12 of 255 within one.
    error = abs(small - painted(wave_field(Grid.equirectangular(2)), lonlat))[inside].max(-1)
    assert np.quantile(error, 0.99) < 12


def test_without_webgl_the_processor_draws_the_same_picture_and_says_so(chromium: Any, server: Server) -> None:
    with guarded_page(chromium, server.url) as page:
        page.add_init_script(
            "const real = HTMLCanvasElement.prototype.getContext;"
            "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
            "  return kind === 'webgl2' ? null : real.call(this, kind, ...rest); };"
        )
        page.goto(f"{server.url}/?{urlencode({'panels': ALL_KINDS.format('waves'), 'lines': 0, 'cell': 6})}")
        page.locator(".stage[data-frames]").wait_for()
        settle(page)
        assert "no WebGL2" in page.locator(".note").inner_text()
        for kind, picture in zip(KINDS, pictures(page), strict=True):
            lonlat, inside = places(kind, picture.shape, (20.0, 60.0, 1.0))
            assert abs(picture - painted(wave_field(Grid.equirectangular(6)), lonlat))[inside].max() <= 4, kind


def test_the_legend_and_the_pointer_tell_the_distance_of_the_veil(show: Callable[..., Any]) -> None:
    page = show(panels="waves:north", lines=0, camera="[20, 60, 1]")
    plain = page.locator(".stage").bounding_box()["height"]
    page = show(panels="waves:north", lines=0, veil=3000, camera="[20, 60, 1]")
    assert page.locator(".stage").bounding_box()["height"] > plain
    label = page.locator(".stage").get_attribute("aria-label")
    assert label.endswith("Veiled: a guess, over 3,000 km from the nearest training place")
    x, y = center_of(page)
    page.mouse.move(x + 20, y)
    place, _, kilometres = page.locator(".where").inner_text().rpartition(", ")
    exact = min(sphere.great_circle_km(read_place(place), np.array(other)) for other in VEIL_PLACES)
    # The place is read with two digits, 1 km; the grid's cells are half a degree, and this place is near one of them.
    assert int(kilometres.removesuffix(" km from data").replace(",", "")) == pytest.approx(exact, abs=20)


@pytest.mark.parametrize("width", [390, 820])
def test_panels_wrap_and_stay_within_a_narrow_screen(chromium: Any, server: Server, width: int) -> None:
    with guarded_page(chromium, server.url, viewport={"width": width, "height": 900}) as page:
        page.goto(f"{server.url}/?{urlencode({'panels': 'waves,second,waves:north,waves:world'})}")
        page.locator(".stage[data-frames]").wait_for()
        settle(page)
        boxes = json.loads(page.locator(".stage").get_attribute("data-boxes"))
        stage = page.locator(".stage").bounding_box()
        assert len({box["y"] for box in boxes}) >= 2
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= stage["width"] + 1 for box in boxes)
        assert all(box["width"] >= 160 for box in boxes)
