"""One cell of the benchmark: a recipe trained, or fitted, and scored.  Runs on a worker."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import data
from s2v.benchmark.results import key_of
from s2v.data import DataSet
from s2v.errors import user_message
from s2v.evaluation import MAIN_SCORES, POLAR, Background, background_places, evaluate
from s2v.evaluation.metrics import hits
from s2v.evaluation.presence import auc
from s2v.models.recipe import Recipe
from s2v.version import __version__

DATELINE = 15.0  # degrees of longitude to either side of it
MIN_PLACES = 20  # for a score of a part of the sphere

Predict = Callable[[NDArray[np.float64]], NDArray[Any]]


def compute(recipe: Recipe) -> dict[str, Any]:
    """Train, or fit, what a recipe says, and score it on test places.

    Parameters
    ----------
    recipe : Recipe

    Returns
    -------
    dict
        A row of ``s2v.benchmark.results.SCHEMA``.  ``gains`` (places,) are what each test place adds to the score, the
        mean of which it is: 1 or 0 for a class, 1 - e^2 / var(y) for a value, the share of background places that rank
        lower for a presence.  A contestant that fails has a sentence as its ``problem``, and no score.

    Examples
    --------
    >>> row = compute(Recipe(data="vmf:U3", predictor="knn", points=500))
    >>> row["metric"], 0.2 < row["score"] < row["bayes"]
    ('accuracy', True)
    """
    begun = time.perf_counter()
    row = empty_row(recipe)
    try:
        dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
        row["bayes"] = math.nan if dataset.bayes is None else float(dataset.bayes)
        predict, about = _fitted(recipe, dataset) if recipe.predictor else _trained(recipe, dataset)
        row |= about | _scores(recipe, dataset, predict)
    except Exception as error:
        row["problem"] = user_message(error) or f"{type(error).__name__}: {error}"
    return row | {"seconds": time.perf_counter() - begun}


def empty_row(recipe: Recipe) -> dict[str, Any]:
    """The row of a cell of which nothing is known but its recipe."""
    return {
        "key": key_of(recipe),
        "recipe": recipe.to_json(),
        "contestant": recipe.predictor or recipe.encoder,
        "data": recipe.data,
        "split": recipe.split,
        "points": recipe.points,
        "seed": recipe.seed,
        "task": recipe.task,
        "metric": MAIN_SCORES[recipe.task].name,
        "version": __version__,
        **dict.fromkeys(("score", "bayes", "north", "south", "dateline", "seconds", "train_seconds"), math.nan),
        **{"parameters": 0, "features": 0, "gains": b"", "params": "{}", "trials": "[]", "problem": ""},
    }


def _trained(recipe: Recipe, dataset: DataSet) -> tuple[Predict, dict[str, Any]]:
    from s2v.models.training import train

    *_, last = train(recipe, every=recipe.steps, evaluated=False, dataset=dataset)
    trials = [{**trial.params, "score": _number(trial.score)} for trial in last.trials]
    return last.model.predict, {
        "params": json.dumps(dict(last.model.recipe.encoder_params)),
        "trials": json.dumps(trials),
        "train_seconds": last.seconds,
        "parameters": sum(parameter.numel() for parameter in last.model.parameters()),
        "features": last.model.encoder.dim,
    }


def _fitted(recipe: Recipe, dataset: DataSet) -> tuple[Predict, dict[str, Any]]:
    from s2v.models.reference import fit_reference

    model = fit_reference(recipe, dataset)
    trials = [{**params, "score": _number(score)} for params, score in model.trials]
    return model.predict, {
        "params": json.dumps(dict(model.params)),
        "trials": json.dumps(trials),
        "train_seconds": model.seconds,
    }


def _scores(recipe: Recipe, dataset: DataSet, predict: Predict) -> dict[str, Any]:
    """The score on the test places, and on parts of the sphere: on places for that where the truth is known."""
    task, name = recipe.task, MAIN_SCORES[recipe.task].name
    absent = Background(background_places(), predict(background_places())) if task == "presence" else None
    lonlat, target = dataset.lonlat[dataset.test], dataset.target[dataset.test]
    prediction = predict(lonlat)

    def score(places: Any, truth: Any, guess: Any, weights: Any = None) -> float:
        return float(evaluate(task, truth, guess, places, weights, absent).get(name, math.nan))

    where: tuple[Any, ...] = (lonlat, target, prediction)
    if (bands := dataset.by_latitude) is not None:
        where = bands.lonlat, bands.target, predict(bands.lonlat), bands.weights
    parts = {
        "north": where[0][:, 1] > POLAR,
        "south": where[0][:, 1] < -POLAR,
        "dateline": abs(where[0][:, 0]) > 180 - DATELINE,
    }
    return {
        "score": score(lonlat, target, prediction),
        **{
            part: score(*(values[inside] for values in where)) if inside.sum() >= MIN_PLACES else math.nan
            for part, inside in parts.items()
        },
        "gains": _gains(task, target, prediction, absent).astype(np.float16).tobytes(),
    }


def _gains(task: str, target: NDArray[Any], prediction: NDArray[Any], absent: Background | None) -> NDArray[np.float64]:
    if task == "classification":
        return hits(target, prediction)
    if task == "presence":
        assert absent is not None
        return auc(target, prediction, absent.prediction)
    known = target[~np.isnan(target)]
    gains: NDArray[np.float64] = 1 - (target - prediction) ** 2 / known.var()
    return np.clip(gains, -6e4, 1)  # the range of float16


def _number(value: float) -> float | None:
    """JSON has no NaN."""
    return float(value) if math.isfinite(value) else None
