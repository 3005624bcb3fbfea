"""Which column of a user's file is which: by the name that was given, or by names that everybody uses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from s2v.data.readers.cells import Sheet, shown

Coordinate = Literal["lon", "lat"]

# As fits() makes them: without case, signs, and units in brackets.  decimalLongitude is Darwin Core's name (GBIF,
# OBIS), location-long Movebank's.
_LONGITUDE = "lon lng long longitude x decimallongitude longitudedecimal locationlong longitud longitudine längengrad"
_LATITUDE = "lat latitude y decimallatitude latitudedecimal locationlat latitud latitudine breitengrad"
_KNOWN: dict[Coordinate, frozenset[str]] = {
    "lon": frozenset(_LONGITUDE.split(" ")),
    "lat": frozenset(_LATITUDE.split(" ")),
}
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_UNIT = re.compile(r"(degrees?|deg|dd|wgs84)$")
_MAX_NAMES = 30  # names that an error lists


def choose(
    sheet: Sheet, lon: str | None, lat: str | None, target: str | None
) -> tuple[int | None, int | None, int | None]:
    """Numbers of the columns of longitude, latitude (None for a file with places of its own) and target (if any).

    ``ValueError`` where a name is not that of exactly one column, or where no or several columns could be meant.
    """
    learned = None if target is None else _given(sheet, "target", target)
    if sheet.located:
        if lon is not None or lat is not None:
            raise ValueError(f"{sheet.title} is GeoJSON and has its places in itself: leave lon and lat out.")
        return None, None, learned
    longitude = _guessed(sheet, "lon") if lon is None else _given(sheet, "lon", lon)
    latitude = _guessed(sheet, "lat") if lat is None else _given(sheet, "lat", lat)
    chosen = [column for column in (longitude, latitude, learned) if column is not None]
    if len(set(chosen)) < len(chosen):
        given = f"lon={_name(sheet, longitude)}, lat={_name(sheet, latitude)}, target={target!r}"
        raise ValueError(f"One column cannot be two things, and {given} were asked for. {_there_are(sheet)}")
    if fits("lat", sheet.columns[longitude]) and fits("lon", sheet.columns[latitude]):
        raise ValueError(
            f"Longitude and latitude look swapped: lon={_name(sheet, longitude)} and lat={_name(sheet, latitude)} were "
            "given. Give them the other way round."
        )
    return longitude, latitude, learned


def fits(which: Coordinate, name: str) -> bool:
    """Whether a column of that name is one of longitudes or latitudes, as far as a name can tell."""
    simple = "".join(letter for letter in _BRACKETS.sub("", name).casefold() if letter.isalnum())
    return simple in _KNOWN[which] or _UNIT.sub("", simple) in _KNOWN[which]


def _given(sheet: Sheet, argument: str, name: str) -> int:
    found = [i for i, column in enumerate(sheet.columns) if column == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"{sheet.title} has {len(found)} columns named {shown(name)}: rename all but one.")
    raise ValueError(f"{sheet.title} has no column {shown(name)} for {argument}. {_there_are(sheet)}")


def _guessed(sheet: Sheet, which: Coordinate) -> int:
    found = [i for i, column in enumerate(sheet.columns) if fits(which, column)]
    if len(found) == 1:
        return found[0]
    what = {"lon": "longitude", "lat": "latitude"}[which]
    many = " and ".join(_name(sheet, i) for i in found[:_MAX_NAMES])
    why = f"{many} could all be its {what}" if found else f"no column has a name known for its {what}"
    raise ValueError(f"{sheet.title}: {why}. Pass the right one as {which}=... {_there_are(sheet)}")


def _name(sheet: Sheet, column: int) -> str:
    return shown(sheet.columns[column])


def _there_are(sheet: Sheet) -> str:
    names: Sequence[str] = [shown(name) for name in sheet.columns[:_MAX_NAMES]]
    more = f" and {len(sheet.columns) - _MAX_NAMES:,} more" if len(sheet.columns) > _MAX_NAMES else ""
    return f"Its columns are: {', '.join(names)}{more}." if names else "It has no columns."
