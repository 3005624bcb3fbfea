"""Scores of one prediction: for the sphere, near the poles and by latitude band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.evaluation import presence

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
POLAR = 70.0  # degrees: what "_north" and "_south" in the names of metrics mean


def evaluate(
    task: str,
    target: ArrayLike,
    prediction: ArrayLike,
    lonlat: ArrayLike,
    weights: ArrayLike | None = None,
    background: presence.Background | None = None,
) -> dict[str, float]:
    """Metrics of a prediction at places ``lonlat`` (n, 2), for the sphere, above 70 N and below 70 S.

    Regression: ``prediction`` (n,) in the units of ``target``; gives ``r2``, ``r2_north``, ``r2_south``, ``rmse`` and
    ``mae``.  Otherwise ``prediction`` (n, classes) are probabilities and ``target`` (n,) class numbers, which gives
    ``accuracy``, ``accuracy_north`` and ``accuracy_south``, the share of places whose most probable class is the true
    one.

    Classification: also ``log_loss``.  Presence: also ``top5``, the share of places where the class seen is among the
    five most probable, and ``mrr``, the mean of one over its rank (both as TorchSpatial reports them).  With the
    ``background`` also ``auc``, ``auc_north``, ``auc_south`` and ``average_precision``, of presences against background
    places of the same part of the sphere: see ``s2v.evaluation.presence``.
    """
    places, y, guess, w = _checked(task, target, prediction, lonlat, weights)
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
    elsewhere = np.asarray(background.prediction, dtype=float)
    for suffix, here, there in (
        ("", slice(None), slice(None)),
        ("_north", north, latitude > POLAR),
        ("_south", south, latitude < -POLAR),
    ):
        metrics[f"auc{suffix}"] = _average(presence.auc(y[here], guess[here], elsewhere[there]), w[here])
    return metrics | {"average_precision": presence.average_precision(y, guess, elsewhere, w)}


@dataclass(frozen=True)
class BandScore:
    """The score of a latitude band ``low`` to ``high`` with the number of places and a 90 % bootstrap interval."""

    low: float
    high: float
    count: int
    value: float
    interval: tuple[float, float]

    @property
    def title(self) -> str:
        """The band in words, such as "85 to 90 N"."""
        inner, outer = sorted((abs(self.low), abs(self.high)))
        return f"{inner:g} to {outer:g} {'N' if self.high > 0 else 'S'}"


def by_band(
    task: str,
    target: ArrayLike,
    prediction: ArrayLike,
    lonlat: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    resamples: int = 400,
    seed: int = 0,
) -> list[BandScore]:
    """R2 (regression) or accuracy in each of ``BANDS``, north to south; arguments as for ``evaluate``.

    The interval holds the middle 90 % of the score over ``resamples`` bootstrap samples of the band's places; NaN
    where the score is, or where fewer than two places are left to resample.
    """
    places, y, guess, w = _checked(task, target, prediction, lonlat, weights)
    latitude = places[:, 1]
    rng = np.random.default_rng(seed)
    scores = []
    for a, b in BANDS:
        low, high = min(a, b), max(a, b)
        if high > 0:
            inside = (latitude > low) & (latitude <= high) | (latitude == 0) & (low == 0)
        else:
            inside = (latitude >= low) & (latitude < high)
        terms = _terms(task, y[inside], guess[inside], w[inside])
        value = float(_score(task, terms, np.ones((1, terms.shape[1])))[0])
        scores.append(BandScore(low, high, terms.shape[1], value, _bootstrap(task, terms, resamples, rng)))
    return scores


def r2(target: ArrayLike, prediction: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Share of the target's variance that is explained: 1 is perfect, 0 is the mean, below 0 is worse than it."""
    y, guess, w = _weighted(target, prediction, weights)
    return float(_score("regression", _terms("regression", y, guess, w), np.ones((1, len(y))))[0])


