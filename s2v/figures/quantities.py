"""What a map of a model shows, as fields: its values, the probability of a class, its error, and others.

The Maps page and ``python -m s2v map`` draw the same numbers with the same titles, units, limits and colours.
Free of torch.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from s2v.data import DataSet
from s2v.data.catalogue import Task
from s2v.fields import Field, Grid, symmetric_limits
from s2v.figures.colormaps import DIVERGING

RIGHT_OR_WRONG = ("right", "wrong")
RIGHT_OR_WRONG_COLORS = ("#e8e8e8", "#d55e00")
QUANTILE = 0.98  # of the cells lie within the limits of an error, a difference or a standard error


def quantity_field(
    quantity: str,
    values: NDArray[np.float64],
    grid: Grid,
    dataset: DataSet,
    by: str,
    number: int = 0,
    less: NDArray[np.float64] | None = None,
    rival: str = "",
) -> Field:
    """A quantity of a model on a grid, with its title, units, limits and colours.

    Parameters
    ----------
    quantity : str
        One of ``s2v.models.map_snippets.QUANTITIES`` but "truth" and "distance", which need no model.
    values : array (rows, columns)
        What the model says: probabilities for a probability or a difference of classes; else its predictions, the
        numbers of its most probable classes, its entropies, or its standard errors.
    grid : s2v.fields.Grid
    dataset : s2v.data.DataSet
        The model's data; for data that are not known, ``unknown_data``.
    by : str
        The model's name.
    number : int, default 0
        Number of the class.
    less : array (rows, columns), optional
        The truth for an error; what the other model says for a difference.
    rival : str
        The other model's name.

    Returns
    -------
    s2v.fields.Field

    Examples
    --------
    >>> from s2v import data
    >>> geoid, grid = data.load("geoid", 1), Grid.equirectangular(90)
    >>> field = quantity_field("error", np.full(grid.shape, 3.0), grid, geoid, "xyz", less=np.full(grid.shape, 1.0))
    >>> field.title, float(field.values[0, 0]), field.limits
    ('Geoid height, error of xyz', 2.0, (-2.0, 2.0))
    """
    classes, units = dataset.classes, dataset.units
    if quantity == "prediction":
        predicted = dataset.field(values, grid, f"{dataset.title}, predicted by {by}")
        if len(dataset.lonlat) or classes:
            return predicted
        low, high = float(values.min()), float(values.max())  # of such data no usual limits are known
        return replace(predicted, title=by, limits=(low, high) if low < high else (low - 0.5, high + 0.5))
    if quantity == "error":
        assert less is not None
        predicted, truth = dataset.field(values, grid, ""), dataset.field(less, grid, "")
        limit = 1.0 if classes else _limit(values - less)
        return replace(error(predicted, truth, limit), title=f"{dataset.title}, error of {by}")
    if quantity == "difference":
        assert less is not None
        limit = _limit(values - less)
        what = f"Probability of {classes[number]}" if classes else dataset.title
        title = f"{what}: {by} less {rival}"
        return Field(values - less, grid, title, "" if classes else units, (-limit, limit), "RdBu_r")
    if quantity == "probability":
        return Field(values, grid, f"Probability of {classes[number]}, {by}", "", (0.0, 1.0), "viridis")
    if quantity == "entropy":
        return Field(values, grid, f"{dataset.title}, uncertainty of {by}", "", (0.0, 1.0), "viridis")
    high = rounded_up(float(np.nanquantile(values, QUANTILE)) or 1.0)
    return Field(values, grid, f"{dataset.title}, standard error of {by}", units, (0.0, high), "viridis")


def error(prediction: Field, truth: Field, limit: float) -> Field:
    """Prediction minus truth, on a scale from ``-limit`` to ``limit``; for classes, right or wrong."""
    if truth.classes:
        wrong = np.where(np.isnan(truth.values), np.nan, prediction.values != truth.values)
        return Field(
            wrong, truth.grid, "Error", limits=(-0.5, 1.5), classes=RIGHT_OR_WRONG, colors=RIGHT_OR_WRONG_COLORS
        )
    diverging = truth.colormap if truth.colormap in DIVERGING else "RdBu_r"
    return truth.with_values(
        prediction.values - truth.values, title="Error", limits=(-limit, limit), colormap=diverging
    )


def coloured(found: Field, colormap: str, low: float | None, high: float | None, centre: float = 0.0) -> Field:
    """A field of values with another colour map ("" keeps its own) and other limits (None keeps them).

    The limits of a diverging map lie as far below ``centre`` as above it, unless both are given.  ``ValueError`` for
    limits that do not rise.
    """
    if found.classes:
        return found
    name = colormap or found.colormap
    lower, upper = (found.limits[0] if low is None else low), (found.limits[1] if high is None else high)
    if name in DIVERGING and (low is None or high is None):
        given = [abs(limit - centre) for limit in (low, high) if limit is not None]
        reach = given[0] if given else max(abs(found.limits[0] - centre), abs(found.limits[1] - centre))
        lower, upper = centre - reach, centre + reach
    if not lower < upper or not math.isfinite(upper - lower):
        raise ValueError(f"The colours go from {lower:g} to {upper:g}; the highest value must be above the lowest.")
    return replace(found, colormap=name, limits=(lower, upper))


def rounded_up(value: float) -> float:
    """The next of ..., 0.1, 0.2, 0.5, 1, 2, 5, ...: while a race is live the scale rarely changes."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if value <= step * power * (1 + 1e-9))


def unknown_data(name: str, task: Task, classes: tuple[str, ...], credit: str) -> DataSet:
    """Stands for the data of a model from a file, of which only the classes are known; it has no places."""
    none = np.zeros(0, dtype=np.int64)
    return DataSet(
        name=name,
        title="Predicted class" if classes else "Predicted value",
        task=task,
        lonlat=np.zeros((0, 2)),
        target=none,
        train=none,
        val=none,
        test=none,
        credit=credit,
        summary="",
        classes=classes,
    )


def _limit(values: NDArray[np.float64]) -> float:
    return rounded_up(symmetric_limits(values, QUANTILE)[1])
