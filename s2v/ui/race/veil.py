"""The veil over the maps of a race: where they are far from all training places."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s2v import data
from s2v.data import Split
from s2v.data.held import cached_by_name
from s2v.data.nearest import SHARE
from s2v.errors import shown
from s2v.fields import Field
from s2v.figures.veil import BEGINS, MAX_KM, MIN_KM, Veil, check_km, usual_km
from s2v.models.recipe import Recipe
from s2v.parameters import Parameter

if TYPE_CHECKING:
    from s2v.ui.page_state import PageState

OFF, USUAL = "off", "usual"
REACH = 10.0  # of the slider: from a tenth of the usual distance to ten times it
_DIGITS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)  # of its stops: ten to a factor of ten


def _checked(given: str) -> str:
    """A choice as it is written in the address."""
    if given in (OFF, USUAL):
        return given
    try:
        return f"{check_km(float(given)):g}"
    except (TypeError, ValueError):
        raise ValueError(
            f"veil={shown(given)} is not one of {OFF}, {USUAL}, or a number of kilometres from {MIN_KM:g} to "
            f"{MAX_KM:,.0f}, such as 500."
        ) from None


VEIL = Parameter(
    "veil",
    str,
    OFF,
    "Veil far from data",
    "Grey and hatched where a map is a guess: farther than this from all training places, beginning at half of it. "
    f"The usual distance is that within which {100 * SHARE:.0f} % of the training places have another one.",
    forms=(OFF, USUAL, "500"),
    read=_checked,
)


@dataclass(frozen=True)
class _Distances:
    """How far the cells of the world are from the nearest of so many training places."""

    field: Field
    usual_km: float
    places: int


def add(state: PageState, places_only: bool) -> None:
    """Adds the setting to a page, on by default for data that are known at their ``places_only``, such as languages."""
    default, group = (USUAL, "places") if places_only else (OFF, "everywhere")
    state.add(replace(VEIL, default=default), group=group)


def widget(state: PageState, recipe: Recipe) -> str:
    """Shows a slider of kilometres, around the distance that is usual for these training places, and returns the
    choice; it takes effect while it is moved.  Nothing where the data cannot be had: the race says why."""
    try:
        usual = _usual_km(*_places_of(recipe))
    except ValueError:
        return OFF
    stops, texts = _stops(usual, str(state["veil"]))
    return str(state.slider("veil", stops, texts))


def veil_of(recipe: Recipe, choice: str) -> Veil | None:
    """The veil over the maps of a recipe; None where it is off."""
    return None if choice == OFF else _veil(*_places_of(recipe), choice)


def remark(recipe: Recipe, choice: str) -> str:
    """How much of the Earth is far from the training places, in words; and what the veil is, if it is on."""
    distances = _distances(*_places_of(recipe))
    km = _km(distances, choice)
    share = _share(*_places_of(recipe), km)
    far = (
        f"{_percent(share)} of the Earth lies more than {km:,g} km from the nearest of the {distances.places:,} places "
        "learned from: there a map shows a guess, however sure its colours look."
    )
    if choice == OFF:
        return far
    usual = f" {100 * SHARE:.0f} % of these places have another one within {km:,g} km." if choice == USUAL else ""
    begun = _share(*_places_of(recipe), BEGINS * km)
    return (
        f"{far} There the veil is whole. It begins at {BEGINS * km:,g} km, so that it covers "
        f"{_percent(begun, 'less than 1 %')} of the Earth, faintly at first.{usual}"
    )


def _percent(share: float, little: str = "Less than 1 %") -> str:
    """A share in whole per cent, or how little it is."""
    return f"{100 * share:.0f} %" if share == 0 or share >= 0.005 else little


def _places_of(recipe: Recipe) -> tuple[str, int, int, Split]:
    """What decides the training places of a recipe."""
    return recipe.data, recipe.points, recipe.seed, recipe.split


def _km(distances: _Distances, choice: str) -> float:
    return distances.usual_km if choice in (OFF, USUAL) else float(choice)


def _stops(usual: float, chosen: str) -> tuple[list[str], list[str]]:
    """What the slider offers, and what people read: from much of the map veiled to nothing of it."""
    low, high = max(MIN_KM, usual / REACH), min(MAX_KM, usual * REACH)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    kilometres = (float(f"{digit * 10.0**decade:g}") for decade in decades for digit in _DIGITS)
    found = {km: f"{km:g}" for km in kilometres if low <= km <= high}
    if chosen not in (OFF, USUAL):
        found[float(chosen)] = chosen
    found[usual] = USUAL if chosen in (OFF, USUAL) or float(chosen) != usual else chosen
    ordered = sorted(found)
    texts = [f"{km:,g} km{' (usual)' if km == usual else ''}" for km in ordered]
    return [*(found[km] for km in ordered), OFF], [*texts, "Off"]


@cached_by_name(16)
def _usual_km(name: str, points: int, seed: int, split: Split) -> float:
    dataset = data.load(name, points, seed, split)
    return usual_km(dataset.lonlat[dataset.train])


@cached_by_name(16)  # a page draws its maps again and again; all pages of a class have the same places
def _distances(name: str, points: int, seed: int, split: Split) -> _Distances:
    dataset = data.load(name, points, seed, split)
    places = dataset.lonlat[dataset.train]
    return _Distances(data.distance_field(places), _usual_km(name, points, seed, split), len(places))


@cached_by_name(32)
def _share(name: str, points: int, seed: int, split: Split, km: float) -> float:
    """The share of the Earth that is farther than so many kilometres from all training places."""
    field = _distances(name, points, seed, split).field
    return float(field.grid.areas[field.values > km].sum())


@cached_by_name(32)
def _veil(name: str, points: int, seed: int, split: Split, choice: str) -> Veil:
    distances = _distances(name, points, seed, split)
    return Veil(distances.field, _km(distances, choice))
