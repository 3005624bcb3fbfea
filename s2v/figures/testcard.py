"""A test card: a drawing whose exact picture is known, to check that a renderer is right near the poles.

Parallels at 60, 70, 75, 80, 85 and 88 degrees on both hemispheres, meridians every 30 degrees, and a circle of
4 degrees around 85 N 20 E, as lines of even width on the sphere.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.fields import Field, Grid

PARALLELS = (60.0, 70.0, 75.0, 80.0, 85.0, 88.0)  # degrees, north and south
MERIDIAN_STEP = 30.0  # degrees
CIRCLE_CENTER, CIRCLE_RADIUS = (20.0, 85.0), 4.0  # longitude and latitude; degrees
LINE_WIDTH = 0.6  # degrees on the sphere


def test_card_value(lonlat: ArrayLike) -> NDArray[Any]:
    """Whether places lie on a line of the test card, exactly.

    Parameters
    ----------
    lonlat : (..., 2) array
        Longitude and latitude in degrees.

    Returns
    -------
    (...,) array
        1.0 on a line, else 0.0.

    Examples
    --------
    >>> test_card_value([[10.0, 80.0], [10.0, 82.0]])
    array([1., 0.])
    """
    return (_distance_to_lines(np.asarray(lonlat, dtype=float)) <= LINE_WIDTH / 2).astype(float)


def test_card(grid: Grid) -> Field:
    """The test card on a grid.  Each cell holds the share of it that a line covers, from 4 x 4 samples.

    The grey of partly covered cells lets a renderer that interpolates put the edge of a line in the right place.

    Parameters
    ----------
    grid : Grid
        Of any kind.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> test_card(Grid.polar("north", 51)).limits
    (0.0, 1.0)
    """
    # Sample only the cells that a line may touch: those within half a line's width and a cell's diagonal of one.
    cell = 180 / grid.rows if grid.kind == "equirectangular" else np.rad2deg(2 * grid.extent / grid.rows)
    near = _distance_to_lines(grid.lonlat) <= LINE_WIDTH / 2 + 1.5 * cell
    fine = Grid(grid.kind, 4 * grid.rows, 4 * grid.columns, grid.edge).lonlat
    samples = fine.reshape(grid.rows, 4, grid.columns, 4, 2).swapaxes(1, 2)[near]  # (near cells, 4, 4, 2)
    value = np.zeros(grid.shape)
    value[near] = test_card_value(samples).mean(axis=(1, 2))
    return Field(value, grid, "Test card", limits=(0.0, 1.0), colormap="gray")


# pytest must not take these two functions for tests.
test_card_value.__test__ = False  # type: ignore[attr-defined]
test_card.__test__ = False  # type: ignore[attr-defined]


def _distance_to_lines(lonlat: NDArray[Any]) -> NDArray[Any]:
    """Great-circle distance in degrees to the nearest line."""
    lonlat = sphere.check_lonlat(lonlat)
    longitude, latitude = lonlat[..., 0], lonlat[..., 1]
    distance = np.min([np.abs(np.abs(latitude) - parallel) for parallel in PARALLELS], axis=0)
    aside = np.abs(np.remainder(longitude + MERIDIAN_STEP / 2, MERIDIAN_STEP) - MERIDIAN_STEP / 2)
    meridian = np.rad2deg(np.arcsin(np.cos(np.deg2rad(latitude)) * np.sin(np.deg2rad(aside))))
    center = np.rad2deg(sphere.great_circle(lonlat, np.array(CIRCLE_CENTER)))
    return np.minimum(np.minimum(distance, meridian), np.abs(center - CIRCLE_RADIUS))
