"""The maps of a race: the truth, and each contestant's prediction, error, class probability or uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from s2v import data
from s2v.data import DataSet, Split
from s2v.data.held import cached_by_name
from s2v.fields import Field, Grid, symmetric_limits
from s2v.figures.quantities import error, rounded_up
from s2v.figures.veil import Veil
from s2v.models.recipe import Recipe
from s2v.palette import MAX_COLORS
from s2v.ui import seen
from s2v.ui.linked_globes import Kind, Panel, linked_globes
from s2v.ui.race import veil

if TYPE_CHECKING:
    from s2v.engine import Frame, Race, Run

QUANTITIES = {
    "prediction": "Prediction",
    "error": "Error",
    "probability": "Probability of a class",
    "entropy": "Uncertainty",
    "stderr": "Standard error",
}
KINDS: dict[str, str] = {"globe": "Globes", "north": "North pole", "south": "South pole", "world": "World"}
LIVE_PIXELS, FINE_PIXELS = 1000, 2000  # width of polar maps: at least that of the page
MAX_LEGEND_CLASSES = 20  # as in colorbar.js
ERROR_QUANTILE = 0.98  # of the map's cells have errors within the scale
TRUTH_GRID = Grid.equirectangular(1)  # of the map of the world: FINE_GRIDS of s2v.engine
_KEY = "race globes"
_REPEATED = f" There are {MAX_COLORS} colours: beyond that many classes they repeat."
_CAMERA = (0.0, 80.0, 1.0)  # longitude, latitude, zoom: at first the North Pole is in front
_HEIGHT = 410  # pixels


def quantities(task: str, single: bool = False) -> tuple[str, ...]:
    """What a map can show of a task's predictions, the default first; ``single`` if there is one class only."""
    if single:
        return ("probability",)  # the most probable class is the same everywhere
    return {
        "regression": ("prediction", "error", "stderr"),
        "classification": ("prediction", "error", "probability", "entropy"),
        "presence": ("prediction", "probability"),
    }[task]


def is_single(race: Race) -> bool:
    """Whether a race is on data of a single class."""
    return len(load_dataset(race.recipe.data).classes) == 1


@cached_by_name(16)
def load_dataset(name: str, split: Split = "random", points: int = 1, seed: int = 0) -> DataSet:
    """A data set, with one training place unless told otherwise; use only what does not depend on those places."""
    return data.load(name, points, seed, split)


def dataset_of(race: Race) -> DataSet:
    """The data set of a race, with the race's split; use only what does not depend on the training points."""
    recipe = race.recipe
    if data.rung(recipe.split).along_a_line:  # which refuses to leave too few of the training places
        return load_dataset(recipe.data, recipe.split, recipe.points, recipe.seed)
    return load_dataset(recipe.data, recipe.split)


@cached_by_name(48)
def truth(name: str, grid: Grid) -> Field:
    """The truth on a grid."""
    return load_dataset(name).truth(grid)


@cached_by_name(48)
def truth_told(name: str, kind: Kind) -> str:
    """What screen readers say of a map of the truth."""
    return seen.of_field(truth(name, TRUTH_GRID), kind)


