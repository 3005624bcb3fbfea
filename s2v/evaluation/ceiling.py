"""How near a score comes to the best possible one, and how soon."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class Reached(NamedTuple):
    """When a score was first reached; NaN where it was not.

    Attributes
    ----------
    step : float
        Steps of the optimiser.
    seconds : float

    Examples
    --------
    >>> Reached(step=150.0, seconds=2.5).seconds
    2.5
    """

    step: float
    seconds: float


def gap_to_ceiling(score: float, bayes: float | None) -> float:
    """What a score lacks of the best possible one; below 0 where the test places happened to be easy.

    Parameters
    ----------
    score : float
    bayes : float or None
        The best possible score, such as ``DataSet.bayes``; None where it is unknown.

    Returns
    -------
    float
        NaN where the best possible score is unknown.

    Examples
    --------
    >>> round(gap_to_ceiling(0.5, 0.547), 3)
    0.047
    """
    return math.nan if bayes is None else bayes - score


def reached(steps: Sequence[float], seconds: Sequence[float], scores: Sequence[float], goal: float) -> Reached:
    """When a history of scores first came to a goal.

    Between two entries of the history the score is taken to have risen linearly.  Scores that are NaN are skipped.

    Parameters
    ----------
    steps : sequence of float
        When the scores were taken, in rising order.
    seconds : sequence of float
        The same in seconds.
    scores : sequence of float
    goal : float
        Such as ``0.9 * bayes``.

    Returns
    -------
    Reached

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> reached(steps=[0, 100, 200], seconds=[0.0, 1.0, 4.0], scores=[0.1, 0.4, 0.6], goal=0.5)
    Reached(step=150.0, seconds=2.5)
    """
    if not len(steps) == len(seconds) == len(scores):
        raise ValueError(
            f"There are {len(steps)} steps, {len(seconds)} times and {len(scores)} scores; they must match."
        )
    before: tuple[float, float, float] | None = None
    for now in zip(steps, seconds, scores, strict=True):
        if now[2] >= goal:
            if before is None:
                return Reached(float(now[0]), float(now[1]))
            share = (goal - before[2]) / (now[2] - before[2])
            return Reached(before[0] + share * (now[0] - before[0]), before[1] + share * (now[1] - before[1]))
        if not math.isnan(now[2]):
            before = now
    return Reached(math.nan, math.nan)
