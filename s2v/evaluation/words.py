"""The result of a comparison in words that claim no more than the intervals do."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import permutations

from s2v.evaluation.judged import BAND_TITLES, MIN_PLACES, Judged
from s2v.evaluation.phrases import WORDS, an, gain, join, number, polar_bands_suffice, with_interval
from s2v.evaluation.references import against_references

MAX_BANDS = 2  # latitude bands beside the first whose differences are given in full


def verdict(judged: Judged, bayes: float | None = None, references: Collection[str] = ()) -> str:
    """A few sentences: which contestant is ahead of which, by how much, and between which no difference can be told.

    A contestant is called ahead only if ``judged.ahead`` is true.  Where there are enough places at the poles, the
    result begins with the latitudes at which the contestants differ; otherwise a sentence says how it differs above 70
    degrees.  All that is about the encoders alone; another sentence says whether one of them beats the best of the
    reference predictors.

    Parameters
    ----------
    judged : Judged
    bayes : float, optional
        The best possible score, if it is known.
    references : collection of str, optional
        The contestants that are reference predictors.

    Returns
    -------
    str

    Examples
    --------
    >>> import numpy as np
    >>> from s2v import sphere
    >>> from s2v.evaluation import judge
    >>> places = sphere.random_points(2000)
    >>> truth = (places[:, 1] > 0).astype(int)
    >>> predictions = {"a": np.eye(2)[truth], "b": np.full((2000, 2), 0.5)}
    >>> verdict(judge("classification", truth, predictions, places))
    'With an accuracy of 1.000, a is ahead of b by 0.489 ...'
    """
    names = [name for name in judged.names if not math.isnan(judged.score(name).value)]
    if not names:
        return " ".join(judged.notes or ("No contestant has a score.",))
    encoders = [name for name in names if name not in references] or names
    held_against = [name for name in names if name not in encoders]
    reference = against_references(judged, encoders, held_against)
    leader, *others = sorted(encoders, key=lambda name: -judged.score(name).value)
    if not others:
        result = [*reference, f"{leader} reaches {an(judged)} of {with_interval(judged.score(leader))}."]
        runs = [_about_runs(judged, names)] if reference else []
        return " ".join([*judged.notes, *result, *_ceiling(judged, leader, bayes), *runs])
    behind = [name for name in others if judged.ahead(leader, name)]
    level = [name for name in others if name not in behind]
    latitudes = _by_latitude(judged, encoders, "The encoders" if reference else "They")
    whole, result = "Over the whole sphere, " if latitudes else "", []
    if behind:
        gains = [f"of {name} by {gain(judged, leader, name)}" for name in behind]
        value = number(judged.score(leader).value, judged.score(leader))
        result.append(f"{whole}{'w' if whole else 'W'}ith {an(judged)} of {value}, {leader} is ahead {join(gains)}.")
        if level:
            result.append(f"No difference from {join(level, 'or')} can be told.")
    else:
        scores = [f"{name} ({number(judged.score(name).value, judged.score(name))})" for name in (leader, *level)]
        gains = [f"{leader} minus {name} is {gain(judged, leader, name)}" for name in level]
        result.append(
            f"{whole}{'n' if whole else 'N'}o difference in {WORDS[judged.metric]} can be told between {join(scores)}: "
            f"{join(gains)}."
        )
    return " ".join(
        [
            *judged.notes,
            *latitudes,
            *reference,
            *result,
            *_ceiling(judged, leader, bayes),
            *_near_the_poles(judged, leader, encoders),
            _about_runs(judged, [leader, *others, *held_against]),
        ]
    )


def _by_latitude(judged: Judged, names: Sequence[str], they: str) -> list[str]:
    """Where on Earth the contestants differ: the band of the largest difference, and the same two in all others.

    Empty where the bands at the poles have too few places.
    """
    if not polar_bands_suffice(judged, names[0]):
        return []
    clear = [
        (judged.difference(first, second, band).value, band, first, second)
        for band in BAND_TITLES
        for first, second in permutations(names, 2)
        if judged.ahead(first, second, band)
    ]
    if not clear:
        return ["No difference can be told at any latitude."]
    _, most, first, second = max(clear)
    best, worst = (judged.score(name, most) for name in (first, second))
    sentences = [
        f"{they} differ most at {most}: there {first} ({WORDS[judged.metric]} {number(best.value, best)}) is ahead of "
        f"{second} ({number(worst.value, worst)}) by {gain(judged, first, second, most)}."
    ]
    for ahead, behind, also in ((first, second, " also"), (second, first, "")):
        found = [(value, band) for value, band, *pair in clear if pair == [ahead, behind] and band != most]
        large = sorted(found, reverse=True)[:MAX_BANDS]
        if large:
            gains = join([f"{band} by {gain(judged, ahead, behind, band)}" for _, band in large])
            less = [band for value, band in found if (value, band) not in large]
            rest = f"; by less, but clearly, at {join(less)}" if less else ""
            sentences.append(f"{ahead} is{also} ahead of {behind} at {gains}{rest}.")
    counts = [(band, judged.score(names[0], band).count) for band in BAND_TITLES]
    told = {band for _, band, _, _ in clear}
    level = [band for band, count in counts if count >= MIN_PLACES and band not in told]
    if level:
        sentences.append(f"No difference can be told at {join(level)}.")
    few = [f"{band} ({count:,})" for band, count in counts if count < MIN_PLACES]
    if few:
        sentences.append(f"Too few places to tell lie at {join(few)}.")
    return sentences


def _near_the_poles(judged: Judged, leader: str, names: Sequence[str]) -> list[str]:
    """How the result above 70 degrees differs, for the best contestant on the sphere and the best one there."""
    part = "poles"
    if polar_bands_suffice(judged, leader):
        return []  # the result begins with that
    names = [name for name in names if not math.isnan(judged.score(name, part).value)]
    count = judged.score(leader, part).count
    if len(names) < 2 or count == judged.score(leader).count:
        return []
    if count < MIN_PLACES:
        return [f"Above 70 degrees {count} {'place is' if count == 1 else 'places are'} too few to tell."]
    best = max(names, key=lambda name: judged.score(name, part).value)
    new = {
        first: [name for name in names if judged.ahead(first, name, part) and not judged.ahead(first, name)]
        for first in dict.fromkeys((best, leader))
    }
    overtaken = [name for name in names if judged.ahead(leader, name) and not judged.ahead(leader, name, part)]
    lost = [name for name in overtaken if not judged.ahead(name, leader, part)]
    found = [
        f"{first} is ahead {join([f'of {name} by {gain(judged, first, name, part)}' for name in others])}"
        for first, others in new.items()
        if others
    ]
    if lost:
        found.append(f"no difference between {leader} and {join(lost, 'or')} can be told")
    where = f"Near the poles, above 70 degrees ({count:,} places), "
    return [where + "; ".join(found) + "."] if found else []


def _about_runs(judged: Judged, names: Sequence[str]) -> str:
    runs = min(len(judged.over_seeds(name).scores) for name in names)
    if runs == 1:
        return "Intervals are of 90 %, over places; with another seed the order may change."
    spread = [f"{name} {_spread(judged, name)}" for name in names]
    return f"Intervals are of 90 %; over {runs} seeds the scores range: {join(spread)}."


def _spread(judged: Judged, name: str) -> str:
    seeds, score = judged.over_seeds(name), judged.score(name)
    return f"{number(seeds.low, score)} to {number(seeds.high, score)}"


def _ceiling(judged: Judged, leader: str, bayes: float | None) -> list[str]:
    if bayes is None or not 0 < bayes < 1:
        return []
    score = judged.score(leader)
    best = f"The best possible {WORDS[judged.metric]} is {number(bayes, score)}"
    share = score.value / bayes
    if share >= 1:
        return [f"{best}; {leader} is there."]
    reached = f"{100 * share:.1f} %" if share < 0.9995 else "almost all"
    return [f"{best}, of which {leader} reaches {reached}."]
