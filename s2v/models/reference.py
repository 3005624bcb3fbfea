"""Reference predictors of recipes: fitted to a recipe's places, and scored as trained models are.  Free of torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v.data import DataSet
from s2v.evaluation import Background, background_places, evaluate
from s2v.models.recipe import Recipe
from s2v.predictors import Predictor, fit

Predict = Callable[[NDArray[Any]], NDArray[Any]]


def fit_reference(recipe: Recipe, dataset: DataSet, go_on: Callable[[], bool] = lambda: True) -> Predictor:
    """The predictor that a recipe names, fitted to a data set.

    ``go_on`` is called between settings; where it returns false, no further one is tried.
    """
    # Classes that are learned one by one are presences, for a predictor as for a network.
    fitting = dataset if dataset.task == recipe.task else replace(dataset, task=recipe.task)
    return fit(recipe.predictor, fitting, go_on=go_on)


def reference_metrics(recipe: Recipe, dataset: DataSet, predict: Predict) -> dict[str, float]:
    """Metrics on the validation places, and with names that begin with ``test_`` those on the test places.

    ``predict`` maps places (n, 2) to values (n,) or probabilities (n, classes).
    """
    places = background_places()
    absent = Background(places, predict(places)) if recipe.task == "presence" else None

    def of(rows: NDArray[np.int64]) -> dict[str, float]:
        lonlat = dataset.lonlat[rows]
        return evaluate(recipe.task, dataset.target[rows], predict(lonlat), lonlat, background=absent)

    return of(dataset.val) | {f"test_{name}": value for name, value in of(dataset.test).items()}
