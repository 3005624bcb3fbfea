"""The maps of a race: truth, and what each contestant predicts, gets wrong, holds probable or is unsure of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from s2v import data
from s2v.data import DataSet, Split
from s2v.fields import Field, Grid
from s2v.ui import pictures

if TYPE_CHECKING:
    from s2v.engine import Frame, Race, Run

QUANTITIES = {
    "prediction": "Prediction",
    "error": "Error",
    "probability": "Probability of a class",
    "entropy": "Uncertainty",
}


def quantities(task: str, single: bool = False) -> tuple[str, ...]:
    """What can be shown of a task's predictions, the most telling first; ``single`` if there is one class only."""
    if single:
        return ("probability",)  # which class is the most probable says nothing
    return {
        "regression": ("prediction", "error"),
        "classification": ("prediction", "error", "probability", "entropy"),
        "presence": ("prediction", "probability"),
    }[task]


def is_single(race: Race) -> bool:
    """Whether a race is on data of a single class."""
    return len(known(race.recipe.data).classes) == 1


@lru_cache(maxsize=16)
def known(name: str, split: Split = "random") -> DataSet:
    """The data set of that name; only what does not depend on the training places is used of it."""
    return data.load(name, 1, 0, split)


@lru_cache(maxsize=48)
def truth(name: str, grid: Grid) -> Field:
    """The truth on a grid."""
    return known(name).truth(grid)


def world(race: Race, titles: Sequence[str], quantity: str, watched: int) -> list[tuple[str, Field]]:
    """The maps of the world, with titles: the truth, and what there is of each contestant.

    A contestant that is alone has its prediction and its error beside each other.
    """
    titles = ["Prediction"] if _has_error_beside(race, quantity) else titles
    return [(title, field) for title, (field,) in _columns(race, titles, quantity, watched, ("world",))]


def poles(race: Race, titles: Sequence[str], quantity: str, watched: int) -> list[tuple[str, Field, Field]]:
    """The columns of the polar maps: truth, each contestant, and the error of one that is alone."""
    pairs = _columns(race, titles, quantity, watched, ("north", "south"))
    return [(title, north, south) for title, (north, south) in pairs]


def _columns(
    race: Race, titles: Sequence[str], quantity: str, watched: int, places: Sequence[str]
) -> list[tuple[str, list[Field]]]:
    """Truth and contestants with their titles, a field for each of ``places``; the truth alone before the first frame.

    The truth is always as fine as it was before the race: who has seen that picture need not fetch another.
    """
    from s2v.engine import FINE

    columns: list[tuple[str, list[Field]]] = []
    for run, title in zip(race.firsts, titles, strict=True):
        frame = run.latest
        if frame is None or not frame.maps:
            continue
        fields = [field for place in places if (field := drawn(run, frame, place, quantity, watched)) is not None]
        if len(fields) == len(places):
            columns.append((title, fields))
        if _has_error_beside(race, quantity):
            columns.append(("Error", [_error(run, frame, place) for place in places]))
    return [("Truth", [truth(race.recipe.data, FINE[place]) for place in places]), *columns]


def _has_error_beside(race: Race, quantity: str) -> bool:
    return len(race.firsts) == 1 and quantity == "prediction" and "error" in quantities(race.recipe.task)


def drawn(run: Run, frame: Frame, where: str, quantity: str, watched: int) -> Field | None:
    """A quantity of a run's prediction on the grid of ``where``; None if this frame does not have it."""
    if quantity == "prediction":
        return predicted(run, frame, where)
    if quantity == "error":
        return _error(run, frame, where)
    field = _layer(run, frame, quantity, watched)
    if field is None or where == "world":
        return field
    grid = frame.grids[where]
    values = np.where(grid.inside, field.sample(grid.lonlat), np.nan)
    return Field(values, grid, field.title, field.units, field.limits, field.colormap)


def predicted(run: Run, frame: Frame, where: str) -> Field:
    """What a run predicts on the grid of ``where``."""
    dataset = known(run.recipe.data)
    return dataset.field(frame.maps[where], frame.grids[where], f"{dataset.title}, predicted")


def _error(run: Run, frame: Frame, where: str) -> Field:
    return pictures.error(predicted(run, frame, where), truth(run.recipe.data, frame.grids[where]))


def _layer(run: Run, frame: Frame, quantity: str, watched: int) -> Field | None:
    from s2v.engine import LAYERS

    dataset = known(run.recipe.data)
    if quantity == "probability":
        watched = min(watched, len(dataset.classes) - 1)
        values = frame.probability(watched)
        title = f"Probability of {dataset.classes[watched]}"
    else:
        values = frame.uncertainty
        title = "Uncertainty"
    return None if values is None else Field(values.astype(float), LAYERS, title, "", (0.0, 1.0), "viridis")
