"""What every data set is, and how places are drawn for those that are known everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.data.catalogue import Task
from s2v.fields import Field, Grid

VALIDATION_PLACES = 4000
TEST_PLACES = 8000


@dataclass(frozen=True)
class DataSet:
    """Places with what is known of them, and how to draw it.

    ``lonlat`` (n, 2) degrees, float64.  ``target`` (n,): float64 in ``units`` for regression, int64 class numbers
    otherwise.  ``train``, ``val``, ``test`` are index arrays into both.  ``limits`` and ``colormap`` are the colour
    scale of a regression target; ``colors`` (#rrggbb) are those of ``classes``.  ``bayes`` is the best score that any
    model can reach, where it is known.  ``source`` gives the truth at any places, for data known everywhere.
    """

    name: str
    title: str
    task: Task
    lonlat: NDArray[np.float64]
    target: NDArray[Any]
    train: NDArray[np.int64]
    val: NDArray[np.int64]
    test: NDArray[np.int64]
    credit: str
    summary: str
    classes: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    units: str = ""
    colormap: str = "viridis"
    limits: tuple[float, float] = (0.0, 1.0)
    bayes: float | None = None
    source: Callable[[NDArray[np.float64]], NDArray[Any]] | None = None

    def truth_at(self, lonlat: ArrayLike) -> NDArray[Any]:
        """The truth (...,) at any places (..., 2): values in ``units``, or class numbers.

        ``ValueError`` for a data set that is known at its own places only.
        """
        if self.source is None:
            raise ValueError(f"The data set {self.name!r} is known at its own places only, not everywhere.")
        return self.source(sphere.check_lonlat(np.asarray(lonlat, dtype=float)))

    def truth(self, grid: Grid) -> Field:
        """The truth on a grid, ready to be drawn; class numbers are given as floats, as every ``Field`` has them."""
        return self.field(self.truth_at(grid.lonlat), grid, self.title)

    def field(self, values: ArrayLike, grid: Grid, title: str) -> Field:
        """Any values (rows, columns) of this data set's kind, such as predictions, with its units and colours."""
        limits = (-0.5, len(self.classes) - 0.5) if self.classes else self.limits
        return Field(
            np.asarray(values, dtype=float), grid, title, self.units, limits, self.colormap, self.classes, self.colors
        )


Indices = NDArray[np.int64]


def draw_places(points: int, seed: int) -> tuple[NDArray[np.float64], Indices, Indices, Indices]:
    """Places (n, 2) uniform on the sphere by area, and the index arrays of training, validation and test.

    Three independent streams: only the training places follow the seed, and more of them continue the same stream,
    so a smaller set is the beginning of a larger one.
    """
    parts = (
        sphere.random_points(points, np.random.default_rng([0, seed])),
        sphere.random_points(VALIDATION_PLACES, np.random.default_rng([1])),
        sphere.random_points(TEST_PLACES, np.random.default_rng([2])),
    )
    train, val, test = np.split(np.arange(sum(map(len, parts))), [points, points + VALIDATION_PLACES])
    return np.concatenate(parts), train, val, test
