"""CSV and GeoJSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import cf, spreadsheets
from s2v.export.distances import DISTANCE, check_distance
from s2v.fields import Field, Grid

DIGITS = 9  # significant ones, of float32


def to_csv(field: Field, distance: Field | None = None) -> bytes:
    """One row a cell: longitude and latitude of its centre, and the value, or class number and class.

    Parameters
    ----------
    field : s2v.fields.Field
    distance : s2v.fields.Field, optional
        The last column, ``distance_km``.

    Returns
    -------
    bytes

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> grid = Grid.equirectangular(degrees=180)
    >>> print(to_csv(Field(grid.lonlat[..., 0], grid, "East", limits=(-90, 90))).decode())
    longitude,latitude,east
    -90.0,0.0,-90.0
    90.0,0.0,90.0
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    columns = ["class", "name"] if field.classes else [cf.variable_name(field.title)]
    rows.writerow(["longitude", "latitude", *columns, *([DISTANCE] if distance else [])])
    known = field.known
    far = (check_distance(field, distance) if distance else field).values[known]
    for (longitude, latitude), value, km in zip(field.grid.lonlat[known], field.values[known], far, strict=True):
        answer = [int(value), spreadsheets.cell(field.classes[int(value)])] if field.classes else [_short(value)]
        rows.writerow([_short(longitude), _short(latitude), *answer, *([_short(km)] if distance else [])])
    return text.getvalue().encode()


def to_geojson(field: Field, distance: Field | None = None) -> bytes:
    """A polygon for each cell, or for each run of neighbours in a row that share a value (RFC 7946).

    Parameters
    ----------
    field : s2v.fields.Field
    distance : None
        Not in this format.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        For a polar grid, and for a distance.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> grid = Grid.equirectangular(degrees=180)
    >>> collection = json.loads(to_geojson(Field(grid.lonlat[..., 0], grid, "East", limits=(-90, 90))))
    >>> [feature["properties"]["value"] for feature in collection["features"]]
    [-90.0, 90.0]
    """
    check_geojson(field.grid, distance is not None)
    rows, columns = field.grid.shape
    width, height = 360 / columns, 180 / rows
    features = []
    for row, first, end in _runs(np.where(field.known, field.values, np.nan)):
        west, east = -180 + first * width, -180 + end * width
        north, south = 90 - row * height, 90 - (row + 1) * height
        value = field.values[row, first]
        answer = {"class": int(value), "name": field.classes[int(value)]} if field.classes else {"value": _short(value)}
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        ring = [[_short(x), _short(y)] for x, y in ring]
        features.append(
            {"type": "Feature", "properties": answer, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        )
    about = {"title": field.title, "units": field.units, **field.notes()}
    return json.dumps({"type": "FeatureCollection", **about, "features": features}, separators=(",", ":")).encode()


def check_geojson(grid: Grid, distance: bool = False) -> None:
    """``ValueError`` for what GeoJSON cannot hold: polar maps, and distances."""
    if grid.kind != "equirectangular":
        raise ValueError(
            f".geojson holds cells of longitude and latitude, and this map is a {grid.kind} polar one. "
            "Choose the whole world, or .nc, .tif or .csv."
        )
    if distance:
        raise ValueError(
            ".geojson joins cells of one value, so it has no distance of each. Choose .csv, .nc, .tif or a picture."
        )


def _runs(values: NDArray[Any]) -> Iterator[tuple[int, int, int]]:
    """Row, first column and the one after the last of every run of equal numbers; NaN is left out."""
    for i, row in enumerate(values):
        cuts = np.flatnonzero(row[1:] != row[:-1]) + 1
        for first, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(row)], strict=True):
            if np.isfinite(row[first]):
                yield i, first, end


def _short(value: Any) -> float:
    return float(f"{value:.{DIGITS}g}")
