"""A model's predictions as fields, with the units, limits, classes and colours of its data, and where they are from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import data
from s2v.data import DataSet
from s2v.data.catalogue import OWN
from s2v.errors import clipped, shown
from s2v.evaluation import entropy
from s2v.fields import Field, Grid
from s2v.models.model import LocationModel
from s2v.predictors import Predictor

_MAX_OUTPUTS = 1 << 24  # predicted at a time: 64 MB


def predicted(model: LocationModel | Predictor, grid: Grid, of: str | None = None) -> Field:
    """Values, or the most probable class, on a grid; with ``of`` the probability of that class.

    Presences of a single class are always a probability.  ``ValueError`` for an unknown class.
    """
    if of is None and model.task == "presence" and len(model.classes) == 1:
        of = model.classes[0]
    if of is not None:
        return Field(values(model, grid, "probability", of), grid, f"Probability of {of}", about=about(model))
    found = values(model, grid, "prediction")
    known = _dataset(model.data if isinstance(model, Predictor) else model.recipe.data)
    if known is not None and known.classes == model.classes:
        return replace(known.field(found, grid, known.title), about=about(model))
    if model.classes:
        limits = (-0.5, len(model.classes) - 0.5)
        return Field(found, grid, "Predicted class", limits=limits, classes=model.classes, about=about(model))
    low, high = float(found.min()), float(found.max())
    limits = (low, high) if low < high else (low - 0.5, high + 0.5)
    return Field(found, grid, "Prediction", limits=limits, about=about(model))


def standard_error(model: LocationModel | Predictor, grid: Grid) -> Field:
    """The standard error of a kriging's prediction on a grid, in the units of its data.

    ``ValueError`` for a model that does not know it.
    """
    if not isinstance(model, Predictor) or not model.spec.has_stderr:
        raise ValueError("This model knows no standard error of its predictions; the predictor 'kriging' does.")
    found = _by_rows(grid, 1, lambda places: np.asarray(model.stderr(places)))
    known = _dataset(model.data)
    high = float(found.max())
    return Field(
        found,
        grid,
        "Standard error",
        "" if known is None else known.units,
        (0.0, high if high > 0 else 1.0),
        "viridis",
        about=about(model),
    )


def values(model: LocationModel | Predictor, grid: Grid, quantity: str, of: str | None = None) -> NDArray[np.float64]:
    """A quantity on a grid: "prediction" (values, or the numbers of the most probable classes), "probability" of the
    class ``of``, or "entropy" of the probabilities.  ``ValueError`` for what the model has not.
    """
    if quantity == "prediction":
        return _answers(model, grid, (lambda some: some.argmax(-1)) if model.classes else (lambda some: some))
    if not model.classes and quantity == "probability":
        raise ValueError(clipped(f"class {shown(of)} is unknown; this model predicts values."))
    if not model.classes:
        raise ValueError(f"This model predicts values, so there is no {quantity} of the probabilities of its classes.")
    if quantity == "entropy":
        return _answers(model, grid, lambda some: np.asarray(entropy(some)))
    if of not in model.classes:
        more = f" and {len(model.classes) - 30} more" if len(model.classes) > 30 else ""
        raise ValueError(clipped(f"class {shown(of)} is unknown; there are: {', '.join(model.classes[:30])}{more}."))
    number = model.classes.index(of)
    return _answers(model, grid, lambda some: some[..., number])


def about(model: LocationModel | Predictor) -> dict[str, str]:
    """What a file says of a model: how to make it again, and how to tell that it is this one."""
    if isinstance(model, Predictor):
        name, made = model.data, {"predictor": json.dumps({"name": model.name, "params": model.params})}
        source = f"reference predictor {model.name}"
    else:
        name, made = model.recipe.data, {"recipe": model.recipe.to_json()}
        source = f"location encoder {model.recipe.encoder} with network {model.recipe.network}"
    known = _dataset(name)
    return {
        "source": f"{source}, fitted to {'places of your own' if known is None else known.title}",
        "credit": "" if known is None else known.credit,
        **made,
        "fingerprint": _fingerprint(model),
    }


def _fingerprint(model: LocationModel | Predictor) -> str:
    """A short hash of the weights, or of what a predictor knows, the same after it is saved and loaded."""
    if isinstance(model, Predictor):
        arrays = model.arrays()
    else:
        arrays = {name: part.detach().cpu().numpy() for name, part in model.state_dict().items()}
    found = hashlib.sha256()
    for name in sorted(arrays):
        found.update(f"{name} {arrays[name].dtype} {arrays[name].shape}".encode())
        found.update(np.ascontiguousarray(arrays[name]).tobytes())
    return f"sha256:{found.hexdigest()[:16]}"


def _answers(
    model: LocationModel | Predictor, grid: Grid, pick: Callable[[NDArray[Any]], NDArray[Any]]
) -> NDArray[np.float64]:
    """``pick`` of the predictions on a grid."""
    return _by_rows(grid, max(1, len(model.classes)), lambda places: pick(model.predict(places)))


def _by_rows(grid: Grid, width: int, answer: Callable[[NDArray[Any]], NDArray[Any]]) -> NDArray[np.float64]:
    """Answers on a grid, some rows at a time: ``width`` numbers for all places, of all classes, would be gigabytes."""
    rows = max(1, _MAX_OUTPUTS // (grid.columns * width))
    parts = [answer(grid.lonlat[row : row + rows]) for row in range(0, grid.rows, rows)]
    return np.concatenate(parts).astype(float)


@lru_cache(maxsize=4)
def _dataset(name: str) -> DataSet | None:
    """The data set of a name, which says how it is drawn; None for a user's own places."""
    if not name or data.parse(name)[0] in OWN:
        return None
    return replace(data.load(name, 1), source=None)
