"""What every data set is, and what is asked of a family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.data.blocks import BLOCKS, Indices, Split, draw
from s2v.data.catalogue import CATALOGUE, Task
from s2v.fields import Field, Grid

VALIDATION_PLACES = 4000
TEST_PLACES = 8000

Values = Callable[[NDArray[np.float64]], NDArray[Any]]


@dataclass(frozen=True)
class Request:
    """What is asked of a family: the name as given, its catalogue name and settings, and how to draw the places."""

    name: str
    base: str
    settings: Mapping[str, Any]
    points: int
    seed: int
    split: Split


@dataclass(frozen=True)
class DataSet:
    """Places with what is known of them, and how to draw it.

    ``lonlat`` (n, 2) degrees, float64.  ``target`` (n,): float64 in ``units`` for regression, int64 class numbers
    otherwise.  ``train``, ``val``, ``test`` are index arrays into both.  ``limits`` and ``colormap`` are the colour
    scale of a regression target; ``colors`` (#rrggbb) are those of ``classes``, or none.

    ``spread`` says in words where the places lie.  ``source`` gives the truth at any places; NaN where it is not known,
    as between the places of a set that is known at its own places only.  ``bayes`` is the best score that any model can
    reach in the long run at the test places, where it is known, ``bayes_val`` that at the validation places where it is
    another one; ``bayes_predict(lonlat)`` are the probabilities (..., classes) that
    reach them, at places (..., 2).  ``problems`` are sentences about rows of a user's file that were left out.
    """

    name: str
    title: str
    task: Task
    lonlat: NDArray[np.float64]
    target: NDArray[Any]
    train: Indices
    val: Indices
    test: Indices
    credit: str
    summary: str
    classes: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    units: str = ""
    colormap: str = "viridis"
    limits: tuple[float, float] = (0.0, 1.0)
    spread: str = "spread evenly over the sphere"
    split: Split = "random"
    bayes: float | None = None
    bayes_val: float | None = None
    bayes_predict: Values | None = None
    source: Values | None = None
    problems: tuple[str, ...] = ()

    @property
    def counts(self) -> Indices:
        """How many training places (classes,) each class has; empty for a regression."""
        if not self.classes:
            return np.zeros(0, dtype=np.int64)
        return np.bincount(self.target[self.train], minlength=len(self.classes))

    @property
    def unseen(self) -> tuple[str, ...]:
        """The classes without a training place: no model can learn them."""
        return tuple(name for name, count in zip(self.classes, self.counts, strict=True) if not count)

    def truth_at(self, lonlat: ArrayLike) -> NDArray[Any]:
        """The truth (...,) at any places (..., 2): values in ``units``, or class numbers; NaN where it is not known.

        ``ValueError`` for a data set without a ``source``.
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


def known_everywhere(request: Request, source: Values, **card: Any) -> DataSet:
    """A data set of places uniform on the sphere by area, whose target is ``source`` at them, without noise."""
    counts = request.points, VALIDATION_PLACES, TEST_PLACES
    lonlat, train, val, test = draw(sphere.random_points, counts, request.seed, request.split, BLOCKS)
    known = CATALOGUE[request.base]
    return DataSet(
        request.name,
        known.title,
        known.task,
        lonlat,
        source(lonlat),
        train,
        val,
        test,
        split=request.split,
        bayes=1.0,
        source=source,
        **card,
    )
