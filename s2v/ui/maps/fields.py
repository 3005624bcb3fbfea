"""The quantities that the Maps page draws, as fields of the whole Earth."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from s2v import data
from s2v.comparison.questions import PredictedRowsOf
from s2v.comparison.results import Values
from s2v.fields import Field, Grid, symmetric_limits
from s2v.figures.colormaps import DIVERGING
from s2v.ui import answers, pictures
from s2v.ui.maps.sources import Source
from s2v.ui.race import maps

TITLES = {
    "prediction": "Prediction",
    "probability": "Probability of a class",
    "entropy": "Uncertainty",
    "stderr": "Standard error",
    "error": "Error",
    "difference": "Difference of two models",
    "truth": "Truth",
    "distance": "Distance to data",
}
FRAME_DEGREES = 1.0  # of the maps that a race brings along
ROWS_CELLS = 1 << 16  # cells that are asked for at a time, with a step of the progress bar each
QUANTILE = 0.98  # of the cells lie within the limits of an error or a difference

Progress = Callable[[float], None]


def quantities(source: Source, rivals: Sequence[Source]) -> tuple[str, ...]:
    """What a map of a source can show, the default first; ``rivals`` are the models on the same data."""
    if source.recipe is None:
        return ("truth",)
    task = source.dataset.task
    single = len(source.dataset.classes) == 1
    found = [q for q in maps.quantities(task, single) if q not in ("error", "stderr")]
    found += ["stderr"] if source.has_stderr else []
    found += ["error"] if source.has_truth else []
    found += ["difference"] if rivals else []
    found += ["truth"] if source.has_truth else []
    return (*found, "distance") if source.has_places else tuple(found)


def are_comparable(one: Source, other: Source) -> bool:
    """Whether two models answer the same question."""
    return one.data == other.data and one.dataset.classes == other.dataset.classes


def needs_class(source: Source, quantity: str) -> bool:
    """Whether a class has to be chosen."""
    return bool(source.dataset.classes) and quantity in ("probability", "difference")


def is_ready(source: Source, quantity: str, number: int, rival: Source | None, degrees: float) -> bool:
    """Whether ``field`` takes no time for a model's answers."""
    asked = [s for s in (source, rival if quantity == "difference" else None) if s is not None]
    wanted = _asked_quantity(source, quantity)
    return wanted is None or all(
        _from_frame(s, wanted, degrees) is not None or _known(s, wanted, number, degrees) for s in asked
    )


def field(
    source: Source, quantity: str, number: int, rival: Source | None, degrees: float, progress: Progress | None = None
) -> Field:
    """A quantity on the whole Earth in cells of ``degrees``.

    ``number`` is that of a class.  ``progress`` hears the share that is done.  ``ValueError`` and ``NoAnswerError`` as
    in ``answers``.
    """
    grid, dataset = Grid.equirectangular(degrees), source.dataset
    if quantity == "truth":
        return maps.truth(source.data, grid)
    if quantity == "distance":
        return _distance(source, grid)
    wanted = _asked_quantity(source, quantity)
    assert wanted is not None
    both = quantity == "difference" and rival is not None
    values = _values(source, wanted, number, degrees, _part(progress, 0, 2 if both else 1))
    name = source.title
    if quantity == "prediction":
        predicted = dataset.field(values, grid, f"{dataset.title}, predicted by {name}")
        if source.described is None or dataset.classes:
            return predicted
        low, high = float(values.min()), float(values.max())  # of these data no usual limits are known
        return replace(predicted, title=name, limits=(low, high) if low < high else (low - 0.5, high + 0.5))
    if quantity == "error":
        predicted, truth = dataset.field(values, grid, ""), maps.truth(source.data, grid)
        limit = 1.0 if dataset.classes else _limit(predicted.values - truth.values)
        return replace(pictures.error(predicted, truth, limit), title=f"{dataset.title}, error of {name}")
    if both:
        assert rival is not None
        values = values - _values(rival, wanted, number, degrees, _part(progress, 1, 2))
        limit = _limit(values)
        what = f"Probability of {dataset.classes[number]}" if dataset.classes else dataset.title
        return Field(values, grid, f"{what}: {name} less {rival.title}", dataset.units, (-limit, limit), "RdBu_r")
    if quantity == "probability":
        return Field(values, grid, f"Probability of {dataset.classes[number]}, {name}", "", (0.0, 1.0), "viridis")
    if quantity == "entropy":
        return Field(values, grid, f"{dataset.title}, uncertainty of {name}", "", (0.0, 1.0), "viridis")
    high = maps.rounded_up(float(np.nanquantile(values, QUANTILE)) or 1.0)
    return Field(values, grid, f"{dataset.title}, standard error of {name}", dataset.units, (0.0, high), "viridis")


