"""Scores of one prediction: for the sphere, near the poles and by latitude band."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.errors import shown
from s2v.evaluation import presence
from s2v.evaluation.scores import MAIN_SCORES

Numbers = NDArray[np.float64]

# Latitude bands (from, to) in degrees, north to south.  A band holds its poleward edge, not the other one; the
# equator itself belongs to the north.
BANDS: tuple[tuple[float, float], ...] = (
    (90, 85),
    (85, 75),
    (75, 60),
    (60, 30),
    (30, 0),
    (0, -30),
    (-30, -60),
    (-60, -75),
    (-75, -85),
    (-85, -90),
)
POLAR = 70.0  # degrees: "_north" and "_south" in the names of metrics are of places beyond it


def evaluate(
    task: str,
    target: ArrayLike,
    prediction: ArrayLike,
    lonlat: ArrayLike,
    weights: ArrayLike | None = None,
    background: presence.Background | None = None,
) -> dict[str, float]:
    """Metrics of a prediction, for the sphere, above 70 N and below 70 S.

    Parameters
    ----------
    task : "regression", "classification" or "presence"
    target : array (n,)
        Values, or class numbers.  Places of unknown truth, NaN or below 0, are left out.
    prediction : array (n,) or (n, classes)
        Values of a regression in the units of the target, otherwise probabilities.
    lonlat : array (n, 2)
        Places in degrees, longitude first.
    weights : array (n,), optional
        Share of the sphere that each place stands for; all equal unless given.
    background : Background, optional
        For presences: see ``s2v.evaluation.presence``.

    Returns
    -------
    dict of str to float
        Regression: ``r2``, ``r2_north``, ``r2_south``, ``rmse``, ``mae``.  Otherwise ``accuracy``, ``accuracy_north``
        and ``accuracy_south``.  Classification: also ``log_loss``.  Presence: also ``top5``, the share of places where
        the class seen is among the five most probable, and ``mrr``, the mean of one over its rank (both as TorchSpatial
        reports them); with a background ``auc``, ``auc_north``, ``auc_south`` and ``average_precision``, of presences
        against background places of the same part of the sphere.

    Raises
    ------
    ValueError
        For an unknown task, shapes that do not fit, places that are not on the sphere, or a negative weight.

    Examples
    --------
    >>> places = np.array([[0.0, 80.0], [90.0, 75.0], [0.0, 0.0]])
    >>> metrics = evaluate("regression", [1.0, 2.0, 3.0], [1.0, 2.5, 3.0], places)
    >>> metrics["r2"], metrics["r2_north"], round(metrics["mae"], 3)
    (0.875, 0.5, 0.167)
    """
    places, y, guess, w = checked(task, target, prediction, lonlat, weights)
    name, measure = ("r2", r2) if task == "regression" else ("accuracy", accuracy)
    north, south = places[:, 1] > POLAR, places[:, 1] < -POLAR
    metrics = {
        name: measure(y, guess, w),
        f"{name}_north": measure(y[north], guess[north], w[north]),
        f"{name}_south": measure(y[south], guess[south], w[south]),
    }
    if task == "regression":
        return metrics | {"rmse": rmse(y, guess, w), "mae": mae(y, guess, w)}
    if task == "classification":
        return metrics | {"log_loss": log_loss(y, guess, w)}
    rank = presence.ranks(y, guess)
    metrics |= {"top5": _average(np.where(np.isnan(rank), np.nan, rank <= 5), w), "mrr": _average(1 / rank, w)}
    if background is None:
        return metrics
    latitude = np.asarray(background.lonlat)[:, 1]
    outside = np.asarray(background.prediction, dtype=float)
    for suffix, here, there in (
        ("", slice(None), slice(None)),
        ("_north", north, latitude > POLAR),
        ("_south", south, latitude < -POLAR),
    ):
        metrics[f"auc{suffix}"] = _average(presence.auc(y[here], guess[here], outside[there]), w[here])
    return metrics | {"average_precision": presence.average_precision(y, guess, outside, w)}


def band_title(low: float, high: float) -> str:
    """A latitude band in words, such as "85 to 90 N"."""
    inner, outer = sorted((abs(low), abs(high)))
    return f"{inner:g} to {outer:g} {'N' if max(low, high) > 0 else 'S'}"


def r2(target: ArrayLike, prediction: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Share of the target's variance that is explained: 1 is perfect, 0 is no better than the mean, below 0 is worse.

    Parameters
    ----------
    target : array (n,)
    prediction : array (n,)
    weights : array (n,), optional
        Share of the sphere that each place stands for; all equal unless given.

    Returns
    -------
    float
        NaN without places, and where the target does not vary.

    Raises
    ------
    ValueError
        For lengths that differ or a negative weight.

    Examples
    --------
    >>> r2([1.0, 2.0, 3.0, 6.0], [1.0, 3.0, 3.0, 5.0])  # 1 - 2 / 14
    0.8571428571428572
    """
    y, guess, w = weighted(target, prediction, weights)
    centred = y - np.median(y) if len(y) else y  # the same R2, without the loss of digits of a far-off mean
    terms = np.stack([w, w * centred, w * centred**2, w * (y - guess) ** 2])
    return float(r2_of_sums(*(np.ones((1, len(y))) @ terms.T)[0]))


