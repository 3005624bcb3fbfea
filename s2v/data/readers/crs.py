"""Coordinate reference systems of users' files: their names are understood, and places come out as degrees (WGS 84).

pyproj does both.  Coordinates are (x, y) throughout, that is (longitude, latitude) or (easting, northing), whatever
order the definition of the system gives: GeoJSON, GeoParquet, GDAL and nearly all tables have it so.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from s2v.errors import shown

if TYPE_CHECKING:
    import pyproj

MAX_DEFINITION = 100_000  # characters of a definition in a file
MARGIN = 15.0  # degrees around a system's area of use in which places may lie: Norway is all in UTM zone 33
EXAMPLES = "such as EPSG:4326 for degrees, or EPSG:25832 for metres of UTM zone 32N"
_FILES = ("parameterfile", "grids", "+init", "+geoidgrids")  # of a definition that would open files
_URL = re.compile(
    r"(?:https?://|urn:)\S*?(?:[/:]crs[/:]([a-z]+)[/:][^/:]*[/:]|/gml/srs/(epsg)\.xml#)([a-z]*\d+\w*)/?", re.IGNORECASE
)
_OLD = {"EPSG:900913": "EPSG:3857", "WGS84": "EPSG:4326", "WGS 84": "EPSG:4326", "CRS84": "OGC:CRS84"}


@dataclass(frozen=True)
class Crs:
    """A coordinate reference system other than WGS 84.

    Attributes
    ----------
    name : str
        For messages, such as "EPSG:25832 (ETRS89 / UTM zone 32N)".
    projected : bool
        Whether its coordinates are lengths, not angles.
    area : tuple of float or None
        West, south, east and north of where it is meant to be used, in degrees; west may be larger than east.
    of_file : bool
        Whether the file itself names it, so that places far from that area are believed.
    """

    name: str
    projected: bool
    area: tuple[float, float, float, float] | None
    of_file: bool
    _pyproj: pyproj.CRS

    def to_degrees(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Longitudes and latitudes (n, 2) of coordinates (n, 2); infinite where the system has no such place."""
        import pyproj
        import pyproj.network

        pyproj.network.set_network_enabled(active=False)  # type: ignore[attr-defined]  # grids are not fetched
        transformer = pyproj.Transformer.from_crs(self._pyproj, "EPSG:4326", always_xy=True)
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    def holds(self, lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each place (n, 2) lies in or near the area of use."""
        if self.area is None:
            return np.asarray(np.isfinite(lonlat).all(axis=1))
        west, south, east, north = self.area
        width = (east - west) % 360 or 360.0
        with np.errstate(invalid="ignore"):
            across = (lonlat[:, 0] - west + MARGIN) % 360 <= width + 2 * MARGIN
            inside: NDArray[np.bool_] = across & (lonlat[:, 1] >= south - MARGIN) & (lonlat[:, 1] <= north + MARGIN)
        return inside


def understood(given: str | int | dict[str, Any], where: str) -> Crs | None:
    """The system that a name, code, URL, WKT or PROJJSON stands for; None for degrees of WGS 84, and for "".

    ``ValueError`` for one that is not known or has no places on the Earth's surface; ``where`` begins its message, such
    as "crs=" or "The file 'a.geojson' is in the coordinates ".
    """
    text = json.dumps(given) if isinstance(given, dict) else str(given).strip()
    if not text:
        return None
    if len(text) > MAX_DEFINITION or any(word in text.lower() for word in _FILES):
        raise ValueError(
            f"{where}{shown(text)}, a definition that is too long or names files. Give a code, {EXAMPLES}."
        )
    import pyproj  # slow to load

    try:
        found = _parsed(text)
        if found.is_compound:
            found = found.sub_crs_list[0]
        if found.is_geographic or found.is_projected or found.is_derived:
            found = found.to_2d()
    except (pyproj.exceptions.CRSError, ValueError):
        raise ValueError(
            f"{where}{shown(text)}, which is no coordinate system that is known. Give one, {EXAMPLES}."
        ) from None
    name = _name(found, text)
    if not (found.is_geographic or found.is_projected):
        raise ValueError(
            f"{where}{name}, whose coordinates are no places on a map. Allowed are degrees and projected coordinates, "
            f"{EXAMPLES}."
        )
    if found.equals("EPSG:4326", ignore_axis_order=True):
        return None
    authority = found.to_authority(min_confidence=100)
    area = (pyproj.CRS.from_authority(*authority) if authority else found).area_of_use
    return Crs(
        name, found.is_projected, None if area is None else (area.west, area.south, area.east, area.north), False, found
    )


def _parsed(text: str) -> pyproj.CRS:
    """What pyproj makes of a text."""
    import pyproj

    if url := _URL.fullmatch(text):
        text = f"{url[1] or url[2]}:{url[3]}"
    if text.isdigit():
        text = f"EPSG:{text}"
    text = _OLD.get(text.upper(), text)
    try:
        return pyproj.CRS.from_user_input(json.loads(text) if text.startswith("{") else text)
    except pyproj.exceptions.CRSError:
        if not re.fullmatch(r"EPSG:1?\d{5}", text, re.IGNORECASE):
            raise
        return pyproj.CRS.from_authority("ESRI", text[5:])  # ESRI's own codes are often called EPSG


def _name(found: pyproj.CRS, text: str) -> str:
    authority = found.to_authority(min_confidence=100)
    if authority is None:
        return f"{found.name[:80]!r}" if found.name not in ("", "unknown", "undefined") else shown(text)
    return f"{':'.join(authority)} ({found.name[:80]})"


def crs_of_file(where: str, given: str | dict[str, Any] | None) -> Crs | None:
    """``understood`` of what a file says; "" is WGS 84.  ``ValueError`` for None: the file says it does not know it."""
    if given is None:
        raise ValueError(f"{where} says that its coordinate system is unknown. Pass it as crs=..., {EXAMPLES}.")
    found = understood(given, f"{where} is in the coordinates ")
    return None if found is None else replace(found, of_file=True)


def in_degrees(crs: Crs, xy: NDArray[np.float64], where: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Longitudes and latitudes (n, 2) of coordinates (n, 2), and which of them are places.

    ``ValueError``, beginning with ``where``, if the coordinates cannot be of that system: if they look like degrees, or
    most places are far from where it is used, as with another zone, or with the northing before the easting.
    """
    if crs.projected and len(xy) and (abs(xy) <= (360, 90)).all():
        raise ValueError(
            f"{where}: its coordinates are said to be of {crs.name}, but look like degrees: all are within ±360 and "
            "±90. If they are longitudes and latitudes, pass crs='EPSG:4326'."
        )
    lonlat = crs.to_degrees(xy)
    good = np.isfinite(lonlat).all(axis=1) & (abs(lonlat[:, 1]) <= 90)
    inside = crs.holds(lonlat)
    if crs.projected and crs.area is not None and not crs.of_file and 2 * inside.sum() < len(xy):
        hint = "Pass the crs that they are in"
        if crs.holds(crs.to_degrees(xy[:, ::-1])).sum() > inside.sum():
            hint = "They look swapped: give the column of the easting as lon, and that of the northing as lat"
        west, south, east, north = crs.area
        raise ValueError(
            f"{where}: {len(xy) - inside.sum():,} of {len(xy):,} places are far from where {crs.name} is used "
            f"(longitude {west:g} to {east:g}, latitude {south:g} to {north:g}). {hint}."
        )
    return lonlat, good
