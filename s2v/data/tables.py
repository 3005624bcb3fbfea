"""Data sets that are known at given places only, such as towns: their parts, and what may be said in between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.data.blocks import deal
from s2v.data.catalogue import CATALOGUE
from s2v.data.dataset import TEST_PLACES, VALIDATION_PLACES, DataSet, Request
from s2v.data.nearest import tree


@dataclass(frozen=True, eq=False)
class Table:
    """Different places (n, 2) with a number (n,) each, and how far (km) around it a place speaks for others."""

    lonlat: NDArray[np.float64]
    numbers: NDArray[Any]
    reach: float

    @cached_property
    def _tree(self) -> Any:
        return tree(self.lonlat)

    def nearest(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """The number (...,) of the place nearest by great circle; NaN where none is within ``reach``."""
        chord = 2 * np.sin(self.reach / sphere.EARTH_RADIUS_KM / 2)
        # The tree leaves out what lies at the bound itself: one part in a million more takes in the edge.
        _, found = self._tree.query(sphere.to_unit_vectors(lonlat), distance_upper_bound=chord * (1 + 1e-6))
        values: NDArray[np.float64] = np.append(self.numbers.astype(float), np.nan)[found]
        return values


def known_at_places(request: Request, table: Table, **card: Any) -> DataSet:
    """A data set of the places of a table: parts dealt from them, truth that of the nearest place within reach."""
    parts = deal(table.lonlat, request.points, request.seed, request.split, (VALIDATION_PLACES, TEST_PLACES))
    train, val, test = np.split(np.arange(sum(map(len, parts))), np.cumsum([len(part) for part in parts])[:-1])
    chosen = np.concatenate(parts)
    known = CATALOGUE[request.base]
    return DataSet(
        request.name,
        known.title,
        known.task,
        table.lonlat[chosen],
        table.numbers[chosen],
        train,
        val,
        test,
        split=request.split,
        source=table.nearest,
        **card,
    )


def different(lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Indices of the first row of each different place, in order: no place may be in training and in test."""
    return np.sort(np.unique(lonlat, axis=0, return_index=True)[1])