def rmse(target: ArrayLike, prediction: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Root of the mean squared error, in the units of the target.

    Parameters
    ----------
    target : array (n,)
    prediction : array (n,)
    weights : array (n,), optional
        Share of the sphere that each place stands for; all equal unless given.

    Returns
    -------
    float
        NaN without places.

    Raises
    ------
    ValueError
        For lengths that differ or a negative weight.

    Examples
    --------
    >>> rmse([1.0, 2.0], [1.0, 4.0], weights=[3, 1])
    1.0
    """
    y, guess, w = weighted(target, prediction, weights)
    return float(np.sqrt(_average((y - guess) ** 2, w)))


def mae(target: ArrayLike, prediction: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Mean absolute error, in the units of the target.

    Parameters
    ----------
    target : array (n,)
    prediction : array (n,)
    weights : array (n,), optional
        Share of the sphere that each place stands for; all equal unless given.

    Returns
    -------
    float
        NaN without places.

    Raises
    ------
    ValueError
        For lengths that differ or a negative weight.

    Examples
    --------
    >>> mae([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    y, guess, w = weighted(target, prediction, weights)
    return _average(abs(y - guess), w)


def accuracy(target: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Share of places whose most probable class is the true one; of equal probabilities the first counts.

    Parameters
    ----------
    target : array (n,)
        Class numbers.
    probabilities : array (n, classes)
    weights : array (n,), optional
        Share of the sphere that each place stands for; all equal unless given.

    Returns
    -------
    float
        NaN without places, and where a probability is.

    Raises
    ------
    ValueError
        For lengths that differ or a negative weight.

    Examples
    --------
    >>> accuracy([0, 1], [[0.7, 0.3], [0.6, 0.4]])
    0.5
    """
    y, guess, w = weighted(target, probabilities, weights)
    return _average(hits(y, guess), w)


def log_loss(target: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Mean of -log of the true class's probability (natural logarithm), which is taken to be at least 1e-12.

    Parameters
    ----------
    target : array (n,)
        Class numbers.
    probabilities : array (n, classes)
    weights : array (n,), optional
        Share of the sphere that each place stands for; all equal unless given.

    Returns
    -------
    float
        NaN without places.

    Raises
    ------
    ValueError
        For lengths that differ or a negative weight.

    Examples
    --------
    >>> round(log_loss([0, 1], [[0.7, 0.3], [0.6, 0.4]]), 4)
    0.6365
    """
    y, guess, w = weighted(target, probabilities, weights)
    true = guess[np.arange(len(y)), y.astype(int)] if len(y) else np.empty(0)
    return _average(-np.log(np.maximum(true, 1e-12)), w)


def hits(y: NDArray[Any], probabilities: Numbers) -> Numbers:
    """1 (n,) where the most probable class is the true one, otherwise 0; NaN where a probability is.

    Instead of ``probabilities`` (n, classes), class numbers (n,).
    """
    if not len(y):
        return np.empty(0)
    if probabilities.ndim == 1:
        return np.where(np.isnan(probabilities), np.nan, probabilities == y)
    hits = (probabilities.argmax(axis=-1) == y).astype(float)
    hits[np.isnan(probabilities).any(axis=-1)] = np.nan  # argmax would take the NaN for the most probable
    return hits


def _average(values: Numbers, weights: Numbers) -> float:
    total = weights.sum()
    return float((values * weights).sum() / total) if total > 0 else float("nan")


def r2_of_sums(weight: ArrayLike, first: ArrayLike, second: ArrayLike, error: ArrayLike) -> Numbers:
    """R2 (...) of the sums over places of w, w y, w y^2 and w (y - guess)^2; NaN where the target does not vary."""
    weight, first, second = np.asarray(weight), np.asarray(first), np.asarray(second)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = second - first**2 / weight
        # What is left of a constant target is rounding; "not >" also catches the NaN of no places.
        return np.where(~(variance > 1e-12 * second), np.nan, 1 - error / variance)


def weighted(y: ArrayLike, guess: ArrayLike, weights: ArrayLike | None) -> tuple[NDArray[Any], Numbers, Numbers]:
    """Target, prediction and weights as arrays of one length; ``ValueError`` where they are not."""
    y, guess = np.asarray(y), np.asarray(guess, dtype=float)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    if not len(y) == len(guess) == len(w):
        raise ValueError(f"There are {len(y)} targets, {len(guess)} predictions and {len(w)} weights; they must match.")
    if (w < 0).any():
        raise ValueError(f"The smallest weight is {w.min():g}; weights are shares of area and cannot be negative.")
    return y, guess, w


def is_known(task: str, target: NDArray[Any]) -> NDArray[np.bool_]:
    """Where (n,) the truth is known: a number, or a class."""
    return np.asarray(~np.isnan(target) if task == "regression" else target >= 0)  # a comparison with NaN is false


def checked(
    task: str,
    target: ArrayLike,
    prediction: ArrayLike,
    lonlat: ArrayLike,
    weights: ArrayLike | None,
    *,
    decided: bool = False,
) -> tuple[Numbers, NDArray[Any], Numbers, Numbers]:
    """Places, target, prediction and weights as arrays that fit, without the places of unknown truth.

    With ``decided`` a prediction of classes may be class numbers (n,) instead of probabilities.
    """
    if task not in MAIN_SCORES:
        raise ValueError(f"task={shown(task)} is not one of {', '.join(MAIN_SCORES)}.")
    y, guess, w = weighted(target, prediction, weights)
    dimensions = 1 if task == "regression" else 2
    if guess.ndim != dimensions and not (decided and guess.ndim == 1):
        raise ValueError(f"The prediction has shape {guess.shape}; a {task} needs {dimensions} dimension(s).")
    places = sphere.check_lonlat(np.asarray(lonlat, dtype=float))
    if len(places) != len(y):
        raise ValueError(f"There are {len(places)} places for {len(y)} targets; they must match.")
    known = is_known(task, y)
    if known.all():
        return places, y, guess, w
    return places[known], y[known], guess[known], w[known]
