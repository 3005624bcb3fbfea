"""The test card: lines where they are said to be, exact at every place and on every grid."""

import numpy as np
import pytest

from s2v import sphere
from s2v.fields import Grid
from s2v.figures.testcard import CIRCLE_CENTER, CIRCLE_RADIUS, LINE_WIDTH, PARALLELS, test_card, test_card_value

BETWEEN = 13.7  # a longitude (plus multiples of 30) far from every meridian drawn
HALF = LINE_WIDTH / 2


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("parallel", PARALLELS)
def test_parallels_on_both_hemispheres_are_as_wide_as_said(parallel, sign):
    def value(latitude):
        return test_card_value(np.array([BETWEEN + 120, sign * latitude]))

    assert value(parallel) == 1
    assert value(parallel + 0.9 * HALF) == value(parallel - 0.9 * HALF) == 1
    assert value(parallel - 1.1 * HALF) == 0


@pytest.mark.parametrize("latitude", [0.0, 65.0, 83.0, -83.0])
def test_meridians_keep_their_width_on_the_ground(latitude):
    for meridian in range(-180, 181, 30):
        middle = np.array([meridian, latitude])
        for azimuth in (90, -90):
            beside = sphere.destination(middle, azimuth, np.deg2rad([0.9 * HALF, 1.1 * HALF]))
            if abs(sphere.great_circle(middle, np.array(CIRCLE_CENTER)) - np.deg2rad(CIRCLE_RADIUS)) > 0.02:
                np.testing.assert_array_equal(test_card_value(beside), [1, 0])


def test_the_small_circle_is_a_circle_on_the_sphere():
    assert test_card_value(sphere.circle(CIRCLE_CENTER, CIRCLE_RADIUS)).all()
    # Towards azimuth 60 nothing else is near: no parallel, no meridian.
    inside, outside = (sphere.destination(CIRCLE_CENTER, 115, np.deg2rad(CIRCLE_RADIUS + d)) for d in (-0.5, 0.5))
    assert test_card_value(np.array([inside, outside])).sum() == 0


def test_the_south_has_no_small_circle():
    mirrored = sphere.circle((CIRCLE_CENTER[0], -CIRCLE_CENTER[1]), CIRCLE_RADIUS)
    assert test_card_value(mirrored).mean() < 0.6


@pytest.mark.parametrize("grid", [Grid.equirectangular(1.0), Grid.polar("north", 201), Grid.polar("south", 120, 70)])
def test_a_card_on_a_grid_covers_cells_as_the_exact_one_does(grid):
    card = test_card(grid)
    fine = Grid(grid.kind, 4 * grid.rows, 4 * grid.columns, grid.edge)
    exact = test_card_value(fine.lonlat).reshape(grid.rows, 4, grid.columns, 4).mean(axis=(1, 3))
    np.testing.assert_array_equal(card.values, exact)
    assert 0.02 < card.values[grid.inside].mean() < 0.5
