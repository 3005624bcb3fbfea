"""A checkerboard for the sphere: cells of equal size everywhere, poles included.  Made, not measured."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.cells import cell_of
from s2v.data.dataset import DataSet, Description, Request
from s2v.data.everywhere import known_everywhere

CLASSES = 16


def load(request: Request) -> DataSet:
    """See ``s2v.data.load``."""
    cells = int(request.params["cells"])
    across = 2 * np.sqrt(4 / cells) * sphere.EARTH_RADIUS_KM  # of a disc with a cell's area
    description = Description(
        classes=tuple(f"Class {i + 1}" for i in range(CLASSES)),
        credit=f"Made here, after the checkerboard of Rußwurm and others (2024): {CLASSES} classes in the cells of a "
        "Fibonacci lattice (González 2010). No rights reserved.",
        summary=f"{cells:,} cells of nearly equal area, each some {across:,.0f} km across, in {CLASSES} classes: a "
        "place has the class of the nearest point of a spiral around the globe, counted from the north pole, modulo "
        f"{CLASSES}. The pattern is as fine at the poles as at the equator, so a code that blurs or tears anywhere "
        "shows it. Truth without noise: every place can be learned.",
    )
    return known_everywhere(request, lambda lonlat: checkerboard(lonlat, cells), description)


def checkerboard(lonlat: NDArray[np.float64], cells: int = 200) -> NDArray[np.int64]:
    """Class (...,), 0 to 15, at places (..., 2): the number of the nearest lattice point by great circle, modulo 16."""
    return cell_of(lonlat, cells) % CLASSES
