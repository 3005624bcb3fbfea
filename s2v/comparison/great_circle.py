"""The sphere's own kernel, to compare encoders with: the cosine of the great-circle angle.  Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.comparison.results import SimilarityMap, Walk
from s2v.fields import Grid

Values = NDArray[Any]


def great_circle_map(probe: Sequence[float], degrees: float = 2.0) -> SimilarityMap:
    """Cosine of the great-circle angle of every cell to ``probe``, float32."""
    grid, vectors = _vectors(degrees)
    return SimilarityMap(grid, (vectors @ _unit(probe)).reshape(grid.shape))


def walk_path(probe: Sequence[float], frames: int = 24) -> Values:
    """Places (frames, 2) from ``probe`` along its meridian to the nearer pole; from the equator to the north."""
    longitude, latitude = float(probe[0]), float(probe[1])
    pole = -90.0 if latitude < 0 else 90.0
    return np.stack([np.full(frames, longitude), np.linspace(latitude, pole, frames)], -1)


def great_circle_walk(probe: Sequence[float], frames: int = 24, degrees: float = 2.0) -> Walk:
    """``great_circle_map`` at each place of ``walk_path``."""
    path, (grid, vectors) = walk_path(probe, frames), _vectors(degrees)
    return Walk(path, grid, (_unit(path) @ vectors.T).reshape(-1, *grid.shape))


def _unit(places: Any) -> Values:
    vectors: Values = sphere.to_unit_vectors(np.asarray(places, dtype=float)).astype(np.float32)
    return vectors


@lru_cache(maxsize=4)
def _vectors(degrees: float) -> tuple[Grid, Values]:
    grid = Grid.equirectangular(degrees)
    return grid, _unit(grid.lonlat.reshape(-1, 2))
