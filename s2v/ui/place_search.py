"""What a typed text means as a place: a town or city by its name, or coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from s2v import sphere
from s2v.assets import AssetError
from s2v.data import place_names
from s2v.data.place_names import NamedPlace
from s2v.ui import typed_coordinates
from s2v.ui.messages import shorten

MAX_TEXT = 100  # characters
MAX_OPTIONS = 5
SAME_KM = 30.0  # a city this near to one of the page's own places of that name is that place
EXAMPLE = "69.6 N 19 E"
HELP = (
    "Towns and cities of 500 people or more, the large ones and those near the poles in many languages; a country may "
    f"follow after a comma. Or latitude and longitude: {typed_coordinates.EXAMPLES}."
)


@dataclass(frozen=True)
class SearchResult:
    """Places that a text may mean.

    Attributes
    ----------
    options : tuple of NamedPlace
        The most likely first.
    is_certain : bool
        Whether the first is what the text says; if not, the reader has to choose.
    remark : str
        What the choice is between, if there is one.
    error : str
        Why nothing was found, and what to do; empty if something was.
    """

    options: tuple[NamedPlace, ...] = ()
    is_certain: bool = False
    remark: str = ""
    error: str = ""


def search(text: str, known: Mapping[str, tuple[float, float]]) -> SearchResult:
    """The places that a text may mean: coordinates, a name in ``known``, or towns and cities.

    Examples
    --------
    >>> search("90 S, 0 E", {}).options[0].lonlat
    (0.0, -90.0)
    >>> search("the moon", {}).error[:63]
    'No town or city of 500 people or more is called “the moon”. Che'
    """
    try:
        if typed_coordinates.is_coordinates(text):
            longitude, latitude = typed_coordinates.read_coordinates(text)
            place = NamedPlace("", "", (round(longitude, 4), round(latitude, 4)), 0, True)  # 11 metres
            return SearchResult((place,), is_certain=True)
        return _named(text, known)
    except (ValueError, AssetError) as error:
        return SearchResult(error=str(error))


def _named(text: str, known: Mapping[str, tuple[float, float]]) -> SearchResult:
    quoted = f"“{shorten(text)}”"
    wanted = place_names.simple(text)
    ours = [
        NamedPlace(name, "", place, 0, True)
        for name, place in known.items()
        if wanted in (place_names.simple(name), place_names.simple(name.partition(",")[0]))
    ]
    cities = place_names.find(text, MAX_OPTIONS + 1)
    exact = [*ours, *(city for city in cities if city.is_exact and not _is_among(city, ours))]
    if exact:
        remark = f"{quoted} is the name of {len(exact)} places:"
        if len(exact) > MAX_OPTIONS:
            remark = f"{quoted} is the name of many places. The largest (a country after a comma finds others):"
        return SearchResult(tuple(exact[:MAX_OPTIONS]), True, remark)
    if cities:
        return SearchResult(tuple(cities[:MAX_OPTIONS]), False, f"No place is called {quoted}. Names that begin so:")
    name, _, country = (part.strip() for part in text.rpartition(","))
    if elsewhere := place_names.find(name, MAX_OPTIONS):
        remark = f"No {shorten(name)} is in a country named “{shorten(country)}”. Elsewhere:"
        return SearchResult(tuple(elsewhere), False, remark)
    raise ValueError(
        f"No town or city of 500 people or more is called {quoted}. Check the spelling, try a larger place nearby, or "
        f"write coordinates, such as {typed_coordinates.EXAMPLES}. {typed_coordinates.ALLOWED}"
    )


def _is_among(city: NamedPlace, places: list[NamedPlace]) -> bool:
    distances = [sphere.great_circle_km(np.array(city.lonlat), np.array(place.lonlat)) for place in places]
    return any(distance < SAME_KM for distance in distances)
