"""One try of a search: trained, or fitted, and scored.  ``s2v.models.halving`` decides which ones there are."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from s2v.data import DataSet
from s2v.evaluation import MAIN_SCORES, Background, background_places, evaluate
from s2v.models.loop import DivergedError, train_steps
from s2v.models.reference import Predict, fit_reference
from s2v.models.tries import Outcome, Try

PIECE_SECONDS = 0.3  # of training, after which it is asked whether to go on
PIECE = 4096  # places that a reference predictor answers in one go


class _EndedError(Exception):
    """The try was ended between two pieces of its work."""


def attempt(each: Try, dataset: DataSet, go_on: Callable[[], bool] = lambda: True) -> Outcome | None:
    """Train, or fit, and score what a try says.

    Parameters
    ----------
    each : Try
    dataset : DataSet, of the recipe's split
    go_on : function, optional
        Called several times a second; where it returns false, the try ends.

    Returns
    -------
    Outcome or None
        None where it was ended.  A training that diverges has a problem and no score.

    Examples
    --------
    >>> from s2v import data
    >>> from s2v.models.recipe import Recipe
    >>> outcome = attempt(Try(Recipe(data="geoid", encoder="xyz", points=500, steps=50)), data.load("geoid", 500))
    >>> 0 < outcome.score < 1
    True
    """
    try:
        predict = _fitted(each, dataset, go_on) if each.recipe.predictor else _trained(each, dataset, go_on)
        return _outcome(each, dataset, predict)
    except DivergedError as error:
        return Outcome(problem=str(error))
    except _EndedError:
        return None


def _trained(each: Try, dataset: DataSet, go_on: Callable[[], bool]) -> Predict:
    if not go_on():
        raise _EndedError
    for snapshot in train_steps(each.recipe, dataset, seconds=lambda: PIECE_SECONDS, evaluated=False):
        if snapshot.done:
            break
        if not go_on():
            raise _EndedError
    return snapshot.model.predict


def _fitted(each: Try, dataset: DataSet, go_on: Callable[[], bool]) -> Predict:
    going = True

    def asked() -> bool:
        nonlocal going
        going = going and go_on()
        return going

    asked()
    model = fit_reference(each.recipe, dataset, asked)

    def predict(lonlat: NDArray[np.float64]) -> NDArray[np.float32]:
        parts = []
        for start in range(0, max(1, len(lonlat)), PIECE):
            if not asked():
                raise _EndedError
            parts.append(model.predict(lonlat[start : start + PIECE]).astype(np.float32))
        return np.concatenate(parts)

    if not going:
        raise _EndedError
    return predict


def _outcome(each: Try, dataset: DataSet, predict: Predict) -> Outcome:
    task = each.recipe.task
    background = predict(background_places()) if task == "presence" else None
    rows = dataset.test if each.final else dataset.val
    lonlat, target = dataset.lonlat[rows], dataset.target[rows]
    prediction = predict(lonlat)
    if each.final:
        decided = prediction.argmax(axis=1) if task == "classification" else prediction
        return Outcome(prediction=decided, background=background)
    absent = None if background is None else Background(background_places(), background)
    found = evaluate(task, target, prediction, lonlat, background=absent).get(MAIN_SCORES[task].name, math.nan)
    return Outcome(float(found))
