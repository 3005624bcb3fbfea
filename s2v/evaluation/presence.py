"""Measures of presence-only predictions: how high the class that was seen ranks, and how well places are told apart.

Nothing is known of where a class is not.  So presences are compared with background places all over the sphere, where
the class may be or not: the best possible score is below 1, and only scores on the same places can be compared.
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
    """Places (m, 2) where nothing was seen, and the prediction (m, classes) there."""

    lonlat: Numbers
    prediction: NDArray[Any]


@lru_cache(maxsize=1)
def background_places() -> Numbers:
    """The background places of all scores: a lattice (m, 2) that covers the sphere evenly, the same for everyone."""
    places = sphere.fibonacci_lattice(BACKGROUND_PLACES)
    places.setflags(write=False)
    return places


def ranks(target: NDArray[Any], prediction: NDArray[Any]) -> Numbers:
    """The rank (n,) of the true class at each place, 1 is the most probable; NaN where the prediction is.

    ``target`` (n,) class numbers, ``prediction`` (n, classes).  Of equal ones the first counts as the most probable,
    as in ``argmax``.
    """
    y = target.astype(np.int64)
    own = np.take_along_axis(prediction, y[:, None], axis=1) if len(y) else np.empty((0, 1))
    before = np.arange(prediction.shape[1]) < y[:, None]
    rank = 1.0 + ((prediction > own) | (prediction == own) & before).sum(axis=1)
    return np.where(np.isnan(prediction).any(axis=1), np.nan, rank)


def auc(target: NDArray[Any], prediction: NDArray[Any], background: NDArray[Any]) -> Numbers:
    """For each presence the share (n,) of background places with a lower probability of its class; equal ones half.

    Its mean is the area under the ROC curve of presences against background, each class in proportion to its
    presences (Phillips et al. 2006).  ``background`` (m, classes) is the prediction at the background places.
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
    """Mean over the classes with a presence of their average precision: presences against background places.

    Average precision: the mean over a class's presences of the share of presences among all places that rank at least
    as high.  Presences count by their weight, and all together as much as there are of them.  It depends on how many
    background places there are: see ``BACKGROUND_PLACES``.
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
