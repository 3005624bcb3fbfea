"""Whether probabilities are right as often as they say, and how certain they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v.evaluation.metrics import Numbers, hits, weighted

BINS = 10


@dataclass(frozen=True, eq=False)
class Calibration:
    """How often the most probable class was right, by the probability that it had.

    Attributes
    ----------
    confidence : array (bins,)
        Mean probability of the most probable class in each bin; the bins from 0 to 1 have equal widths.
    accuracy : array (bins,)
        Share of the bin's places where that class was the true one.
    intervals : array (bins, 2)
        90 % intervals of the accuracy (Wilson).
    counts : array (bins,) of int64
        Places in the bin; where there are none, the others are NaN.
    error : float
        The expected calibration error: the mean of |accuracy - confidence| over bins by their weight (Guo et al. 2017).
        It depends on the bins and is never quite 0 for a finite number of places.

    Examples
    --------
    >>> found = calibration([0, 0, 1], [[0.9, 0.1], [0.9, 0.1], [0.6, 0.4]], bins=2)
    >>> found.confidence.round(2), found.accuracy.round(2), round(found.error, 2)
    (array([nan, 0.8]), array([ nan, 0.67]), 0.13)
    """

    confidence: Numbers
    accuracy: Numbers
    intervals: Numbers
    counts: NDArray[np.int64]
    error: float


def calibration(
    target: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None, *, bins: int = BINS
) -> Calibration:
    """The calibration of probabilities that sum to 1.

    Parameters
    ----------
    target : array (n,)
        Class numbers; places of unknown truth, below 0, are left out.
    probabilities : array (n, classes)
        Places where one is NaN are left out.
    weights : array (n,), optional
        Share of the sphere that each place stands for.  The intervals take as many places as the weights are worth
        (Kish's effective sample size).
    bins : int, default 10

    Returns
    -------
    Calibration
        Its error is NaN where no place is left.

    Raises
    ------
    ValueError
        For shapes that do not fit, or less than one bin.

    Examples
    --------
    >>> calibration([0, 1], [[0.8, 0.2], [0.3, 0.7]]).counts
    array([0, 0, 0, 0, 0, 0, 1, 1, 0, 0])
    """
    if bins < 1:
        raise ValueError(f"bins={bins}: there must be at least one.")
    y, guess, w = weighted(target, probabilities, weights)
    known = (y >= 0) & ~np.isnan(guess).any(axis=1)
    y, guess, w = y[known], guess[known], w[known]
    right, sure = hits(y, guess), guess.max(axis=1) if len(y) else np.empty(0)
    which = np.clip(np.ceil(sure * bins).astype(np.int64) - 1, 0, bins - 1)
    weight, squares, correct, certain = (
        np.bincount(which, weights=terms, minlength=bins) for terms in (w, w * w, w * right, w * sure)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        confidence, accuracy = certain / weight, correct / weight
        intervals = wilson(accuracy, weight**2 / squares)
        error = float(np.nansum(abs(correct - certain)) / weight.sum())
    return Calibration(confidence, accuracy, intervals, np.bincount(which, minlength=bins), error)


def entropy(probabilities: ArrayLike) -> Numbers:
    """Entropy of probabilities as a share of the largest possible one, log(classes): 0 is certain, 1 all classes alike.

    Parameters
    ----------
    probabilities : array (..., classes)
        Each row is scaled to sum 1 first, so that independent presences give how evenly they compete.

    Returns
    -------
    array (...,)
        0 for a single class; NaN where a probability is, or where all are 0.

    Examples
    --------
    >>> entropy([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25, 0.25, 0.25, 0.25]])
    array([0. , 0.5, 1. ])
    """
    p = np.asarray(probabilities, dtype=float)
    classes = p.shape[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        p = p / p.sum(axis=-1, keepdims=True)
        terms = np.where(p == 0, 0.0, p * np.log(p))
    shares: Numbers = np.clip(-terms.sum(axis=-1), 0, None) / (np.log(classes) if classes > 1 else 1.0)
    return shares


def wilson(share: Numbers, count: Numbers, z: float = 1.6449) -> Numbers:
    """Wilson's interval of a share among independent places.

    Parameters
    ----------
    share : array (n,)
    count : array (n,)
        Places.
    z : float, default 1.6449
        Standard deviations to either side: 90 %.

    Returns
    -------
    array (n, 2)

    Examples
    --------
    >>> wilson(np.array([0.5]), np.array([100])).round(2)
    array([[0.42, 0.58]])
    """
    scale = 1 + z * z / count
    middle = (share + z * z / (2 * count)) / scale
    half = z / scale * np.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return np.stack([middle - half, middle + half], axis=-1)
