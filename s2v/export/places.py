"""Places with what is known of them, as CSV and GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from s2v import spreadsheets

Columns = Mapping[str, Sequence[object]]


def places_csv(lonlat: ArrayLike, columns: Columns) -> bytes:
    """One row a place: longitude, latitude, and the columns.

    Parameters
    ----------
    lonlat : array (n, 2)
        Degrees, longitude first.
    columns : mapping of str to sequence (n,)
        Texts or numbers; texts that a spreadsheet would take for a formula get an apostrophe in front.

    Returns
    -------
    bytes

    Examples
    --------
    >>> print(places_csv([[15.6, 78.2], [2.35, 48.85]], {"class": ["tern", "gull"]}).decode())
    longitude,latitude,class
    15.6,78.2,tern
    2.35,48.85,gull
    <BLANKLINE>
    """
    lon, lat = _coordinates(lonlat)
    named = {"longitude": lon, "latitude": lat, **columns}
    return spreadsheets.table([dict(zip(named, row, strict=True)) for row in zip(*named.values(), strict=True)])


def places_geojson(lonlat: ArrayLike, columns: Columns) -> bytes:
    """A point for each place, with the columns as its properties (RFC 7946).

    Parameters
    ----------
    lonlat : array (n, 2)
        Degrees, longitude first.
    columns : mapping of str to sequence (n,)
        Texts or numbers.

    Returns
    -------
    bytes

    Examples
    --------
    >>> feature = json.loads(places_geojson([[15.6, 78.2]], {"class": ["tern"]}))["features"][0]
    >>> feature["geometry"], feature["properties"]
    ({'type': 'Point', 'coordinates': [15.6, 78.2]}, {'class': 'tern'})
    """
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(columns, row, strict=True)),
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
        }
        for lon, lat, *row in zip(*_coordinates(lonlat), *columns.values(), strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":")).encode()


def _coordinates(lonlat: ArrayLike) -> tuple[list[float], list[float]]:
    """Longitudes and latitudes, to a centimetre: the numbers of a file do not come back as 15.600000000000001."""
    lon, lat = np.round(np.asarray(lonlat, dtype=float).reshape(-1, 2), 7).T.tolist()
    return lon, lat
