"""The nearest of many places by great circle, and how far it is, from a tree of unit vectors.

Chords sort as great circles do.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.fields import Field, Grid

SHARE = 0.99  # of the places; the others are stragglers
MAX_SPACED = 20_000  # places whose neighbours are looked up, evenly chosen
FINE = 0.5  # degrees: finer than any map of the world that a page shows


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
    return _kilometres(chord)


def distance_field(places: ArrayLike, grid: Grid | None = None) -> Field:
    """How far the cells of a grid are from the nearest of some places: where a map made from these is a guess.

    Parameters
    ----------
    places : array (n, 2)
        Degrees, longitude first, such as ``dataset.lonlat[dataset.train]``: at least one.
    grid : s2v.fields.Grid, optional
        By default the whole world in cells of half a degree.

    Returns
    -------
    s2v.fields.Field
        Kilometres.

    Raises
    ------
    ValueError
        For places outside the ranges of longitude and latitude, or none at all.

    Examples
    --------
    >>> field = distance_field([[0.0, 90.0]], Grid.equirectangular(degrees=90))
    >>> field.values[:, 0].round(), field.units
    (array([ 5004., 15011.], dtype=float32), 'km')
    """
    grid = grid or Grid.equirectangular(FINE)
    kilometres = distance_to_nearest(grid.lonlat, places).astype(np.float32)
    limits = (0.0, float(kilometres.max()) or 1.0)
    return Field(kilometres, grid, "Distance to the nearest training place", "km", limits, "cividis")


def spacing(places: ArrayLike, share: float = SHARE) -> float:
    """The distance within which nearly all of some places have another one.

    What lies farther than that from all of them is farther from the data than the data are from each other, so that
    scores at held-out places of the same kind say nothing about it (after the area of applicability of Meyer and
    Pebesma 2021, "Predicting into unknown space?", Methods in Ecology and Evolution 12).

    Parameters
    ----------
    places : array (n, 2)
        Degrees, longitude first; a place that occurs several times counts once.
    share : float, default 0.99
        Of the places, from 0 to 1.

    Returns
    -------
    float
        Kilometres; NaN for fewer than two different places.

    Raises
    ------
    ValueError
        For places outside the ranges of longitude and latitude.

    Examples
    --------
    >>> round(spacing([[0.0, 0.0], [0.0, 1.0], [180.0, 0.0], [-179.0, 0.0]]))
    111
    """
    found = neighbour_km(places)
    return float(np.quantile(found, share)) if len(found) else math.nan


def mean_spacing(places: ArrayLike) -> float:
    """How far places are apart, in radians: twice the mean great-circle distance to the nearest other place.

    For n places spread at random over the sphere that is sqrt(4 pi / n), the side of a square of the area that each
    has for itself.

    Parameters
    ----------
    places : array (n, 2)
        Degrees, longitude first; a place that occurs several times counts once.

    Returns
    -------
    float
        Of a single place that of one place on the whole sphere, sqrt(4 pi).

    Raises
    ------
    ValueError
        For places outside the ranges of longitude and latitude.

    Examples
    --------
    >>> round(mean_spacing(sphere.random_points(2000)), 3), round(math.sqrt(4 * math.pi / 2000), 3)
    (0.079, 0.079)
    """
    found = neighbour_km(places)
    return float(2 * found.mean() / sphere.EARTH_RADIUS_KM) if len(found) else math.sqrt(4 * math.pi)


def neighbour_km(places: ArrayLike) -> NDArray[np.float64]:
    """How far places are from the nearest other place, by great circle.

    Parameters
    ----------
    places : array (n, 2)
        Degrees, longitude first; a place that occurs several times counts once.

    Returns
    -------
    array (m,)
        Kilometres: one for each different place, of more than ``MAX_SPACED`` for some of them, evenly chosen; none
        where there are fewer than two.

    Raises
    ------
    ValueError
        For places outside the ranges of longitude and latitude.

    Examples
    --------
    >>> neighbour_km([[0.0, 0.0], [0.0, 1.0], [0.0, 3.0]]).round()
    array([111., 111., 222.])
    """
    here = distinct(places)
    if len(here) < 2:
        return np.zeros(0)
    some = here[:: math.ceil(len(here) / MAX_SPACED)]
    chords, _ = tree(here).query(sphere.to_unit_vectors(some), k=2)  # the first is the place itself
    return _kilometres(chords[:, 1])


def distinct(places: ArrayLike) -> NDArray[np.float64]:
    """The different ones (m, 2) of some places (n, 2): a pole has many longitudes, and the dateline two."""
    here = sphere.check_lonlat(np.asarray(places, dtype=float))
    return here[first_of_each(here)]


def first_of_each(places: NDArray[np.float64]) -> NDArray[np.int64]:
    """The numbers (m,), rising, of those of the places (n, 2) that no earlier one equals."""
    first, _ = different(np.round(sphere.to_unit_vectors(places), 12) + 0.0)
    return np.sort(first)


def different(rows: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first of each different row, sorted by value, and the number (n,) of each row's: a quicker ``np.unique``."""
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    starts = np.ones(len(rows), dtype=bool)
    starts[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    number_of = np.empty(len(rows), dtype=np.int64)
    number_of[order] = np.cumsum(starts) - 1
    return order[starts], number_of


def is_within(kilometres: float, lonlat: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which places (n, 2) have one of the others (m, 2) nearer than so many kilometres: quicker than the distance."""
    chord = 2 * np.sin(min(kilometres / sphere.EARTH_RADIUS_KM, np.pi) / 2)
    found, _ = tree(places).query(sphere.to_unit_vectors(lonlat), distance_upper_bound=chord)
    return np.asarray(found < np.inf)


def _kilometres(chord: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great-circle distances (...,) of places whose unit vectors are so far apart."""
    return np.asarray(2 * np.arcsin(np.minimum(chord / 2, 1)) * sphere.EARTH_RADIUS_KM)
