"""What models predict, as panels of the linked globes: a probability on one scale, or the values of a regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from s2v.comparison.questions import PredictedRowsOf
from s2v.fields import Field, Grid
from s2v.ui import answers
from s2v.ui.comparison.common import View
from s2v.ui.linked_globes import Panel
from s2v.ui.published.opening import Model

DEGREES = 1.0  # cells of the maps
MAX_SHOWN = 4  # models, classes, or pairs of them, side by side
VIEWS = {
    "both": View("Globe and pole", ("globe", "north")),
    "globe": View("Globes", ("globe",)),
    "poles": View("Both poles", ("north", "south")),
    "world": View("World", ("world",)),
}


@dataclass(frozen=True)
class Shown:
    """A model with the number of one of its classes, None for a regression."""

    model: Model
    number: int | None
    title: str

    @property
    def question(self) -> PredictedRowsOf:
        quantity = "prediction" if self.number is None else "probability"
        rows = Grid.equirectangular(DEGREES).rows
        return PredictedRowsOf(self.model.kept.source, quantity, self.number or 0, DEGREES, 0, rows)


def side_by_side(models: Sequence[Model], numbers: Sequence[int]) -> tuple[list[Shown], list[str]]:
    """Pairs of a model and a class of the first model with classes, and sentences on those that there are not.

    Other models show their class of the same name.
    """
    names = [classes_of(models)[number] for number in numbers]
    found, notes = [], []
    for model in models:
        if model.is_embedding:
            notes.append(
                f"{model.title} is an embedding of places and predicts nothing by itself: Similarity and Distortion "
                "show it."
            )
            continue
        if not model.classes:
            found.append(Shown(model, None, model.title))
            continue
        for name in names:
            if name not in model.classes:
                notes.append(f"{model.title} has no class named {name}.")
                continue
            title = name if len(models) == 1 else model.title if len(names) == 1 else f"{name}, {model.title}"
            found.append(Shown(model, model.classes.index(name), title))
    return found[:MAX_SHOWN], notes


def classes_of(models: Sequence[Model]) -> tuple[str, ...]:
    """The classes to choose from: those of the first model that has some."""
    return next((model.classes for model in models if model.classes), ())


def fields(shown: Sequence[Shown]) -> list[Field]:
    """What is shown, on a grid of the whole sphere; ``ValueError`` and ``NoAnswerError`` as in ``answers``."""
    grid = Grid.equirectangular(DEGREES)
    values = [np.asarray(found, dtype=float) for found in answers.ask_all([each.question for each in shown])]
    of_classes = [v for v, each in zip(values, shown, strict=True) if each.number is not None]
    top = scale_end(max((float(v.max()) for v in of_classes), default=1.0))
    return [
        _field(each, v, grid, (0.0, top) if each.number is not None else _limits(v))
        for v, each in zip(values, shown, strict=True)
    ]


def panels(drawn: Sequence[Field], view: View) -> list[Panel]:
    """The maps of a view, those of one field below each other."""
    return [Panel(field, kind) for kind in view.kinds for field in drawn]


@dataclass(frozen=True)
class Edges:
    """What a map does where a flat one has its edges: lowest and highest value all around each pole, and the largest
    step between neighbouring cells across the dateline; and its mean over the sphere."""

    north: tuple[float, float]
    south: tuple[float, float]
    dateline: float
    mean: float


def edges_of(field: Field) -> Edges:
    """The edges of a field of the whole sphere."""
    values = field.values
    return Edges(
        (float(values[0].min()), float(values[0].max())),
        (float(values[-1].min()), float(values[-1].max())),
        float(np.abs(values[:, 0] - values[:, -1]).max()),
        float((values * field.grid.areas).sum()),
    )


def scale_end(highest: float) -> float:
    """The end of a scale of probabilities: 1, or a round number where none comes near."""
    if not 0 < highest <= 0.5:
        return 1.0
    power = 10.0 ** np.floor(np.log10(highest))
    return float(next(step * power for step in (1, 2, 5, 10) if highest <= step * power * (1 + 1e-9)))


def _field(each: Shown, values: np.ndarray, grid: Grid, limits: tuple[float, float]) -> Field:  # type: ignore[type-arg]
    quantity = "Predicted value" if each.number is None else "Probability"
    return Field(values, grid, each.title, "", limits, "viridis", about={"quantity": quantity})


def _limits(values: np.ndarray) -> tuple[float, float]:  # type: ignore[type-arg]
    low, high = float(values.min()), float(values.max())
    return (low, high) if low < high else (low - 0.5, high + 0.5)
