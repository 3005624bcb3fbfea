"""Training places, each once: unit vectors with the mean value, or the classes, of the rows at that place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.data.catalogue import Task

DIGITS = 12  # of unit vectors that tell two places apart: a pole has many longitudes, and the dateline two

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]


class Neighbours(NamedTuple):
    """The nearest training places of each of some places, nearest first.

    Attributes
    ----------
    distance : array (n, k)
        Radians.
    place : array (n, k)
        Numbers of the training places, as in ``Places.vectors``.
    """

    distance: Numbers
    place: Indices

    def first(self, k: int) -> Neighbours:
        """The ``k`` nearest of them, or all if there are fewer."""
        return Neighbours(self.distance[:, :k], self.place[:, :k])

    def rows(self, which: slice) -> Neighbours:
        """Those of some of the places."""
        return Neighbours(self.distance[which], self.place[which])


@dataclass(frozen=True, eq=False)
class Places:
    """Training rows, and the different places among them.

    Attributes
    ----------
    task : "regression", "classification" or "presence"
    classes : tuple of str
        Names of the classes; none for a regression.
    lonlat : array (rows, 2)
        Degrees, longitude first.
    target : array (rows,)
        Values, or class numbers.
    """

    task: Task
    classes: tuple[str, ...]
    lonlat: Numbers
    target: NDArray[Any]

    def __post_init__(self) -> None:
        if not len(self.lonlat):
            raise ValueError("There are no training places; a predictor needs at least one.")

    def __len__(self) -> int:
        return len(self.vectors)

    @cached_property
    def _distinct(self) -> tuple[Indices, Indices]:
        """The first row of each place, and the place of each row; places are in the order of their first rows."""
        points = np.round(self.vectors_of_rows, DIGITS) + 0.0
        _, first, place = np.unique(points, axis=0, return_index=True, return_inverse=True)
        order = np.argsort(first)
        number = np.empty_like(order)
        number[order] = np.arange(len(order))
        return first[order], number[place.ravel()]

    @cached_property
    def vectors(self) -> Numbers:
        """Unit vectors (n, 3) of the different places."""
        return self.vectors_of_rows[self._distinct[0]]

    @cached_property
    def counts(self) -> Numbers:
        """How many rows (n,) each place has."""
        return np.bincount(self._distinct[1]).astype(float)

    @cached_property
    def values(self) -> Numbers:
        """Mean value (n,) of each place in a regression."""
        return np.bincount(self._distinct[1], weights=self.target) / self.counts

    @cached_property
    def class_counts(self) -> Any:
        """How many rows of each class each place has: a ``scipy.sparse.csr_array`` (n, classes)."""
        from scipy.sparse import coo_array  # here, because it is slow to import

        ones, shape = np.ones(len(self.target)), (len(self), len(self.classes))
        return coo_array((ones, (self._distinct[1], self.target)), shape=shape).tocsr()

    @cached_property
    def shares(self) -> Numbers:
        """The share (classes,) of each class among all rows."""
        return np.bincount(self.target, minlength=len(self.classes)) / len(self.target)

    @cached_property
    def vectors_of_rows(self) -> Numbers:
        """Unit vectors (rows, 3) of all rows."""
        return sphere.to_unit_vectors(self.lonlat)

    def without(self, held_out: Indices) -> tuple[Places, Places]:
        """The rows of all other places, and those of the places of these numbers."""
        out = np.isin(self._distinct[1], held_out)
        others, those = (replace(self, lonlat=self.lonlat[rows], target=self.target[rows]) for rows in (~out, out))
        return others, those

    @cached_property
    def by_class(self) -> tuple[Numbers, Indices, Indices]:
        """Unit vectors (rows, 3) of all rows, class after class; the classes that have any; the first row of each."""
        order = np.argsort(self.target, kind="stable")
        classes, starts = np.unique(self.target[order], return_index=True)
        return self.vectors_of_rows[order], classes, starts

    @cached_property
    def class_trees(self) -> dict[int, Any]:
        """A ``scipy.spatial.cKDTree`` of the rows of each class that has any."""
        from scipy.spatial import cKDTree  # here, because it is slow to import

        vectors, classes, starts = self.by_class
        parts = np.split(vectors, starts[1:])
        return {int(number): cKDTree(part) for number, part in zip(classes, parts, strict=True)}

    @cached_property
    def _tree(self) -> Any:
        from scipy.spatial import cKDTree  # here, because it is slow to import

        return cKDTree(self.vectors)

    def neighbours(self, vectors: Numbers, k: int) -> Neighbours:
        """The ``k`` nearest training places, or all if there are fewer, of places given as unit vectors (n, 3).

        From a tree in space: chords sort as great circles do, so poles and dateline are places like all others.
        """
        k = min(k, len(self))
        chord, place = self._tree.query(vectors, k=np.arange(1, k + 1))
        return Neighbours(arc(chord), place.astype(np.int64))


def arc(chord: Numbers) -> Numbers:
    """Central angles in radians of chords of the unit sphere."""
    return 2 * np.arcsin(np.minimum(chord / 2, 1))
