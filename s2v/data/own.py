"""Your own data: places and what is known of them, from arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.data.blocks import Indices
from s2v.data.catalogue import OWN, Task, check_task
from s2v.data.class_names import check_class_names, is_damaged
from s2v.data.dataset import TEST_PLACES, VALIDATION_PLACES, DataSet
from s2v.data.nearest import different
from s2v.data.observations import Observations
from s2v.data.parts import deal
from s2v.data.splits import Split, check_split
from s2v.data.streams import stream
from s2v.errors import shown

REACH = 100.0  # kilometres: beyond this a place says nothing about the truth
MAX_SCORED = 1000  # training places that are scored where none are held out
MIN_VALUE, MAX_VALUE = 1e-30, 1e30  # size of the largest value: models learn in float32


def own(
    lonlat: ArrayLike,
    target: ArrayLike | None = None,
    task: Task | None = None,
    *,
    classes: Sequence[str] = (),
    title: str = "",
    credit: str = "Your own data.",
    summary: str = "",
    units: str = "",
    points: int | None = None,
    seed: int = 0,
    split: Split = "random",
    hold_out: bool = True,
) -> DataSet:
    """A data set of your own places and targets, ready for ``s2v.train``.

    Parameters
    ----------
    lonlat : array (n, 2)
        Places in degrees, longitude first.
    target : array (n,), optional
        What is known of each place.  Without it the places are the presences of a single class.
    task : "regression", "classification" or "presence", optional
        It follows from the target unless given: floating-point numbers are a regression, anything else (texts, whole
        numbers, true and false) a classification.
    classes : sequence of str, optional
        Names of classes that are given by number; otherwise the classes are the different targets, sorted.
    title, credit : str, optional
        Of maps.
    summary, units : str, optional
        A few sentences, and the unit of a regression's target.
    points : int, optional
        Train on at most as many places.
    seed : int, default 0
        Of the choice of training places.
    split : str, default "random"
        As in ``load``.  A tenth of the places are held out for validation and a fifth for test, at most 4,000 and
        8,000; with "buffer" and "control" a 24th and a 12th, along a line that halves the places (``s2v.data.parts``).
        Rows of the same place are in one part only.
    hold_out : bool, default True
        If false, all places are trained on, and the scores in training are of places that the model has seen.

    Returns
    -------
    DataSet

    Raises
    ------
    ValueError
        Where lengths differ, a place or target is missing, class names are equal or damaged text, values are too large
        or small for float32, or too few places are left in a part.

    Examples
    --------
    >>> from s2v import sphere
    >>> places = sphere.random_points(100)
    >>> d = own(places, np.where(places[:, 1] > 0, "north", "south"))
    >>> d.task, d.classes, len(d.train), len(d.val), len(d.test)
    ('classification', ('north', 'south'), 70, 10, 20)
    """
    places = sphere.check_lonlat(np.atleast_2d(np.asarray(lonlat, dtype=float)))
    if not len(places):
        raise ValueError("There are no places: a data set needs at least one.")
    split = check_split(split)
    if points is not None and points < 1:
        raise ValueError(f"points={points}: a data set needs at least one training place.")
    if target is None and task in ("regression", "classification"):
        raise ValueError(f"A {task} needs a target, one for each place; without one there are only presences.")
    if np.ma.is_masked(target):
        raise ValueError("Some targets are masked: drop or fill these rows first.")
    if is_damaged(title):
        raise ValueError(f"The title {shown(title)} is damaged text: no file can hold it. Write it again.")
    values = np.zeros(len(places), dtype=np.int64) if target is None else np.asarray(target)
    if values.shape != (len(places),):
        raise ValueError(f"There are {len(places)} places, and target has shape {values.shape}; it must be one each.")
    if task is None:
        guess: Task = "regression" if values.dtype.kind == "f" else "classification"
        task = "presence" if target is None else guess
    name = f"own:{check_task(task)}"
    names: tuple[str, ...] = ()
    if task == "regression":
        values = _numbers(values)
    else:
        values, names = _class_numbers(values, classes or (("presence",) if target is None else ()))
    if hold_out:
        train, val, test = _parts(places, points, seed, split)
    else:
        train = stream("training places", seed).permutation(len(places))[:points]
        val = test = train[:MAX_SCORED]
    limits = (float(values.min()), float(values.max())) if task == "regression" else (0.0, 1.0)
    return DataSet(
        name=name,
        title=title or OWN[name].title,
        task=task,
        lonlat=places,
        target=values,
        train=train,
        val=val,
        test=test,
        credit=credit,
        summary=summary or f"{len(places):,} places of your own.",
        classes=names,
        units=units,
        limits=limits if limits[0] < limits[1] else (limits[0] - 0.5, limits[0] + 0.5),
        spread="spread as in your data",
        split=split,
        source=Observations(places, values, REACH).nearest,
    )


def _numbers(values: NDArray[Any]) -> NDArray[np.float64]:
    try:
        numbers = values.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"The target of a regression must be numbers, not {str(values[0])[:40]!r}.") from None
    if not np.isfinite(numbers).all():
        row = int(np.argmin(np.isfinite(numbers)))
        raise ValueError(f"The target of row {row} is {numbers[row]}: drop or fill rows without a value first.")
    largest = abs(numbers).max()
    if largest and not MIN_VALUE <= largest <= MAX_VALUE:
        raise ValueError(
            f"The largest target is {largest:g} in size; allowed is from {MIN_VALUE:g} to {MAX_VALUE:g}. Choose other "
            "units, or take the logarithm."
        )
    return numbers


def _class_numbers(values: NDArray[Any], classes: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Class numbers (n,) and the names of the classes."""
    if classes:
        good = np.isin(values, np.arange(len(classes)))
        if not good.all():
            raise ValueError(
                f"With {len(classes)} classes named, targets must be whole numbers from 0 to {len(classes) - 1}; row "
                f"{int(np.argmin(good))} has {str(values[np.argmin(good)])[:40]!r}."
            )
        return values.astype(np.int64), check_class_names([str(name) for name in classes])
    try:
        different, numbers = np.unique(values, return_inverse=True)
    except TypeError:  # texts beside missing values, which have no order
        raise ValueError("The targets are of several kinds; give texts or numbers, and none that is missing.") from None
    missing = [str(value) for value in different if value is None or value != value]
    if missing:
        raise ValueError(f"Some targets are {missing[0]}: drop or fill rows without a class first.")
    names = (value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in different)
    return numbers.astype(np.int64), check_class_names(list(names))


def _parts(places: NDArray[np.float64], points: int | None, seed: int, split: Split) -> list[Indices]:
    """Training, validation and test rows; all rows of one place are in the same part."""
    # As unit vectors: a pole has many longitudes, and the dateline two.
    points_in_space = np.round(sphere.to_unit_vectors(places), 12) + 0.0
    first, place = different(points_in_space)
    distinct = places[first]
    parts = deal(distinct, points or len(distinct), seed, split, (VALIDATION_PLACES, TEST_PLACES))
    part_of = np.full(len(distinct), -1)
    for number, part in enumerate(parts):
        part_of[part] = number
    train, val, test = (np.flatnonzero(part_of[place] == number) for number in range(3))
    if not len(train):
        raise ValueError(
            f"Of {len(distinct)} different places none is left to train on with split={split!r}: they all lie in "
            "blocks that are held out. Use split='random'."
        )
    return [train, val, test]
