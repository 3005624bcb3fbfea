"""Round kernels on maps, to compare encoders with: similarity by great-circle distance alone.  Free of torch.

Each encoder is compared with the round kernel of its own half-width (``s2v.isotropic``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import isotropic, sphere
from s2v.comparison.results import SimilarityMap
from s2v.fields import Grid

Values = NDArray[Any]


def round_map(probe: Sequence[float], half_width_km: float, degrees: float = 2.0) -> SimilarityMap:
    """The round kernel of a half-width in kilometres around ``probe`` on a grid with cells of ``degrees``, float32."""
    grid, vectors = _vectors(degrees)
    cosine = (vectors @ _unit(probe)).clip(-1, 1).astype(float)
    values = isotropic.kernel(np.arccos(cosine), half_width_km / sphere.EARTH_RADIUS_KM)
    return SimilarityMap(grid, values.astype(np.float32).reshape(grid.shape))


def walk_path(probe: Sequence[float], frames: int = 24) -> Values:
    """Places (frames, 2) from ``probe`` along its meridian to the nearer pole; from the equator to the north."""
    longitude, latitude = float(probe[0]), float(probe[1])
    pole = -90.0 if latitude < 0 else 90.0
    return np.stack([np.full(frames, longitude), np.linspace(latitude, pole, frames)], -1)


def _unit(places: Any) -> Values:
    return sphere.to_unit_vectors(np.asarray(places, dtype=float))


@lru_cache(maxsize=4)
def _vectors(degrees: float) -> tuple[Grid, Values]:
    grid = Grid.equirectangular(degrees)
    return grid, _unit(grid.lonlat.reshape(-1, 2))
