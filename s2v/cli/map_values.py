"""What ``python -m s2v map`` maps: the values of a quantity on a grid, and the training places of a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from s2v import data
from s2v.data.catalogue import OWN
from s2v.errors import shown
from s2v.fields import Field, Grid

if TYPE_CHECKING:
    from s2v.data import DataSet
    from s2v.models.model import LocationModel
    from s2v.predictors import Predictor


def truth(name: str, grid: Grid) -> Field:
    """The truth of a built-in data set; ``ValueError`` where it is not known everywhere."""
    if data.parse(name)[0] in OWN or data.entry(name).places_only:
        raise ValueError(
            f"--quantity truth: {shown(name)} is known at its own places only; allowed are those that are known "
            f"everywhere: {', '.join(n for n in data.names() if not data.entry(n).places_only)}."
        )
    return data.load(name, 1).truth(grid)


def model_field(
    model: LocationModel | Predictor,
    grid: Grid,
    quantity: str,
    of: str | None = None,
    less: Path | None = None,
    device: str = "cpu",
) -> Field:
    """A quantity of a model: of a probability, and of a difference of probabilities, that of the class ``of``.

    ``less`` is the file of the model whose answer is taken off, on ``device``.  ``ValueError`` for what a model cannot
    answer.
    """
    from s2v.figures.quantities import quantity_field, unknown_data  # slow to load: matplotlib
    from s2v.models import checkpoints, predictions  # torch

    if quantity in ("prediction", "probability"):
        return predictions.predicted(model, grid, of)
    if quantity == "stderr":
        return predictions.standard_error(model, grid)
    if quantity == "truth":
        return truth(_data_name(model), grid)
    if quantity == "distance":
        return data.distance_field(training_places(model, "--quantity distance"), grid)
    about, by, rival = predictions.about(model), _name(model), ""
    wanted = {"entropy": "entropy", "error": "prediction"}.get(quantity) or ("probability" if of else "prediction")
    values, other = predictions.values(model, grid, wanted, of), None
    if quantity == "error":
        other = truth(_data_name(model), grid).values
    elif quantity == "difference":
        if less is None:
            raise ValueError("--quantity difference takes --less FILE: the model whose answer is taken off.")
        second = checkpoints.load(less, device=device)
        if second.classes != model.classes:
            raise ValueError(
                f"--less {less}: its classes are not those of the first model; a difference needs two models of the "
                "same data."
            )
        other, rival = predictions.values(second, grid, wanted, of), _name(second)
    number, name = model.classes.index(of) if of else 0, _data_name(model)
    known = _known_data(name, model.classes)
    found = quantity_field(
        quantity, values, grid, known or unknown_data(name, model.task, model.classes, ""), by, number, other, rival
    )
    return replace(found, about=about)


def training_places(model: LocationModel | Predictor, option: str) -> NDArray[np.float64]:
    """The training places (n, 2) of a model: a predictor keeps them, those of a network are made from its recipe."""
    from s2v.predictors import Predictor

    if isinstance(model, Predictor):
        return model.lonlat
    recipe = model.recipe
    if data.parse(recipe.data)[0] in OWN:
        raise ValueError(
            f"{option}: a network's file holds no training places, and this one was not trained on the lab's own data. "
            f"Leave {option.split()[0]} out."
        )
    dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    return dataset.lonlat[dataset.train]


def _known_data(name: str, classes: tuple[str, ...]) -> DataSet | None:
    """The data of a model, if they are built in and have its classes."""
    if data.parse(name)[0] in OWN:
        return None
    known = data.load(name, 1)
    return known if known.classes == classes else None


def _data_name(model: LocationModel | Predictor) -> str:
    from s2v.predictors import Predictor

    return model.data if isinstance(model, Predictor) else model.recipe.data


def _name(model: LocationModel | Predictor) -> str:
    from s2v.predictors import Predictor

    return model.name if isinstance(model, Predictor) else model.recipe.encoder
