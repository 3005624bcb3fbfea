"""Several runs of the same contestant with different seeds: how much of a score is luck."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class OverSeeds:
    """Scores of several runs.

    Attributes
    ----------
    scores : tuple of float
        One for each run.
    mean, low, high : float
        Their mean, the lowest and the highest.
    interval : (float, float)
        90 % interval of the mean by Student's t distribution; NaN for fewer than three runs.

    Examples
    --------
    >>> runs = over_seeds([0.81, 0.83, 0.82])
    >>> round(runs.mean, 3), [round(end, 3) for end in runs.interval]
    (0.82, [0.803, 0.837])
    """

    scores: tuple[float, ...]
    mean: float
    low: float
    high: float
    interval: tuple[float, float]


def over_seeds(scores: ArrayLike, *, comparisons: int = 1) -> OverSeeds:
    """The summary of the scores of several runs.

    Parameters
    ----------
    scores : array (runs,)
    comparisons : int, default 1
        How many intervals are to hold together with 90 % (Bonferroni).

    Returns
    -------
    OverSeeds
        All NaN if a score is, or without any.

    Examples
    --------
    >>> over_seeds([0.5, 0.75]).mean
    0.625
    """
    values = np.asarray(scores, dtype=float)
    nan = math.nan
    if not len(values) or not np.isfinite(values).all():
        return OverSeeds(tuple(values.tolist()), nan, nan, nan, (nan, nan))
    mean, half = float(values.mean()), nan
    if len(values) >= 3:
        from scipy.special import stdtrit  # here, because it is slow to import

        quantile = float(stdtrit(len(values) - 1, 1 - 0.05 / comparisons))
        half = quantile * float(values.std(ddof=1)) / math.sqrt(len(values))
    return OverSeeds(tuple(values.tolist()), mean, float(values.min()), float(values.max()), (mean - half, mean + half))
