"""The suite ``folds``: how far held-out places lie from the training places, in two kinds of spatial folds.

CoordBench's are cells of longitude and latitude, 10 degrees wide, dealt to five folds at random
(``src/torchgeo_bench/coordbench/probe.py`` of torchgeo/torchgeo-bench at commit 0096e58); the lab's blocks are as many
square kilometres everywhere, as a cell has at the equator.  Both are dealt in the same way here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from s2v import data
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.cells import cell_of
from s2v.data.nearest import distance_to_nearest

DEGREES, FOLDS = 10, 5
POINTS = 20_000
DATELINE = 5.0  # degrees of longitude to either side of it
BANDS = ((0, 30), (30, 60), (60, 70), (70, 80), (80, 85), (85, 90))  # of latitude, north and south
KINDS = ("cells of 10 degrees", "blocks of equal area")
COLUMNS = ("where", "places", *KINDS)
NOTES = (
    "Kilometres from a held-out place to the nearest training place: the median and, in brackets, the 5th and the 95th "
    "of a hundred, over all folds and seeds.",
)


def run(
    points: int = POINTS,
    repeat: int = 5,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    dataset: str = "relief",
) -> Report:
    """Deals the training places of a data set to folds of both kinds, with ``repeat`` seeds."""
    if repeat < 1:
        raise ValueError(f"repeat={repeat} is not a whole number of at least 1.")
    found = data.load(dataset, points)
    lonlat = found.lonlat[found.train]
    degrees = np.floor(lonlat / DEGREES)
    numbered = {
        KINDS[0]: np.unique(degrees, axis=0, return_inverse=True)[1].ravel(),
        KINDS[1]: np.unique(cell_of(lonlat, blocks()), return_inverse=True)[1],
    }
    far = {}
    for kind, cells in numbered.items():
        far[kind] = np.stack([_distances(lonlat, cells, seed) for seed in range(repeat)])
        on_progress(f"{kind}: {cells.max() + 1} with places")
    latitude = abs(lonlat[:, 1])
    parts = {f"{low} to {high} degrees": (latitude >= low) & (latitude <= high) for low, high in BANDS}
    parts[f"within {DATELINE:g} degrees of the dateline"] = abs(lonlat[:, 0]) > 180 - DATELINE
    rows = tuple(_row(where, inside, far) for where, inside in parts.items() if inside.any())
    about = f"{dataset}, {len(lonlat):,} places, {FOLDS} folds, {repeat} seeds"
    return Report("folds", about, COLUMNS, rows, NOTES)


def blocks() -> int:
    """How many blocks the sphere is cut into, so that one has the area of a cell at the equator."""
    return round(4 * np.pi / (np.radians(DEGREES) * np.sin(np.radians(DEGREES))))


def _distances(lonlat: NDArray[np.float64], cells: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """How far each place (n,) is from the nearest one of another fold."""
    fold = (np.random.default_rng(seed).permutation(cells.max() + 1) % FOLDS)[cells]
    far = np.empty(len(lonlat))
    for each in np.unique(fold):
        far[fold == each] = distance_to_nearest(lonlat[fold == each], lonlat[fold != each])
    return far


def _row(where: str, inside: NDArray[np.bool_], far: Mapping[str, NDArray[np.float64]]) -> dict[str, Cell]:
    row: dict[str, Cell] = {"where": where, "places": f"{inside.sum():,}"}
    for kind, kilometres in far.items():
        low, middle, high = np.quantile(kilometres[:, inside], (0.05, 0.5, 0.95))
        row[kind] = f"{middle:,.0f} ({low:,.0f} to {high:,.0f})"
    return row
