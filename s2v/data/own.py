"""Data sets of one's own: places and what is known of them, from arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.data.blocks import Indices, Split, check_split, deal
from s2v.data.catalogue import OWN, Task, check_task
from s2v.data.dataset import TEST_PLACES, VALIDATION_PLACES, DataSet, Request
from s2v.data.observations import Observations
from s2v.data.streams import stream

REACH = 100.0  # kilometres: beyond this a place says nothing of the truth
LOOKED_AT = 1000  # training places that are looked at where none are held out
SMALLEST, MAX_VALUE = 1e-30, 1e30  # of values in size: models learn them in float32


def load(request: Request) -> DataSet:
    """See ``s2v.data.load``: there is nothing to be loaded."""
    raise ValueError(
        f"data={request.name!r} are places of your own: make a data set of them with s2v.data.own or "
        "s2v.data.read_points, and hand it over with s2v.train(recipe, dataset=...)."
    )


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
    """A data set of ``lonlat`` (n, 2) degrees, longitude first, and ``target`` (n,), ready for ``s2v.train``.

    ``task`` follows from the target unless given: floating-point numbers are a regression, anything else (texts, whole
    numbers, true and false) a classification, and no target at all the presences of a single class.  ``classes`` are
    the names of classes that are given by number; otherwise they are the different targets, in their own order.

    A tenth of the places are held out for validation and a fifth for test (at most 4,000 and 8,000), at random or by
    blocks as ``split`` says; a place that comes several times is in one part only.  At most ``points`` places are
    trained on.  Without ``hold_out`` all are, and the scores of the training itself are of places it has seen.

    ``ValueError`` where lengths differ, a place or target is missing, values are too large or small for float32, or no
    place is left to train on.
    """
    places = sphere.check_lonlat(np.atleast_2d(np.asarray(lonlat, dtype=float)))
    if not len(places):
        raise ValueError("There are no places: a data set needs at least one.")
    check_split(split)
    if points is not None and points < 1:
        raise ValueError(f"points={points}: a data set needs at least one training place.")
    if target is None and task in ("regression", "classification"):
        raise ValueError(f"A {task} needs a target, one for each place; without one there are only presences.")
    if np.ma.is_masked(target):
        raise ValueError("Some targets are masked: drop or fill these rows first.")
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
        val = test = train[:LOOKED_AT]
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
    if largest and not SMALLEST <= largest <= MAX_VALUE:
        raise ValueError(
            f"The largest target is {largest:g} in size; allowed is from {SMALLEST:g} to {MAX_VALUE:g}. Choose other "
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
        return values.astype(np.int64), tuple(str(name) for name in classes)
    try:
        different, numbers = np.unique(values, return_inverse=True)
    except TypeError:  # texts beside missing values, which have no order
        raise ValueError("The targets are of several kinds; give texts or numbers, and none that is missing.") from None
    missing = [str(value) for value in different if value is None or value != value]
    if missing:
        raise ValueError(f"Some targets are {missing[0]}: drop or fill rows without a class first.")
    names = (value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in different)
    return numbers.astype(np.int64), tuple(names)


def _parts(places: NDArray[np.float64], points: int | None, seed: int, split: Split) -> list[Indices]:
    """Training, validation and test rows; rows of one place are all in the same part."""
    # As unit vectors: a pole has many longitudes, and the dateline two.
    points_in_space = np.round(sphere.to_unit_vectors(places), 12) + 0.0
    _, first, place = np.unique(points_in_space, axis=0, return_index=True, return_inverse=True)
    different = places[first]
    parts = deal(different, points or len(different), seed, split, (VALIDATION_PLACES, TEST_PLACES))
    part_of = np.full(len(different), -1)
    for number, part in enumerate(parts):
        part_of[part] = number
    train, val, test = (np.flatnonzero(part_of[place.ravel()] == number) for number in range(3))
    if not len(train):
        raise ValueError(
            f"Of {len(different)} different places none is left to train on with split={split!r}: they all lie in "
            "blocks that are held out. Use split='random'."
        )
    return [train, val, test]
