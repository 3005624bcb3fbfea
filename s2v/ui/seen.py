"""What maps show, in sentences that screen readers say behind their titles; computed from their values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v.evaluation import POLAR
from s2v.fields import Field
from s2v.sphere import cap_area
from s2v.ui.linked_globes import Kind
from s2v.ui.place_widget import words

EDGE = 50.0  # degrees of latitude: where a polar map ends
ROWS = 0.0, 80.0, -80.0  # degrees: the means along the rows nearest to these latitudes are said
EVEN = 0.01  # a row whose values differ by less, relative to them, has one value at all longitudes
NOTHING = "No value anywhere."


def of_field(field: Field, kind: Kind = "world") -> str:
    """What a map of values or of classes shows."""
    return of_classes(field) if field.classes else of_values(field, kind)


def of_values(field: Field, kind: Kind = "world") -> str:
    """Means along three parallels, and where the smallest and the largest value in sight lie.

    ``field`` is on an equirectangular grid, and ``kind`` a map of it.

    Examples
    --------
    >>> from s2v.fields import Field, Grid
    >>> grid = Grid.equirectangular(10)
    >>> of_values(Field(grid.lonlat[..., 1], grid, "Latitude"))
    'Mean 5.0 at 5° N, 75.0 at 75° N, −75.0 at 75° S; smallest −85.0 all along 85° S, largest 85.0 all along 85° N.'
    """
    latitude = field.grid.lonlat[:, 0, 1]
    in_sight = {"north": latitude > EDGE, "south": latitude < -EDGE}.get(kind, latitude == latitude)
    latitude, values = latitude[in_sight], np.where(field.known, field.values, np.nan)[in_sight]
    if np.isnan(values).all():
        return NOTHING
    if np.nanmax(values) - np.nanmin(values) <= EVEN * abs(np.nanmax(values)):
        return f"{_number(np.nanmean(values))} everywhere."
    latitude, values = (part[~np.isnan(values).all(axis=1)] for part in (latitude, values))
    rows = dict.fromkeys(_nearest(latitude, row) for row in ROWS)
    means = [f"{_number(np.nanmean(values[row]))} at {_parallel(latitude[row])}" for row in rows]
    ends = [
        f"{word} {_number(float(values.flat[i]))} {_where(field, latitude, values, int(i))}"
        for word, i in (("smallest", np.nanargmin(values)), ("largest", np.nanargmax(values)))
    ]
    return f"Mean {', '.join(means)}; {', '.join(ends)}."


def of_classes(field: Field) -> str:
    """The class that takes the largest part of the area where one is known.

    Examples
    --------
    >>> from s2v.fields import Field, Grid
    >>> grid = Grid.equirectangular(10)
    >>> of_classes(Field((grid.lonlat[..., 1] > 30) * 1.0, grid, "Warmth", classes=("warm", "cold")))
    'warm on 75 % of the area.'
    """
    known = field.known
    if not known.any():
        return NOTHING
    areas = np.bincount(field.values[known].astype(int), field.grid.areas[known])
    return f"{field.classes[int(areas.argmax())]} on {_percent(areas.max() / areas.sum())} of the area."


def of_error(error: Field) -> str:
    """How far a prediction is from the truth where that is known: anywhere, and around both poles.

    ``error`` is prediction minus truth, or right and wrong classes (``s2v.figures.quantities.error``).

    Examples
    --------
    >>> from s2v.fields import Field, Grid
    >>> grid = Grid.equirectangular(10)
    >>> of_error(Field(np.where(grid.lonlat[..., 1] > 70, -3.0, 1.0), grid, "Error", "m"))
    'Mean absolute error 1.1 m, above 70° N 3.0 m, below 70° S 1.0 m.'
    """
    latitude, known = error.grid.lonlat[:, 0, 1], error.known
    if not known.any():
        return NOTHING
    # Row by row, since all cells of a row have one area: maps come several times a second.
    cell = cap_area(latitude - 90 / error.grid.rows) - cap_area(latitude + 90 / error.grid.rows)
    sizes, areas = cell * np.abs(error.values).sum(axis=1, where=known), cell * known.sum(axis=1)
    parts = [("", latitude == latitude), (f"above {POLAR:g}° N ", latitude > POLAR)]
    parts += [(f"below {POLAR:g}° S ", latitude < -POLAR)]
    found = [(where, sizes[rows].sum(), areas[rows].sum()) for where, rows in parts]
    if error.classes:
        means = [f"{where}{_percent(1 - wrong / area)}" for where, wrong, area in found if area]
        return f"Right on {', '.join(means)} of the area."
    means = [f"{where}{_number(size / area)} {error.units}".rstrip() for where, size, area in found if area]
    return f"Mean absolute error {', '.join(means)}."


def _where(field: Field, latitude: NDArray[Any], values: NDArray[Any], i: int) -> str:
    """A cell of a map as a place, or its whole parallel if that has one value."""
    row, column = divmod(i, values.shape[1])
    if not np.ptp(values[row]) <= EVEN * abs(values[row, column]):
        return f"at {words((float(field.grid.lonlat[0, column, 0]), float(latitude[row])))}"
    (mirrored,) = np.nonzero(latitude == -latitude[row])
    both = len(mirrored) and np.allclose(values[mirrored], values[row, column], rtol=EVEN, atol=0)
    return f"all along {_parallel(latitude[row])}{f' and {_parallel(-latitude[row])}' if both else ''}"


def _nearest(latitude: NDArray[Any], wanted: float) -> int:
    """The row nearest to a latitude; of two, that nearer to the equator."""
    return min(range(len(latitude)), key=lambda i: (abs(latitude[i] - wanted), abs(latitude[i])))


def _parallel(latitude: float) -> str:
    return f"{abs(latitude):g}° {'N' if latitude >= 0 else 'S'}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _number(value: float) -> str:
    """Two digits or more, such as 0.031, 5.2, 57.3, 4,120."""
    value, size = value + 0.0, abs(value)  # no minus before 0
    if size >= 1e6 or not math.isfinite(value):
        text = f"{value:.2e}"
    elif size >= 100:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.1f}" if size >= 0.995 else f"{value:.2g}"
    return text.replace("-", "−")
