"""Metrics of presence-only predictions: how high the class seen at a place ranks, and how well places are told apart.

Where a class is absent is unknown.  So presences are compared with background places all over the sphere, where the
class may or may not occur: the best possible score is below 1, and only scores on the same places can be compared.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from s2v import sphere

BACKGROUND_PLACES = 4000

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]


class Background(NamedTuple):
    """Background places and what is predicted there.

    Attributes
    ----------
    lonlat : array (m, 2)
        Degrees, longitude first.
    prediction : array (m, classes)
        Probabilities.

    Examples
    --------
    >>> Background(background_places(), np.full((4000, 1), 0.5)).prediction.shape
    (4000, 1)
    """

    lonlat: Numbers
    prediction: NDArray[Any]


@lru_cache(maxsize=1)
def background_places() -> Numbers:
    """The background places of all scores: a lattice that covers the sphere evenly, always the same.

    Returns
    -------
    array (4000, 2)
        Degrees, longitude first.

    Examples
    --------
    >>> background_places().shape
    (4000, 2)
    """
    places = sphere.fibonacci_lattice(BACKGROUND_PLACES)
    places.setflags(write=False)
    return places


def ranks(target: NDArray[Any], prediction: NDArray[Any]) -> Numbers:
    """The rank of the true class at each place; 1 is the most probable.

    Parameters
    ----------
    target : array (n,)
        Class numbers.
    prediction : array (n, classes)
        Probabilities; of equal ones the first counts as the more probable, as in ``argmax``.

    Returns
    -------
    array (n,)
        NaN where a probability is.

    Examples
    --------
    >>> ranks(np.array([0, 2]), np.array([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2]]))
    array([1., 3.])
    """
    y = target.astype(np.int64)
    own = np.take_along_axis(prediction, y[:, None], axis=1) if len(y) else np.empty((0, 1))
    before = np.arange(prediction.shape[1]) < y[:, None]
    rank = 1.0 + ((prediction > own) | (prediction == own) & before).sum(axis=1)
    return np.where(np.isnan(prediction).any(axis=1), np.nan, rank)


def auc(target: NDArray[Any], prediction: NDArray[Any], background: NDArray[Any]) -> Numbers:
    """For each presence, the share of background places with a lower probability of its class; equal ones count half.

    The mean is the area under the ROC curve of presences against background, each class in proportion to its presences
    (Phillips et al. 2006).

    Parameters
    ----------
    target : array (n,)
        Class numbers.
    prediction : array (n, classes)
        Probabilities at the presences.
    background : array (m, classes)
        Probabilities at the background places.

    Returns
    -------
    array (n,)
        NaN where a probability is, everywhere if one of the background is, or if there is no background.

    Examples
    --------
    >>> auc(np.array([0, 0]), np.array([[0.9], [0.4]]), np.array([[0.1], [0.3], [0.5], [0.7]]))
    array([1. , 0.5])
    """
    y = target.astype(np.int64)
    shares = np.full(len(y), np.nan)
    if len(background):
        for name in np.unique(y):
            mine = y == name
            column, own = np.sort(background[:, name]), prediction[mine, name]
            shares[mine] = (column.searchsorted(own, "left") + column.searchsorted(own, "right")) / (2 * len(column))
    shares[np.isnan(prediction).any(axis=1) | np.isnan(background).any()] = np.nan
    return shares


def average_precision(
    target: NDArray[Any], prediction: NDArray[Any], background: NDArray[Any], weights: Numbers
) -> float:
    """Average precision of presences against background places, the mean over all classes with a presence.

    The average precision of a class is the mean over its presences of the share of presences among all places that rank
    at least as high.  It depends on the number of background places.

    Parameters
    ----------
    target : array (n,)
        Class numbers.
    prediction : array (n, classes)
        Probabilities at the presences.
    background : array (m, classes)
        Probabilities at the background places.
    weights : array (n,)
        Weights of the presences; they are scaled to the mean 1.

    Returns
    -------
    float
        NaN where a probability is, or without presences or background.

    Examples
    --------
    >>> there = np.array([[0.1], [0.3], [0.5], [0.7]])
    >>> average_precision(np.array([0, 0]), np.array([[0.9], [0.6]]), there, np.ones(2))  # (1 / 1 + 2 / 3) / 2
    0.8333333333333333
    """
    y = target.astype(np.int64)
    if not len(y) or not len(background) or np.isnan(prediction).any() or np.isnan(background).any():
        return float("nan")
    w = weights * (len(weights) / weights.sum()) if weights.sum() > 0 else weights
    precisions = []
    for name in np.unique(y):
        mine = y == name
        own, weight = prediction[mine, name], w[mine]
        order = np.argsort(own)
        own, weight = own[order], weight[order]
        if weight.sum() > 0:
            from_here = np.append(weight[::-1].cumsum()[::-1], 0.0)[own.searchsorted(own, "left")]
            others = len(background) - np.sort(background[:, name]).searchsorted(own, "left")
            precisions.append(float((weight * from_here / (from_here + others)).sum() / weight.sum()))
    return float(np.mean(precisions)) if precisions else float("nan")
