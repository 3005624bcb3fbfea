"""The quantities that the Maps page draws, as fields of the whole Earth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from s2v import data
from s2v.comparison.questions import PredictedRowsOf
from s2v.comparison.results import Values
from s2v.fields import Field, Grid
from s2v.figures.quantities import quantity_field
from s2v.ui import answers
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
    less = None
    if quantity == "error":
        less = maps.truth(source.data, grid).values
    elif both:
        assert rival is not None
        less = _values(rival, wanted, number, degrees, _part(progress, 1, 2))
    title = rival.title if rival else ""
    return quantity_field(quantity, values, grid, dataset, source.title, number, less, title)


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
