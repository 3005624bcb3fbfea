"""Cells of equal area on the sphere: each is what lies nearest to one point of a Fibonacci lattice."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere


def cell_of(lonlat: ArrayLike, cells: int) -> NDArray[np.int64]:
    """The cell that each place is in.

    Parameters
    ----------
    lonlat : array (..., 2)
        Degrees, longitude first.
    cells : int
        How many there are on the sphere.

    Returns
    -------
    array (...,) of int64
        Numbers from 0, from north to south.

    Raises
    ------
    ValueError
        For places outside the ranges of longitude and latitude.

    Examples
    --------
    >>> cell_of([[0.0, 89.0], [0.0, -89.0]], 100)
    array([ 0, 99])
    """
    places = sphere.check_lonlat(np.asarray(lonlat, dtype=float))
    return np.asarray(_lattice(cells).query(sphere.to_unit_vectors(places))[1], dtype=np.int64)


def cells_across(kilometres: float) -> int:
    """How many cells the sphere is cut into so that one has the area of a disc of this diameter.

    Parameters
    ----------
    kilometres : float

    Returns
    -------
    int

    Examples
    --------
    >>> cells_across(1800), cells_across(5000)
    (200, 26)
    """
    return round(16 * (sphere.EARTH_RADIUS_KM / kilometres) ** 2)


@lru_cache(maxsize=8)
def _lattice(cells: int) -> Any:
    from scipy.spatial import cKDTree  # here, because it is slow to import

    return cKDTree(sphere.to_unit_vectors(sphere.fibonacci_lattice(cells)))