def coloured(found: Field, colormap: str, low: float | None, high: float | None, centre: float) -> Field:
    """A field of values with another colour map ("" keeps its own) and other limits (None keeps them).

    The limits of a diverging map lie as far below ``centre`` as above it, unless both are given.  ``ValueError`` for
    limits that do not rise.
    """
    if found.classes:
        return found
    name = colormap or found.colormap
    lower, upper = (found.limits[0] if low is None else low), (found.limits[1] if high is None else high)
    if name in DIVERGING and (low is None or high is None):
        given = [abs(limit - centre) for limit in (low, high) if limit is not None]
        reach = given[0] if given else max(abs(found.limits[0] - centre), abs(found.limits[1] - centre))
        lower, upper = centre - reach, centre + reach
    if not lower < upper or not math.isfinite(upper - lower):
        raise ValueError(f"The colours go from {lower:g} to {upper:g}; the highest value must be above the lowest.")
    return replace(found, colormap=name, limits=(lower, upper))


def _asked_quantity(source: Source, quantity: str) -> str | None:
    """The quantity that the models are asked for; None where they are not."""
    if quantity in ("truth", "distance"):
        return None
    if quantity == "difference":
        return "probability" if source.dataset.classes else "prediction"
    return "prediction" if quantity == "error" else quantity


def _values(source: Source, quantity: str, number: int, degrees: float, progress: Progress) -> Values:
    found = _from_frame(source, quantity, degrees)
    if found is not None:
        return found
    questions = _questions(source, quantity, number, degrees)
    if not answers.knows(*questions):
        progress(0.0)
    parts = []
    for i, question in enumerate(questions):
        parts.append(answers.ask_of(source.file, question))
        progress((i + 1) / len(questions))
    return np.concatenate(parts).astype(float)


def _from_frame(source: Source, quantity: str, degrees: float) -> Values | None:
    """What the race has brought along."""
    if quantity != "prediction" or degrees != FRAME_DEGREES or source.frame is None or "world" not in source.frame.maps:
        return None
    values = np.asarray(source.frame.maps["world"], dtype=float)
    return values if values.shape == Grid.equirectangular(degrees).shape else None


def _known(source: Source, quantity: str, number: int, degrees: float) -> bool:
    return answers.knows(*_questions(source, quantity, number, degrees))


def _questions(source: Source, quantity: str, number: int, degrees: float) -> list[PredictedRowsOf]:
    rows, columns = Grid.equirectangular(degrees).shape
    step = max(1, ROWS_CELLS // columns)
    number = number if quantity == "probability" else 0
    return [
        PredictedRowsOf(source.model, quantity, number, degrees, first, min(rows, first + step))
        for first in range(0, rows, step)
    ]


def _part(progress: Progress | None, i: int, of: int) -> Progress:
    return lambda share: progress((i + share) / of) if progress else None


def _distance(source: Source, grid: Grid) -> Field:
    recipe = source.recipe
    assert recipe is not None
    dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    found = data.distance_field(dataset.lonlat[dataset.train], grid)
    return replace(found, title=f"{dataset.title}: {found.title[0].lower()}{found.title[1:]}")


def _limit(values: Values) -> float:
    return maps.rounded_up(symmetric_limits(values, QUANTILE)[1])
