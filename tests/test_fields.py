import numpy as np
import pytest
from hypothesis import given, settings

from s2v import sphere
from s2v.fields import Field, Grid, symmetric_limits
from s2v.testing.cases import SPECIAL, lonlats


def smooth(lonlat: np.ndarray) -> np.ndarray:
    x, y, z = np.moveaxis(sphere.to_unit_vectors(lonlat), -1, 0)
    return 1 + 2 * x - y + 3 * z * z + x * z


def test_equirectangular_grid_covers_the_sphere_from_the_north_west():
    grid = Grid.equirectangular(2)
    assert grid.shape == (90, 180)
    np.testing.assert_array_equal(grid.lonlat[0, 0], [-179, 89])
    np.testing.assert_array_equal(grid.lonlat[-1, -1], [179, -89])
    assert grid.areas.sum() == pytest.approx(1)
    assert (grid.areas * np.sin(np.radians(grid.lonlat[..., 1]))).sum() == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("pole", ["north", "south"])
def test_polar_grid_is_equal_area_and_centred_on_the_pole(pole):
    grid = Grid.polar(pole, 201, edge=60)
    sign = 1 if pole == "north" else -1
    np.testing.assert_allclose(grid.lonlat[100, 100, 1], sign * 90, atol=1e-9)
    latitude = sign * grid.lonlat[grid.inside][:, 1]
    assert latitude.min() == pytest.approx(60, abs=0.3)
    # Every pixel has one area; the disc's rim is cut along pixels.
    assert grid.areas.sum() == pytest.approx(float(sphere.cap_area(60)), rel=2e-3)
    assert np.mean(latitude > 80) == pytest.approx(float(sphere.cap_area(80) / sphere.cap_area(60)), rel=0.01)
    # Longitude 0 points down in the north and up in the south; 90 E is to the right in both.
    down = grid.lonlat[150, 100, 0]
    assert down == pytest.approx(0 if pole == "north" else 180, abs=1e-6) or abs(down) == pytest.approx(180)
    assert grid.lonlat[100, 150, 0] == pytest.approx(90)


@given(lonlats())
@settings(max_examples=100, deadline=None)
def test_sampling_a_smooth_field_is_right_everywhere_poles_and_dateline_included(place):
    grid = Grid.equirectangular(2)
    field = Field(smooth(grid.lonlat), grid, "smooth", limits=(-5, 5))
    # Bilinear error: step^2 / 8 times the second derivative (below 12 here, and as much across the two axes).
    assert field.sample(place) == pytest.approx(smooth(place), abs=2 * np.radians(2) ** 2 / 8 * 12)


def test_sampling_classes_takes_the_cell_of_the_place():
    grid = Grid.equirectangular(30)
    values = np.arange(grid.rows * grid.columns, dtype=float).reshape(grid.shape)
    field = Field(values, grid, "cells", classes=("a", "b"))
    np.testing.assert_array_equal(field.sample(grid.lonlat), values)
    assert field.sample([179.9, 89.0]) == values[0, -1]
    assert field.sample([-179.9, -89.0]) == values[-1, 0]
    assert np.isfinite(field.sample(SPECIAL)).all()


def test_what_cannot_be_is_named():
    for degrees in (7, 0, -10, 360, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="does not divide 180"):
            Grid.equirectangular(degrees)
    with pytest.raises(ValueError, match="north, south"):
        Grid.polar("arctic")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"shape \(2, 2\)"):
        Field(np.zeros((2, 2)), Grid.equirectangular(30), "wrong")
    with pytest.raises(ValueError, match="must rise"):
        Field(np.zeros((6, 12)), Grid.equirectangular(30), "flat", limits=(1, 1))
    polar = Field(np.zeros((5, 5)), Grid.polar("north", 5), "polar")
    with pytest.raises(ValueError, match="north grid"):
        polar.sample([0, 80])


def test_symmetric_limits():
    low, high = symmetric_limits([np.nan, -3.0, 1.0, 2.0], quantile=1)
    assert (low, high) == (-3, 3)
    low, high = symmetric_limits([])
    assert low < high
