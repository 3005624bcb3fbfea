"""Distances to the nearest training place are great circles, and their usual size is that of the training places."""

from __future__ import annotations

import numpy as np
import pytest

from s2v import data, sphere
from s2v.data.nearest import MAX_SPACED
from s2v.fields import Grid

PLACES = np.array([(0.0, 90.0), (180.0, 20.0), (-179.0, -70.0), (40.0, 55.0)])


@pytest.mark.parametrize("grid", [Grid.equirectangular(5), Grid.polar("north", 41), Grid.polar("south", 40, 60)])
def test_the_field_is_the_smallest_great_circle_distance(grid: Grid) -> None:
    field = data.distance_field(PLACES, grid)
    exact = np.min([sphere.great_circle_km(grid.lonlat, place) for place in PLACES], axis=0)
    np.testing.assert_allclose(field.values, exact, rtol=0, atol=0.01)  # kilometres; float32
    assert (field.units, field.classes) == ("km", ())


def test_the_world_is_exact_to_less_than_a_cell_at_the_poles_and_the_dateline() -> None:
    field = data.distance_field(PLACES)
    near = np.concatenate([sphere.circle(tuple(place), 3.0) for place in PLACES])
    # 3 degrees are 334 km, a cell half a degree: the distance bends by 1 / 334 km, and by all within a cell of a place.
    np.testing.assert_allclose(field.sample(near), np.deg2rad(3) * sphere.EARTH_RADIUS_KM, rtol=0, atol=2)
    assert field.sample(PLACES).max() < 0.75 * np.deg2rad(0.5) * sphere.EARTH_RADIUS_KM  # half a cell's diagonal


def test_spacing_is_the_share_of_the_distances_to_the_nearest_other() -> None:
    rng = np.random.default_rng(0)
    places = sphere.to_lonlat(rng.normal(size=(200, 3)))
    between = sphere.great_circle_km(places[:, None], places[None])
    nearest = np.sort(between + 1e9 * np.eye(200), axis=1)[:, 0]
    for share in (0.5, 0.99):
        assert data.spacing(places, share) == pytest.approx(np.quantile(nearest, share), abs=0.01)


def test_spacing_of_places_that_are_one_few_or_many() -> None:
    assert np.isnan(data.spacing(PLACES[:1]))
    assert np.isnan(data.spacing(np.repeat(PLACES[:1], 1000, axis=0)))
    lattice = sphere.fibonacci_lattice(2 * MAX_SPACED + 1)  # evenly spaced: every second place tells as much as all
    area = 4 * np.pi * sphere.EARTH_RADIUS_KM**2 / len(lattice)
    assert 0.8 * area**0.5 < data.spacing(lattice) < 1.1 * area**0.5
    with pytest.raises(ValueError, match="no place to be near to"):
        data.distance_field(np.empty((0, 2)))


def test_a_place_that_occurs_twice_does_not_bring_the_spacing_down() -> None:
    lattice = sphere.fibonacci_lattice(500)
    assert data.spacing(np.repeat(lattice, 3, axis=0)) == pytest.approx(data.spacing(lattice), rel=1e-12)
    assert np.isnan(data.spacing([[10.0, 90.0], [-70.0, 90.0]]))  # one pole
