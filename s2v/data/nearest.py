"""The nearest of many places by great circle, from a tree of unit vectors: chords sort as great circles do."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere


def tree(lonlat: NDArray[np.float64]) -> Any:
    """A ``scipy.spatial.cKDTree`` of places (n, 2); query it with unit vectors."""
    from scipy.spatial import cKDTree  # here, because it is slow to import

    return cKDTree(sphere.to_unit_vectors(lonlat))


def distance_to_nearest(lonlat: ArrayLike, places: ArrayLike) -> NDArray[np.float64]:
    """How far each place is from the nearest of others, by great circle.

    Parameters
    ----------
    lonlat : array (..., 2)
        Degrees, longitude first.
    places : array (n, 2)
        The others: at least one.

    Returns
    -------
    array (...,)
        Kilometres.

    Raises
    ------
    ValueError
        For places outside the ranges of longitude and latitude, or none to be near to.

    Examples
    --------
    >>> distance_to_nearest([[0.0, 90.0], [179.0, 0.0]], [[0.0, 0.0], [-180.0, 0.0]]).round()
    array([10008.,   111.])
    """
    others = sphere.check_lonlat(np.asarray(places, dtype=float))
    if not len(others):
        raise ValueError("There is no place to be near to.")
    here = sphere.check_lonlat(np.asarray(lonlat, dtype=float))
    chord, _ = tree(others).query(sphere.to_unit_vectors(here))
    return np.asarray(2 * np.arcsin(np.minimum(chord / 2, 1)) * sphere.EARTH_RADIUS_KM)


def cell_of(lonlat: NDArray[np.float64], cells: int) -> NDArray[np.int64]:
    """Number (...,) of the point nearest to places (..., 2) in a Fibonacci lattice of ``cells`` points."""
    return np.asarray(_lattice(cells).query(sphere.to_unit_vectors(lonlat))[1], dtype=np.int64)


@lru_cache(maxsize=8)
def _lattice(cells: int) -> Any:
    return tree(sphere.fibonacci_lattice(cells))
