"""The maps of a race: truth, and what each contestant predicts, gets wrong, holds probable or is unsure of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from s2v import data
from s2v.data import DataSet, Split
from s2v.fields import Field, Grid
from s2v.ui import maps

if TYPE_CHECKING:
    from s2v.engine import Frame, Race, Run

QUANTITIES = {
    "prediction": "Prediction",
    "error": "Error",
    "probability": "Probability of a class",
    "entropy": "Uncertainty",
}


def quantities(task: str) -> tuple[str, ...]:
    """What can be shown of a task's predictions."""
    return {
        "regression": ("prediction", "error"),
        "classification": ("prediction", "error", "probability", "entropy"),
        "presence": ("prediction", "probability"),
    }[task]


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
    shown = []
    grid = None
    for run, title in zip(race.firsts, titles, strict=True):
        frame = run.latest
        if frame is None or not frame.maps:
            continue
        grid = frame.grids["world"]
        field = drawn(run, frame, "world", quantity, watched)
        if field is not None:
            shown.append((title, field))
        if len(race.firsts) == 1 and quantity == "prediction" and "error" in quantities(race.recipe.task):
            shown = [("Prediction", field)] if field is not None else []
            shown.append(("Error", _error(run, frame, "world")))
    if grid is None:
        return []
    return [("Truth", truth(race.recipe.data, grid)), *shown]


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
    return maps.error(predicted(run, frame, where), truth(run.recipe.data, frame.grids[where]))


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


def poles(race: Race, titles: Sequence[str], quantity: str, watched: int) -> list[tuple[str, Field, Field]]:
    """The columns of the polar maps: truth, each contestant, and the error of one that is alone."""
    columns = []
    grids = None
    for run, title in zip(race.firsts, titles, strict=True):
        frame = run.latest
        if frame is None or not frame.maps:
            continue
        grids = frame.grids
        pair = [drawn(run, frame, pole, quantity, watched) for pole in ("north", "south")]
        if pair[0] is not None and pair[1] is not None:
            columns.append((title, pair[0], pair[1]))
        if len(race.firsts) == 1 and quantity == "prediction" and "error" in quantities(race.recipe.task):
            columns.append(("Error", _error(run, frame, "north"), _error(run, frame, "south")))
    if grids is None:
        return []
    name = race.recipe.data
    return [("Truth", truth(name, grids["north"]), truth(name, grids["south"])), *columns]
