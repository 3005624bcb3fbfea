"""Which column of a user's file is which: by the name that was given, or by names in common use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from s2v.data.class_names import is_damaged
from s2v.data.readers.base import Table
from s2v.data.readers.cells import shown

Coordinate = Literal["lon", "lat"]
Columns = tuple[int | None, int | None, int | None]  # of longitude, latitude and target

# Without case, signs, and units in brackets, as fits() compares them.  decimalLongitude is Darwin Core's name (GBIF,
# OBIS), location-long Movebank's.
_LONGITUDE = "lon lng long longitude x decimallongitude longitudedecimal locationlong longitud longitudine "
_LONGITUDE += "längengrad laengengrad langengrad"
_LATITUDE = "lat latitude y decimallatitude latitudedecimal locationlat latitud latitudine breitengrad"
_KNOWN: dict[Coordinate, frozenset[str]] = {
    "lon": frozenset(_LONGITUDE.split(" ")),
    "lat": frozenset(_LATITUDE.split(" ")),
}
# Of projected coordinates, which need a crs.
_EASTING = "easting east e x xcoord xcoordinate coordx coordsx1 utme utmx utmeast utmeasting rechtswert"
_NORTHING = "northing north n y ycoord ycoordinate coordy coordsx2 utmn utmy utmnorth utmnorthing hochwert"
_PROJECTED: dict[Coordinate, frozenset[str]] = {
    "lon": frozenset(_EASTING.split(" ")),
    "lat": frozenset(_NORTHING.split(" ")),
}
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_UNIT = re.compile(r"(degrees?|deg|dd|wgs84)$")
_LENGTH = re.compile(r"(metres?|meters?|m|utm)$")
_MAX_NAMES = 30  # names that an error lists


def choose(table: Table, lon: str | None, lat: str | None, target: str | None) -> Columns:
    """Numbers of the columns of longitude and latitude (None for a file that has its places) and target (if any).

    ``ValueError`` where a name is not that of exactly one column, or where no column or several could be meant.
    """
    learned = None if target is None else _given(table, "target", target)
    if target is not None and is_damaged(target):
        raise ValueError(f"{table.title}: the name of its column {shown(target)} is damaged text. Rename the column.")
    if table.has_places:
        if lon is not None or lat is not None:
            raise ValueError(f"{table.title} has its places in itself: leave lon and lat out.")
        return None, None, learned
    longitude = _guessed(table, "lon") if lon is None else _given(table, "lon", lon)
    latitude = _guessed(table, "lat") if lat is None else _given(table, "lat", lat)
    chosen = [column for column in (longitude, latitude, learned) if column is not None]
    if len(set(chosen)) < len(chosen):
        given = f"lon={_name(table, longitude)}, lat={_name(table, latitude)}, target={shown(target)}"
        raise ValueError(f"One column cannot be two things, and {given} were asked for. {_there_are(table)}")
    if fits("lat", table.columns[longitude]) and fits("lon", table.columns[latitude]):
        raise ValueError(
            f"Longitude and latitude look swapped: lon={_name(table, longitude)} and lat={_name(table, latitude)} were "
            "given. Give them the other way round."
        )
    return longitude, latitude, learned


def fits(which: Coordinate, name: str) -> bool:
    """Whether a column of that name is likely to hold longitudes, or latitudes."""
    simple = _simple(name)
    return simple in _KNOWN[which] or _UNIT.sub("", simple) in _KNOWN[which]


def _fits_projected(which: Coordinate, name: str) -> bool:
    simple = _simple(name)
    return simple in _PROJECTED[which] or _LENGTH.sub("", simple) in _PROJECTED[which]


def _simple(name: str) -> str:
    return "".join(letter for letter in _BRACKETS.sub("", name).casefold() if letter.isalnum())


def _given(table: Table, argument: str, name: str) -> int:
    found = [i for i, column in enumerate(table.columns) if column == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"{table.title} has {len(found)} columns named {shown(name)}: rename all but one.")
    raise ValueError(f"{table.title} has no column {shown(name)} for {argument}. {_there_are(table)}")


def _guessed(table: Table, which: Coordinate) -> int:
    projected = table.crs is not None and table.crs.projected
    found = [i for i, column in enumerate(table.columns) if (_fits_projected if projected else fits)(which, column)]
    if len(found) == 1:
        return found[0]
    what = ({"lon": "easting", "lat": "northing"} if projected else {"lon": "longitude", "lat": "latitude"})[which]
    many = " and ".join(_name(table, i) for i in found[:_MAX_NAMES])
    why = f"{many} could all be its {what}" if found else f"no column has a name known for its {what}"
    metres = [column for column in table.columns if not found and not projected and _fits_projected(which, column)]
    hint = (
        f" If {shown(metres[0])} is in metres, pass their crs=... (--crs), such as crs='EPSG:25832'." if metres else ""
    )
    raise ValueError(f"{table.title}: {why}. Pass the right one as {which}=...{hint} {_there_are(table)}")


def _name(table: Table, column: int) -> str:
    return shown(table.columns[column])


def _there_are(table: Table) -> str:
    names: Sequence[str] = [shown(name) for name in table.columns[:_MAX_NAMES]]
    more = f" and {len(table.columns) - _MAX_NAMES:,} more" if len(table.columns) > _MAX_NAMES else ""
    return f"Its columns are: {', '.join(names)}{more}." if names else "It has no columns."
