"""What every data set is, what a family says of one, and what is asked of a family."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.cells import cells_across
from s2v.data.blocks import TEST, Indices, block_of
from s2v.data.catalogue import CATALOGUE, Task
from s2v.data.nearest import distance_to_nearest
from s2v.data.parts import region
from s2v.data.splits import Split, rung
from s2v.data.streams import stream
from s2v.data.understood import Understood
from s2v.evaluation.latitudes import PLACES_EACH, latitude_places
from s2v.fields import Field, Grid

VALIDATION_PLACES = 4000
TEST_PLACES = 8000
GROUP_KM = 500  # blocks whose places are resampled together: relief and the geoid vary over some hundred kilometres

Values = Callable[[NDArray[np.float64]], NDArray[Any]]
Observe = Callable[[NDArray[np.float64], np.random.Generator], NDArray[Any]]


class LatitudePlaces(NamedTuple):
    """Held-out places, as many in every latitude band, with what is observed there.

    Attributes
    ----------
    lonlat : array (n, 2)
        Degrees, longitude first.
    target : array (n,)
    weights : array (n,)
        Share of the sphere that each place stands for.

    Examples
    --------
    >>> from s2v import data
    >>> at = data.load("geoid", points=1).by_latitude
    >>> at.lonlat.shape, int((at.lonlat[:, 1] > 85).sum())
    ((20000, 2), 2000)
    """

    lonlat: NDArray[np.float64]
    target: NDArray[Any]
    weights: NDArray[np.float64]


@dataclass(frozen=True)
class Request:
    """What is asked of a family: the name as given, its catalogue name and parameters, and how to draw the places.

    Attributes
    ----------
    name : str
        The name with its parameters, as in ``"checkerboard,cells=1000"``.
    base : str
        The name without them.
    params : mapping of str to value
        All parameters of the data set, with their defaults.
    points : int
        How many training places.
    seed : int
        Of the training places.
    split : str
        As in ``s2v.data.load``.

    Examples
    --------
    >>> Request("checkerboard", "checkerboard", {"cells": 200}, points=500, seed=0, split="random").params["cells"]
    200
    """

    name: str
    base: str
    params: Mapping[str, Any]
    points: int
    seed: int
    split: Split


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a family says of a data set, beside its places and targets.

    Attributes
    ----------
    credit : str
        Source and licence, in a line that also stands in ``assets/data/CREDITS.md``.
    summary : str
        A few sentences: what it is, with its numbers, and what to look at.
    classes : tuple of str
        Names of the classes; none for a regression.
    colors : tuple of str
        Colours of the classes, #rrggbb; none for the usual ones.
    units : str
        Unit of a regression's target.
    colormap, limits : str, (float, float)
        Colour map, and the ends of its scale, of a regression.
    spread : str
        Where the places lie, in words that follow "places that no network was trained on, ".
    noise : float, default 0
        Noise that ``known_everywhere`` adds to the truth: the standard deviation, in ``units``, of normal noise in a
        regression; the share of places with the label of another class in a classification.
    bayes : float, optional
        The best score (R2, accuracy) that any model can reach in the long run at the test places.  ``known_everywhere``
        works it out from the noise unless it is given.
    bayes_val : float, optional
        The same at the validation places, where it differs.
    bayes_predict : callable, optional
        ``bayes_predict(lonlat)``: the probabilities (..., classes) that reach it, at places (..., 2).

    Examples
    --------
    >>> Description(credit="Made here.", summary="A wave.", units="m", limits=(-1.0, 1.0), noise=0.1).spread
    'spread evenly over the sphere'
    """

    credit: str
    summary: str
    classes: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    units: str = ""
    colormap: str = "viridis"
    limits: tuple[float, float] = (0.0, 1.0)
    spread: str = "spread evenly over the sphere"
    noise: float = 0.0
    bayes: float | None = None
    bayes_val: float | None = None
    bayes_predict: Values | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class DataSet(Description):
    """Places with what is known of them, and how to draw it.

    Attributes
    ----------
    name, title : str
        The name that ``s2v.data.load`` takes, and one for people.
    task : "regression", "classification" or "presence"
    lonlat : array (n, 2) of float64
        Places in degrees, longitude first.
    target : array (n,)
        float64 in ``units`` for a regression, int64 class numbers otherwise.
    train, val, test : arrays of int64
        Indices into ``lonlat`` and ``target``.
    split : str
        As in ``s2v.data.load``.
    source : callable, optional
        ``source(lonlat)``: the truth (...,) at any places (..., 2), without noise; NaN where it is not known, as
        between the places of a set that is known at its own places only.
    observe : callable, optional
        ``observe(lonlat, rng)``: what is observed (n,) at any places (n, 2): the truth with noise of its own.  None
        where that is not known.
    cells : int, optional
        How many blocks the split has, where that does not follow from its name.
    problems : tuple of str
        Sentences about rows of a user's file that were left out.
    understood : Understood, optional
        How a user's file was read: columns, signs, rows left out by reason, warnings.

    The others are those of ``Description``.

    Examples
    --------
    >>> from s2v import data
    >>> d = data.load("checkerboard", points=100)
    >>> d.lonlat.shape, d.target.shape, len(d.train), len(d.classes), d.bayes
    ((12100, 2), (12100,), 100, 16, 1.0)
    """

    name: str
    title: str
    task: Task
    lonlat: NDArray[np.float64]
    target: NDArray[Any]
    train: Indices
    val: Indices
    test: Indices
    split: Split = "random"
    source: Values | None = None
    observe: Observe | None = None
    cells: int | None = None
    problems: tuple[str, ...] = ()
    understood: Understood | None = None

    def __repr__(self) -> str:
        what = (
            f"{len(self.classes):,} classes" if self.classes else f"values{f' in {self.units}' if self.units else ''}"
        )
        places = (
            f"{len(self.lonlat):,} places ({len(self.train):,} train, {len(self.val):,} val, {len(self.test):,} test)"
        )
        about = f"DataSet {self.name!r}: {self.task} of {what} at {places}."
        return f"<{about}>" if self.understood is None else f"<{about}\n{self.understood}>"

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

    @cached_property
    def by_latitude(self) -> LatitudePlaces | None:
        """Places for scores by latitude, some 2,000 in every band; None where the truth is not known everywhere.

        With whole blocks or latitudes held out only those that lie there, so that a band may have none, and with a
        line of held-out places no others than these: None; in a mixture only where there are places at all.
        """
        held_out = rung(self.split)
        if self.observe is None or self.source is None or held_out.along_a_line:
            return None
        each = 5 * PLACES_EACH if held_out.kind == "blocks" else PLACES_EACH  # a fifth of the blocks is test
        lonlat, weights = latitude_places(each)
        kept = ~np.isnan(self.source(lonlat).astype(float))
        if held_out.kind != "random":
            kept &= region(self.split, self.cells)(lonlat) == TEST
        lonlat, weights = lonlat[kept], weights[kept]
        return LatitudePlaces(lonlat, self.observe(lonlat, stream("observations by latitude")), weights)

    @cached_property
    def test_distances_km(self) -> NDArray[np.float64]:
        """How far each test place (test,) is from the nearest training place by great circle, in kilometres."""
        return distance_to_nearest(self.lonlat[self.test], self.lonlat[self.train])

    def groups_of(self, lonlat: ArrayLike) -> Indices | None:
        """Groups of held-out places that resemble each other, for the intervals of scores (``evaluation.judge``).

        Parameters
        ----------
        lonlat : array (n, 2)
            Places in degrees, longitude first.

        Returns
        -------
        array (n,) of int64, or None
            The block of 500 km that each lies in; None where held-out places lie at random.
        """
        return None if self.split == "random" else block_of(lonlat, cells_across(GROUP_KM))

    def truth_at(self, lonlat: ArrayLike) -> NDArray[Any]:
        """The truth at any places: values in ``units``, or class numbers; NaN where it is not known.

        Parameters
        ----------
        lonlat : array (..., 2)
            Places in degrees, longitude first.

        Returns
        -------
        array (...,)

        Raises
        ------
        ValueError
            For a data set without a ``source``.
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
        values = np.asarray(values, dtype=float)
        about = {"credit": self.credit}
        return Field(values, grid, title, self.units, limits, self.colormap, self.classes, self.colors, about)


def assemble(
    request: Request,
    description: Description,
    lonlat: NDArray[np.float64],
    target: NDArray[Any],
    parts: Sequence[Indices],
    source: Values,
    observe: Observe | None = None,
    cells: int | None = None,
) -> DataSet:
    """The data set of a request: places and targets, the ``parts`` train, val and test, and the description."""
    entry = CATALOGUE[request.base]
    train, val, test = parts
    return DataSet(
        name=request.name,
        title=entry.title,
        task=entry.task,
        lonlat=lonlat,
        target=target,
        train=train,
        val=val,
        test=test,
        split=request.split,
        source=source,
        observe=observe,
        cells=cells,
        **vars(description),
    )