def show_maps(
    fields: Sequence[tuple[str, Field]],
    kind: Kind,
    live: bool,
    over: Veil | None = None,
    dots: Mapping[str, NDArray[np.float32]] = MappingProxyType({}),
    said: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Shows linked maps of titled fields, with a veil over them or none, and ``dots`` at places on some, by title.

    ``said`` is what screen readers say of each, by title.  The first field is the truth, which does not change; while a
    race is ``live`` the others are soon replaced.
    """
    panels = [
        Panel(
            field,
            kind,
            title,
            points=dots.get(title) if i else None,
            live=live and i > 0,
            seen=said.get(title, ""),
        )
        for i, (title, field) in enumerate(fields)
    ]
    linked_globes(panels, key=_KEY, camera=_CAMERA, height=_HEIGHT, veil=over)


def show_truth(name: str, kind: Kind) -> None:
    """Shows the truth before the first race: as the maps of the race will be, and from above both poles."""
    field = truth(name, TRUTH_GRID)
    kinds: tuple[Kind, ...] = tuple(dict.fromkeys((kind, "north", "south")))
    panels = [
        Panel(field, each, f"Truth: {KINDS[each].lower()}" if each != kind else "Truth", seen=truth_told(name, each))
        for each in kinds
    ]
    linked_globes(panels, key=_KEY, camera=_CAMERA, height=_HEIGHT)


def show_remarks(recipe: Recipe, quantity: str, veiled: str) -> None:
    """Says what the maps do not show: how far they are from data, and where their classes are named."""
    dataset = load_dataset(recipe.data)
    texts = []
    if veiled != veil.OFF or data.entry(recipe.data).places_only:
        texts.append(veil.remark(recipe, veiled))
    if len(dataset.classes) > MAX_LEGEND_CLASSES and quantity != "probability":
        texts.append(
            f"{len(dataset.classes):,} classes: point at a map to read one. To find one, show the probability of a "
            f"class and type its name.{_REPEATED if len(dataset.classes) > MAX_COLORS else ''}"
        )
    for text in texts:
        st.caption(text)


def world(race: Race, titles: Sequence[str], quantity: str, watched_class: int) -> list[tuple[str, Field]]:
    """Maps of the world with their titles: the truth and each contestant.

    A single contestant has its prediction and its error side by side.
    """
    titles = ["Prediction"] if _has_error_beside(race, quantity) else titles
    return [(title, field) for title, (field,) in _columns(race, titles, quantity, watched_class, ("world",))]


def landmarks(race: Race, titles: Sequence[str], quantity: str) -> dict[str, NDArray[np.float32]]:
    """The places that the contestants' encoders are made of, by the titles of their maps of the world."""
    names = ["Prediction"] if _has_error_beside(race, quantity) else titles
    found = {
        name: run.latest.landmarks
        for name, run in zip(names, race.firsts, strict=True)
        if run.latest is not None and run.latest.landmarks is not None
    }
    return found | ({"Error": found["Prediction"]} if found and _has_error_beside(race, quantity) else {})


def poles(race: Race, titles: Sequence[str], quantity: str, watched_class: int) -> list[tuple[str, Field, Field]]:
    """The columns of the polar maps: the truth, each contestant, and the error of a single one."""
    pairs = _columns(race, titles, quantity, watched_class, ("north", "south"))
    return [(title, north, south) for title, (north, south) in pairs]


def has_errors(race: Race, quantity: str) -> bool:
    """Whether the maps of a quantity show errors, alone or beside the prediction of a single contestant."""
    return quantity == "error" or _has_error_beside(race, quantity)


def error_limit(race: Race) -> float:
    """The end of the scale of errors, in the data's units: a round number, the same for all contestants."""
    return rounded_up(
        max(
            (
                symmetric_limits(_error(run, run.latest, "world").values, ERROR_QUANTILE)[1]
                for run in race.firsts
                if run.latest and run.latest.maps
            ),
            default=1.0,
        )
    )


def drawn(
    run: Run, frame: Frame, where: str, quantity: str, watched_class: int, error_limit: float = 1.0
) -> Field | None:
    """A quantity of a run's prediction on the grid ``where``; None if the frame does not have it."""
    if quantity == "prediction":
        return predicted(run, frame, where)
    if quantity == "error":
        return _error(run, frame, where, error_limit)
    if quantity == "stderr":
        return _stderr(run, frame, where, error_limit)
    field = _layer(run, frame, quantity, watched_class)
    if field is None or where == "world":
        return field
    grid = frame.grids[where]
    values = np.where(grid.inside, field.sample(grid.lonlat), np.nan)
    return Field(values, grid, field.title, field.units, field.limits, field.colormap)


def predicted(run: Run, frame: Frame, where: str) -> Field:
    """A run's prediction on the grid ``where``: "world", "north" or "south"."""
    dataset = load_dataset(run.recipe.data)
    return dataset.field(frame.maps[where], frame.grids[where], f"{dataset.title}, predicted")


def _columns(
    race: Race, titles: Sequence[str], quantity: str, watched_class: int, places: Sequence[str]
) -> list[tuple[str, list[Field]]]:
    """Truth and contestants with their titles, a field for each of ``places``; the truth alone before the first frame.

    The truth is as fine as before the race, so that a browser need not fetch it again.
    """
    from s2v.engine import FINE_GRIDS

    columns: list[tuple[str, list[Field]]] = []
    limit = error_limit(race) if has_errors(race, quantity) else _stderr_limit(race) if quantity == "stderr" else 1.0
    for run, title in zip(race.firsts, titles, strict=True):
        frame = run.latest
        if frame is None or not frame.maps:
            continue
        drawings = [drawn(run, frame, place, quantity, watched_class, limit) for place in places]
        fields = [field for field in drawings if field is not None]
        if len(fields) == len(places):
            columns.append((title, fields))
        if _has_error_beside(race, quantity):
            columns.append(("Error", [_error(run, frame, place, limit) for place in places]))
    return [("Truth", [truth(race.recipe.data, FINE_GRIDS[place]) for place in places]), *columns]


def _has_error_beside(race: Race, quantity: str) -> bool:
    return len(race.firsts) == 1 and quantity == "prediction" and "error" in quantities(race.recipe.task)


def _error(run: Run, frame: Frame, where: str, limit: float = 1.0) -> Field:
    return error(predicted(run, frame, where), truth(run.recipe.data, frame.grids[where]), limit)


def without_stderr(race: Race, titles: Sequence[str]) -> list[str]:
    """The titles of the contestants that have predicted but do not know how far they may be off."""
    shown = zip(race.firsts, titles, strict=True)
    return [title for run, title in shown if run.latest and run.latest.maps and not run.latest.stderr]


def _stderr(run: Run, frame: Frame, where: str, limit: float) -> Field | None:
    """The standard error of a prediction, in the data's units; None for a contestant that does not know it."""
    if where not in frame.stderr:
        return None
    units = load_dataset(run.recipe.data).units
    return Field(
        frame.stderr[where].astype(float), frame.stderr_grids[where], "Standard error", units, (0.0, limit), "viridis"
    )


def _stderr_limit(race: Race) -> float:
    """The end of the scale of standard errors, a round number, the same for all contestants."""
    tops = [
        float(np.nanquantile(run.latest.stderr["world"], ERROR_QUANTILE))
        for run in race.firsts
        if run.latest and run.latest.stderr
    ]
    return rounded_up(max(tops, default=1.0) or 1.0)


def _layer(run: Run, frame: Frame, quantity: str, watched_class: int) -> Field | None:
    from s2v.engine import LAYER_GRID

    dataset = load_dataset(run.recipe.data)
    if quantity == "probability":
        watched_class = min(watched_class, len(dataset.classes) - 1)
        values = frame.probability(watched_class)
        title = f"Probability of {dataset.classes[watched_class]}"
    else:
        values = frame.uncertainty
        title = "Uncertainty"
    return None if values is None else Field(values.astype(float), LAYER_GRID, title, "", (0.0, 1.0), "viridis")
