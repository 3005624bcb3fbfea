"""The test card on the globe that users see, in a real browser, against the exact picture.

deck.gl's camera is known (``s2v.figures.globe``), so every pixel's place on the sphere can be computed by inverting
the perspective; ``test_a_coarse_field_is_drawn_as_it_is_sampled`` checks that model on the picture itself.
"""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import distance_transform_edt

from s2v import sphere
from s2v.fields import Field, Grid
from s2v.figures.globe import CAMERA_HEIGHT, FILL, globe_radius
from s2v.figures.testcard import test_card_value

pytestmark = pytest.mark.browser

PATIENCE = 300  # looks, 0.3 seconds and a screenshot apart: software WebGL on a busy machine is slow

# How far a drawn line may lie from the exact one, in pixels of a globe 658 pixels wide (1 pixel is 0.13 degrees at the
# centre).  Half a pixel comes from comparing pixel masks, the rest from the texture's cells of 0.25 degrees (two
# pixels) whose greys place an edge to about a third of a cell, and from facets of 2 degrees (0.1 pixel).
MAX_PIXELS = 1.5

# The pole itself: all meridians meet in a blob whose star-shaped rim is finer than a pixel.
POLE_BLOB_DEGREES = 1.3
# Near the horizon lines are foreshortened below a pixel's width.
HORIZON_DEGREES = 50.0


def exact_places(lon: float, lat: float, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The place (rows, columns, 2) at each pixel's centre, seen from above (lon, lat), and whether there is one."""
    radius = globe_radius(FILL / 2)
    rows, columns = shape
    x = (np.arange(columns) + 0.5 - columns / 2) / rows
    y = -(np.arange(rows) + 0.5 - rows / 2) / rows
    x, y = np.meshgrid(x, y)
    east, north = sphere.tangent_frame((lon, lat))
    down = -sphere.to_unit_vectors(np.array([lon, lat]))
    camera = -(CAMERA_HEIGHT + radius) * down
    ray = CAMERA_HEIGHT * down + x[..., None] * east + y[..., None] * north
    ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
    along = -(ray @ camera)
    below = along**2 - camera @ camera + radius**2
    visible = below > 0
    hit = camera + (along - np.sqrt(np.maximum(below, 0)))[..., None] * ray
    return sphere.to_lonlat(hit), visible


def photograph(page, url: str, query: str) -> np.ndarray:  # type: ignore[no-untyped-def]
    """The chart's pixels (rows, columns, 3), once two pictures in a row are equal and show something."""
    page.goto(f"{url}/?{query}")
    chart = page.locator("[data-testid=stDeckGlJsonChart]")
    chart.wait_for()
    # The zoom buttons lie over the canvas; the corner that they cover is far from the globe, but not from the eye.
    page.add_style_tag(content="[data-testid=stDeckGlJsonChartZoomButton] {display: none}")
    before = np.zeros(0)
    for _ in range(PATIENCE):
        picture = np.asarray(Image.open(io.BytesIO(chart.screenshot())).convert("RGB")).astype(float)
        painted = (np.abs(picture - picture[2, 2]).sum(-1) > 30).mean()
        if painted > 0.1 and np.array_equal(before, picture):
            return picture
        before = picture
        page.wait_for_timeout(300)
    raise AssertionError(f"The globe did not come to rest in {PATIENCE} looks; painted share {painted:.3f}.")


def line_errors(picture: np.ndarray, lon: float, lat: float) -> tuple[float, float]:
    """Largest distance in pixels from a drawn line pixel to an exact one, and from an exact one to a drawn one."""
    places, visible = exact_places(lon, lat, picture.shape[:2])
    exact = (test_card_value(places) > 0.5) & visible
    drawn = (picture.mean(-1) > 127) & visible
    angle = np.rad2deg(sphere.great_circle(places, np.array([lon, lat])))
    compared = visible & (angle < HORIZON_DEGREES) & (np.abs(places[..., 1]) < 90 - POLE_BLOB_DEGREES)
    to_exact, to_drawn = distance_transform_edt(~exact), distance_transform_edt(~drawn)
    return float(to_exact[drawn & compared].max(initial=0)), float(to_drawn[exact & compared].max(initial=0))


@pytest.mark.parametrize(("lon", "lat"), [(0, 90), (20, 85), (180, -70)])
def test_the_globe_passes_the_test_card(browser_page, globe_app, lon, lat):  # type: ignore[no-untyped-def]
    drawn_to_exact, exact_to_drawn = line_errors(photograph(browser_page, globe_app, f"lon={lon}&lat={lat}"), lon, lat)
    assert drawn_to_exact <= MAX_PIXELS, "a line is drawn where none is"
    assert exact_to_drawn <= MAX_PIXELS, "a line is missing, or faint"


@pytest.mark.parametrize("artefact", ["mesh=default", "texture=default"])
def test_the_test_card_fails_with_the_default_settings(browser_page, globe_app, artefact):  # type: ignore[no-untyped-def]
    """Without ``resolution=2`` lines zigzag; without our texture settings they blur away near the pole."""
    assert max(line_errors(photograph(browser_page, globe_app, f"lat=90&{artefact}"), 0, 90)) > 1.5 * MAX_PIXELS


@pytest.mark.parametrize(("lon", "lat"), [(180, 90), (180, 20)])
def test_a_coarse_field_is_drawn_as_it_is_sampled(browser_page, globe_app, lon, lat):  # type: ignore[no-untyped-def]
    """Every pixel shows what ``Field.sample`` says, from a 10-degree grid: no seam at dateline or pole."""
    picture = photograph(browser_page, globe_app, f"field=smooth&lon={lon}&lat={lat}")
    grid = Grid.equirectangular(10.0)
    x, y = np.deg2rad(grid.lonlat[..., 0]), np.deg2rad(grid.lonlat[..., 1])
    field = Field(0.5 + 0.35 * np.cos(y) * np.sin(x) + 0.1 * np.cos(y) * np.cos(x), grid, "Smooth")
    places, visible = exact_places(lon, lat, picture.shape[:2])
    # The camera model is right: the whole outline of the globe is where it says.  Facets of 2 degrees cut the horizon
    # at most 0.05 pixel short; one pixel of the rim, to and fro, is 2 / 329 of the disc.
    painted = np.abs(picture - picture[2, 2]).sum(-1) > 30
    assert (painted ^ visible).sum() / visible.sum() < 2 / 329
    inner = visible & (np.rad2deg(sphere.great_circle(places, np.array([lon, lat]))) < 60)
    error = np.abs(picture.mean(-1) - 255 * field.sample(places))[inner]
    # One level for the 254 levels of the palette, one for rounding in texture and screen, one for the texture's grid.
    assert error.max() <= 3
