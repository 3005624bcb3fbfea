"""Which contestant is best, in one sentence that claims no more than the intervals do."""

from __future__ import annotations

import math

from s2v.evaluation.judged import MIN_PLACES, Judged
from s2v.evaluation.phrases import an, gain, join, with_interval


def best_in_words(judged: Judged, part: str = "sphere") -> str:
    """Who is best on a part of the sphere, who cannot be told from the best, and who is behind.

    Parameters
    ----------
    judged : Judged
    part : str, default "sphere"
        One of ``s2v.evaluation.PARTS``.

    Returns
    -------
    str
        Empty where there are too few places, or no score.

    Examples
    --------
    >>> import numpy as np
    >>> from s2v import sphere
    >>> from s2v.evaluation import judge
    >>> places = sphere.random_points(2000)
    >>> truth = places[:, 1]
    >>> judged = judge("regression", truth, {"a": truth + 1, "b": truth - 1, "c": truth + 30}, places)
    >>> best_in_words(judged)
    'No difference can be told between a and b; a has an R² of 0.99935 (...). Behind is c by 0.585 (...).'
    """
    names = [name for name in judged.names if not math.isnan(judged.score(name, part).value)]
    if not names or judged.score(names[0], part).count < MIN_PLACES:
        return ""
    leader, *others = sorted(names, key=lambda name: -judged.score(name, part).value)
    behind = [name for name in others if judged.ahead(leader, name, part)]
    level = [name for name in others if name not in behind]
    score = f"{an(judged)} of {with_interval(judged.score(leader, part))}"
    gains = join([f"{name} by {gain(judged, leader, name, part)}" for name in behind]) if behind else ""
    if level:
        tie = f"No difference can be told between {join([leader, *level])}; {leader} has {score}."
        return f"{tie} Behind {'is' if len(behind) == 1 else 'are'} {gains}." if behind else tie
    return f"{leader}, with {score}, is ahead of {gains}." if behind else f"{leader} has {score}."
