"""Several runs of the same contestant, which differ in their seed: how much of a score is luck."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class OverSeeds:
    """Scores of several runs: their mean, the lowest and the highest, and a 90 % interval of the mean.

    The interval follows Student's t distribution; it is NaN for fewer than three runs.
    """

    scores: tuple[float, ...]
    mean: float
    low: float
    high: float
    interval: tuple[float, float]


def over_seeds(scores: ArrayLike, *, comparisons: int = 1) -> OverSeeds:
    """The summary of scores (runs,); all NaN if one of them is, or without any.

    With several ``comparisons`` the interval is as wide as all of them need to hold together with 90 % (Bonferroni).
    """
    values = np.asarray(scores, dtype=float)
    nan = math.nan
    if not len(values) or not np.isfinite(values).all():
        return OverSeeds(tuple(values.tolist()), nan, nan, nan, (nan, nan))
    mean, half = float(values.mean()), nan
    if len(values) >= 3:
        from scipy.special import stdtrit  # here, because it takes a moment to import

        quantile = float(stdtrit(len(values) - 1, 1 - 0.05 / comparisons))
        half = quantile * float(values.std(ddof=1)) / math.sqrt(len(values))
    return OverSeeds(tuple(values.tolist()), mean, float(values.min()), float(values.max()), (mean - half, mean + half))
