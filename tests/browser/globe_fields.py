"""Functions on the sphere that the tests of the linked globes draw and know without a grid."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.fields import Field, Grid

VEIL_PLACES = [(0.0, 90.0), (180.0, 20.0), (-179.0, -70.0), (40.0, 55.0)]  # a pole, the dateline, and near both


def waves(lonlat: NDArray[Any], degree: float = 5.0, shift: float = 0.0) -> NDArray[Any]:
    """A smooth function with values in [-1, 1] that has no symmetry about the axis."""
    x, y, z = np.moveaxis(sphere.to_unit_vectors(lonlat), -1, 0)
    return np.sin(degree * x + 2 * y + shift) * np.cos(degree * z)


def wave_field(grid: Grid, degree: float = 5.0, shift: float = 0.0, colormap: str = "viridis") -> Field:
    return Field(waves(grid.lonlat, degree, shift), grid, f"Waves {degree:g}", "m", (-1.0, 1.0), colormap)


def land_classes(grid: Grid) -> Field:
    """Three classes, and a hole where values are missing."""
    lonlat = grid.lonlat
    values = np.digitize(waves(lonlat, 3), [-0.3, 0.3]).astype(float)
    values[np.rad2deg(sphere.great_circle(lonlat, np.array([60.0, 70.0]))) < 12] = np.nan
    return Field(values, grid, "Classes", classes=("low", "middle", "high"))
