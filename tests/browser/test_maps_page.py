"""A model is trained, and its map leaves the page as a picture and as cells that another program places rightly."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from PIL import Image
from playwright.sync_api import expect

import s2v
from tests.browser.looking import PATIENCE, downloaded, photograph, until
from tests.serving import Server

pytestmark = pytest.mark.browser


def saved(page: Any, label: str) -> tuple[str, Path]:
    """The name and the place of the file that a button gives."""
    file = downloaded(page, page.get_by_role("button", name=label, exact=False))
    return file.suggested_filename, Path(file.path())


def test_a_trained_model_leaves_as_a_picture_and_as_a_geotiff(page: Any, lab: Server) -> None:
    page.goto(f"{lab.url}/train?data=geoid&points=200&steps=10&e1=sphereM&e2=none&reference=none")
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_enabled(timeout=PATIENCE)
    start.click()
    expect(page.get_by_text("The result", exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Maps", exact=True).first.click()
    expect(page.get_by_role("combobox", name="Map of")).to_have_value(re.compile("sphereM.*Geoid"), timeout=PATIENCE)
    page.get_by_role("radio", name="2", exact=True).click()
    expect(page.get_by_text("180 by 90 cells")).to_be_visible(timeout=PATIENCE)  # asked of the comparing process
    until(
        page, "the map is drawn", lambda: page.get_by_alt_text("Map: North pole").evaluate("i => i.naturalWidth") > 900
    )
    photograph(page, "maps")
    name, png = saved(page, "PNG")
    assert name == "geoid-sphereM-prediction-north.png"
    picture = Image.open(io.BytesIO(png.read_bytes()))
    assert picture.width == 1200  # 6 inches of 200 pixels
    _, file = saved(page, "Model")
    name, tiff = saved(page, "GeoTIFF")
    assert name == "geoid-sphereM-prediction-2deg.tif"
    model = s2v.load(file)
    with rasterio.open(tiff) as raster:
        assert raster.crs.is_geographic
        np.testing.assert_allclose(raster.bounds, (-180, -90, 180, 90))
        places = np.array([[15.0, 79.0], [-179.0, 1.0], [179.0, -89.0]])  # centres of cells
        values = np.array([value[0] for value in raster.sample(places)])
    np.testing.assert_allclose(values, model.predict(places), atol=1e-3)
