"""Rasters: the PNG holds exactly the picture, and stays small."""

import base64
import io

import numpy as np
from PIL import Image

from s2v.fields import Field, Grid
from s2v.figures import raster
from s2v.figures.colormaps import colorize


def smooth_field(grid):
    x, y = np.deg2rad(grid.lonlat[..., 0]), np.deg2rad(grid.lonlat[..., 1])
    return Field(0.5 + 0.4 * np.cos(y) * np.sin(x), grid, "t")


def opened(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def test_the_png_is_the_picture():
    field = smooth_field(Grid.equirectangular(5.0))
    field.values[3, 4] = np.nan
    np.testing.assert_array_equal(opened(raster.png(field)), colorize(field))


def test_outside_a_polar_map_the_png_is_transparent():
    field = smooth_field(Grid.polar("south", 41))
    picture = opened(raster.png(field))
    np.testing.assert_array_equal(picture[..., 3], colorize(field)[..., 3])
    np.testing.assert_array_equal(picture[field.grid.inside], colorize(field)[field.grid.inside])


def test_a_half_degree_field_takes_at_most_a_byte_a_cell():
    field = smooth_field(Grid.equirectangular(0.5))
    assert len(raster.png(field)) < field.values.size


def test_the_data_uri_carries_the_png():
    field = smooth_field(Grid.equirectangular(10.0))
    kind, data = raster.data_uri(field).split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == raster.png(field)


def test_refining_interpolates_and_leaves_classes_and_fine_fields_alone():
    field = smooth_field(Grid.equirectangular(2.0))
    fine = raster.refine(field, 0.5)
    exact = smooth_field(Grid.equirectangular(0.5))
    # Bilinear interpolation errs by at most h^2 / 8 of the second derivatives: 2 * 0.4 * (2 deg)^2 / 8 = 1.2e-4.
    np.testing.assert_allclose(fine.values, exact.values, atol=1.3e-4)
    assert raster.refine(exact, 0.5) is exact
    classes = field.with_values(np.zeros(field.grid.shape), classes=("a", "b"))
    assert raster.refine(classes, 0.5) is classes


def test_refining_gives_what_the_field_says_at_each_place_over_the_poles_and_the_dateline_too():
    coarse = Grid.equirectangular(2.0)
    field = Field(np.random.default_rng(0).uniform(size=coarse.shape), coarse, "t")
    field.values[40, 50] = np.nan
    fine = raster.refine(field, 0.5)
    np.testing.assert_allclose(fine.values, field.sample(fine.grid.lonlat), atol=1e-12)
