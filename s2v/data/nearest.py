"""The nearest of many places by great circle, from a tree of unit vectors: chords sort as great circles do."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import sphere


def tree(lonlat: NDArray[np.float64]) -> Any:
    """A ``scipy.spatial.cKDTree`` of places (n, 2); query it with unit vectors."""
    from scipy.spatial import cKDTree  # here, because it is slow to import

    return cKDTree(sphere.to_unit_vectors(lonlat))


def cell_of(lonlat: NDArray[np.float64], cells: int) -> NDArray[np.int64]:
    """Number (...,) of the point nearest to places (..., 2) in a Fibonacci lattice of ``cells`` points."""
    return np.asarray(_lattice(cells).query(sphere.to_unit_vectors(lonlat))[1], dtype=np.int64)


@lru_cache(maxsize=8)
def _lattice(cells: int) -> Any:
    return tree(sphere.fibonacci_lattice(cells))
