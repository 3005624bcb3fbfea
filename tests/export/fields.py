"""Fields that are written, and the grids that they are on."""

from __future__ import annotations

import numpy as np

from s2v import sphere
from s2v.fields import Field, Grid

GRIDS = {
    "world": Grid.equirectangular(10),
    "north": Grid.polar("north", 41, 60),
    "south": Grid.polar("south", 40, 30),
}
# As in exported_flags.nc and exported_classes.tif, which had colliding words and lost letters.
NAMES = ("Sterna sp. (hybrid)", "Sterna_sp. (hybrid)", 'Möwe; "gross", 海', "a b", "a_b", "<x>&")


def values(grid: Grid) -> Field:
    """A field that is nowhere symmetric, and unknown at one cell: a mirrored or turned map shows."""
    x, y, z = np.moveaxis(sphere.to_unit_vectors(grid.lonlat), -1, 0)
    heights = x + 10 * y + 100 * z
    heights[grid.rows // 2, grid.columns // 3] = np.nan
    return Field(heights, grid, "Height", "m", (-120.0, 120.0), about={"credit": "Möwen & Co."})


def classes(grid: Grid, names: tuple[str, ...] = NAMES, colors: tuple[str, ...] = ()) -> Field:
    numbers = np.arange(grid.rows * grid.columns, dtype=float).reshape(grid.shape) % len(names)
    numbers[grid.rows // 2, grid.columns // 3] = np.nan
    return Field(numbers, grid, "Predicted class", "", (-0.5, len(names) - 0.5), classes=names, colors=colors)
