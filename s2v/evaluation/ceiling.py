"""How near a score comes to the best possible one, and how soon."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class Reached(NamedTuple):
    """When a score was first reached: after how many steps and seconds; NaN where it was not."""

    step: float
    seconds: float


def gap_to_ceiling(score: float, bayes: float | None) -> float:
    """What is missing to the best possible score, below 0 where the test places were kind; NaN where unknown."""
    return math.nan if bayes is None else bayes - score


def reached(steps: Sequence[float], seconds: Sequence[float], scores: Sequence[float], goal: float) -> Reached:
    """When a history of scores first came to ``goal``, such as ``0.9 * bayes``.

    In between two entries of the history the score is taken to have risen evenly.  Scores that are NaN are skipped.
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