def rmse(target: ArrayLike, prediction: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Root of the mean squared error, in the units of the target."""
    y, guess, w = _weighted(target, prediction, weights)
    return float(np.sqrt(_average((y - guess) ** 2, w)))


def mae(target: ArrayLike, prediction: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Mean absolute error, in the units of the target."""
    y, guess, w = _weighted(target, prediction, weights)
    return _average(abs(y - guess), w)


def accuracy(target: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Share of places (by weight) whose most probable class is the true one; ``probabilities`` (n, classes)."""
    y, guess, w = _weighted(target, probabilities, weights)
    return _average(_hits(y, guess), w)


def log_loss(target: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Mean of -log of the true class's probability (natural logarithm), which is taken as at least 1e-12."""
    y, guess, w = _weighted(target, probabilities, weights)
    true = guess[np.arange(len(y)), y.astype(int)] if len(y) else np.empty(0)
    return _average(-np.log(np.maximum(true, 1e-12)), w)


def _hits(y: NDArray[Any], probabilities: Numbers) -> Numbers:
    if not len(y):
        return np.empty(0)
    hits = (probabilities.argmax(axis=-1) == y).astype(float)
    hits[np.isnan(probabilities).any(axis=-1)] = np.nan  # argmax would take the NaN for the most probable
    return hits


def _average(values: Numbers, weights: Numbers) -> float:
    total = weights.sum()
    return float((values * weights).sum() / total) if total > 0 else float("nan")


# A score is a function of a few sums over places; a bootstrap sample only changes how often each place is counted.


def _terms(task: str, y: NDArray[Any], guess: Numbers, w: Numbers) -> Numbers:
    """The rows (k, n) whose sums over places make up the score of the task."""
    if task == "regression":
        centred = y - np.median(y) if len(y) else y  # the same R2, without the loss of digits of a far-off mean
        return np.stack([w, w * centred, w * centred**2, w * (y - guess) ** 2])
    return np.stack([w, w * _hits(y, guess)])


def _score(task: str, terms: Numbers, counts: Numbers) -> Numbers:
    """Scores (samples,) where sample i counts place j ``counts[i, j]`` times; NaN where they are not defined."""
    sums = counts @ terms.T  # (samples, k)
    if task == "regression":
        weight, first, second, error = sums.T
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = second - first**2 / weight
            # What is left of a constant target is rounding; "not >" also catches the NaN of no places.
            return np.where(~(variance > 1e-12 * second), np.nan, 1 - error / variance)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums[:, 1] / sums[:, 0])


def _bootstrap(task: str, terms: Numbers, resamples: int, rng: np.random.Generator) -> tuple[float, float]:
    n = terms.shape[1]
    if n < 2:
        return float("nan"), float("nan")
    block = max(1, 2_000_000 // n)  # bounds the memory of the counts
    scores = np.concatenate(
        [
            _score(task, terms, rng.multinomial(n, np.full(n, 1 / n), size=min(block, resamples - start)).astype(float))
            for start in range(0, resamples, block)
        ]
    )
    scores = scores[~np.isnan(scores)]
    if not len(scores):
        return float("nan"), float("nan")
    low, high = np.quantile(scores, [0.05, 0.95])
    return float(low), float(high)


def _weighted(y: ArrayLike, guess: ArrayLike, weights: ArrayLike | None) -> tuple[NDArray[Any], Numbers, Numbers]:
    y, guess = np.asarray(y), np.asarray(guess, dtype=float)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    if not len(y) == len(guess) == len(w):
        raise ValueError(f"There are {len(y)} targets, {len(guess)} predictions and {len(w)} weights; they must match.")
    if (w < 0).any():
        raise ValueError(f"The smallest weight is {w.min():g}; weights are shares of area and cannot be negative.")
    return y, guess, w


def _checked(
    task: str, target: ArrayLike, prediction: ArrayLike, lonlat: ArrayLike, weights: ArrayLike | None
) -> tuple[Numbers, NDArray[Any], Numbers, Numbers]:
    if task not in ("regression", "classification", "presence"):
        raise ValueError(f"task={task!r} is not one of regression, classification, presence.")
    y, guess, w = _weighted(target, prediction, weights)
    dimensions = 1 if task == "regression" else 2
    if guess.ndim != dimensions:
        raise ValueError(f"The prediction has shape {guess.shape}; a {task} needs {dimensions} dimension(s).")
    places = sphere.check_lonlat(np.asarray(lonlat, dtype=float))
    if len(places) != len(y):
        raise ValueError(f"There are {len(places)} places for {len(y)} targets; they must match.")
    known = ~np.isnan(y) if task == "regression" else y >= 0  # a comparison with NaN is false
    if known.all():
        return places, y, guess, w
    return places[known], y[known], guess[known], w[known]
