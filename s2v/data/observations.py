"""Data sets that are known at given places only, such as towns: how they are split, and the truth in between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.data.dataset import TEST_PLACES, VALIDATION_PLACES, DataSet, Description, Request, assemble
from s2v.data.nearest import tree
from s2v.data.parts import deal


@dataclass(frozen=True, eq=False)
class Observations:
    """Values at different places, each of which stands for its surroundings.

    Attributes
    ----------
    lonlat : array (n, 2)
        Places in degrees, longitude first, no two alike (``first_rows``).
    values : array (n,)
        A number each: a value or the number of a class.
    reach : float
        Kilometres around a place within which its value is taken for the truth.

    Examples
    --------
    >>> towns = Observations(np.array([[2.35, 48.85], [13.4, 52.5]]), np.array([0, 1]), reach=100)
    >>> towns.nearest(np.array([[2.0, 49.0], [13.0, 52.0], [0.0, 0.0]]))
    array([ 0.,  1., nan])
    """

    lonlat: NDArray[np.float64]
    values: NDArray[Any]
    reach: float

    @cached_property
    def _tree(self) -> Any:
        return tree(self.lonlat)

    def nearest(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value (...,) of the place nearest by great circle to (..., 2); NaN where none is within ``reach``."""
        chord = 2 * np.sin(self.reach / sphere.EARTH_RADIUS_KM / 2)
        # The tree leaves out what lies at the bound itself: one part in a million more takes in the edge.
        _, found = self._tree.query(sphere.to_unit_vectors(lonlat), distance_upper_bound=chord * (1 + 1e-6))
        values: NDArray[np.float64] = np.append(self.values.astype(float), np.nan)[found]
        return values


def known_at_places(request: Request, observations: Observations, description: Description) -> DataSet:
    """A data set of some of these observations; its truth elsewhere is that of the nearest one within reach.

    Parameters
    ----------
    request : Request
        As ``load(request)`` of a family is given it.
    observations : Observations
        All there are.
    description : Description
        No noise is added: observations have their own.

    Returns
    -------
    DataSet

    Raises
    ------
    ValueError
        Where the split leaves too few places in a part.
    """
    parts = deal(observations.lonlat, request.points, request.seed, request.split, (VALIDATION_PLACES, TEST_PLACES))
    chosen = np.concatenate(parts)
    parts = np.split(np.arange(len(chosen)), np.cumsum([len(part) for part in parts])[:-1])
    return assemble(
        request, description, observations.lonlat[chosen], observations.values[chosen], parts, observations.nearest
    )


def first_rows(lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Indices of the first row of each different place, in order, so that no place is in training and in test."""
    return np.sort(np.unique(lonlat, axis=0, return_index=True)[1])
