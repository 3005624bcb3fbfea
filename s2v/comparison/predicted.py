"""What a trained model or reference predictor says of the cells of a grid, computed with torch."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2v.comparison import codes
from s2v.comparison.results import Values
from s2v.comparison.sources import TrainedModel
from s2v.evaluation import entropy
from s2v.fields import Grid
from s2v.models.device import torch_device
from s2v.models.model import LocationModel
from s2v.predictors import Predictor

PIECE = 1 << 13  # places at a time


def predicted_rows(source: TrainedModel, quantity: str, number: int, degrees: float, first: int, end: int) -> Values:
    """The answer (rows, columns), float32, for some rows of a grid with cells of ``degrees``.

    ``quantity`` is "prediction" (values, or the number of the most probable class), "probability" of the class with
    the ``number``, "entropy" relative to that of a uniform guess, or the "stderr" of a prediction.  ``ValueError`` says
    what a model cannot answer.
    """
    model = codes.kept(("model", source), lambda: (_loaded(source), 1 << 20))
    if quantity == "stderr" and not (isinstance(model, Predictor) and model.spec.has_stderr):
        raise ValueError(f"{source.title} knows no standard error of its predictions; the predictor 'kriging' does.")
    if quantity in ("probability", "entropy") and not model.classes:
        raise ValueError(f"{source.title} predicts values, so it has no probabilities of classes.")
    if quantity == "probability" and not 0 <= number < len(model.classes):
        raise ValueError(f"{source.title} has {len(model.classes)} classes; there is none with the number {number}.")
    places = Grid.equirectangular(degrees).lonlat[first:end]
    flat = places.reshape(-1, 2)
    parts = [_answers(model, quantity, number, flat[i : i + PIECE]) for i in range(0, len(flat), PIECE)]
    return np.concatenate(parts).astype(np.float32).reshape(places.shape[:2])


def _loaded(source: TrainedModel) -> LocationModel | Predictor:
    """The model, on a GPU where there is one."""
    model = source.load()
    return model.to(torch_device()) if isinstance(model, LocationModel) else model


def _answers(model: LocationModel | Predictor, quantity: str, number: int, places: Values) -> Values:
    if quantity == "stderr":
        assert isinstance(model, Predictor)
        return np.asarray(model.stderr(places))
    predicted: Any = np.asarray(model.predict(places))
    if quantity == "probability":
        return np.asarray(predicted[:, number])
    if quantity == "entropy":
        return np.asarray(entropy(predicted))
    return np.asarray(predicted.argmax(-1) if model.classes else predicted)
