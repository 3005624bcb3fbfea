"""Whether probabilities mean what they say, and how sure they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v.evaluation.metrics import Numbers, hits, weighted

BINS = 10


@dataclass(frozen=True, eq=False)
class Calibration:
    """How often the most probable class was right (``accuracy``) where it had the probability ``confidence``.

    One entry for each bin of confidence from 0 to 1, all of equal width: means over the bin's places,
    90 % ``intervals`` (bins, 2) of the accuracy, ``counts`` of places; NaN where a bin is empty.  ``error`` is the
    expected calibration error: the mean of |accuracy - confidence| over bins by their weight (Guo et al. 2017).  It
    depends on the bins and is never quite 0 for a finite number of places.
    """

    confidence: Numbers
    accuracy: Numbers
    intervals: Numbers
    counts: NDArray[np.int64]
    error: float


def calibration(
    target: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None, *, bins: int = BINS
) -> Calibration:
    """The calibration of probabilities (n, classes) that sum to 1, for class numbers ``target`` (n,).

    Places of unknown truth (below 0) and those with a probability that is NaN are left out; the error is NaN where
    none is left.  The intervals are Wilson's, with as many places as the weights are worth (Kish).
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
        intervals = _wilson(accuracy, weight**2 / squares)
        error = float(np.nansum(abs(correct - certain)) / weight.sum())
    return Calibration(confidence, accuracy, intervals, np.bincount(which, minlength=bins), error)


def entropy(probabilities: ArrayLike) -> Numbers:
    """Entropy (...,) of probabilities (..., classes), as a share of that of knowing nothing: log(classes).

    0 is certain, 1 is all classes alike; of a single class it is 0.  Each row is scaled to sum 1 first, so it says of
    independent presences how evenly they compete.  NaN where a probability is, or where all are 0.
    """
    p = np.asarray(probabilities, dtype=float)
    classes = p.shape[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        p = p / p.sum(axis=-1, keepdims=True)
        terms = np.where(p == 0, 0.0, p * np.log(p))
    shares: Numbers = np.clip(-terms.sum(axis=-1), 0, None) / (np.log(classes) if classes > 1 else 1.0)
    return shares


def _wilson(share: Numbers, count: Numbers, z: float = 1.6449) -> Numbers:
    """Wilson's interval (n, 2) of a share among ``count`` independent places."""
    scale = 1 + z * z / count
    middle = (share + z * z / (2 * count)) / scale
    half = z / scale * np.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return np.stack([middle - half, middle + half], axis=-1)
