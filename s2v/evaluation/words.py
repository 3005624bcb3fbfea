"""The result of a comparison in words that claim no more than the intervals do."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import permutations
from typing import NamedTuple

from s2v.evaluation.judged import BAND_TITLES, MIN_PLACES, OTHER_BANDS, POLAR_BANDS, Judged, Score
from s2v.evaluation.phrases import WORDS, an, gain, join, number, polar_bands_suffice, with_interval
from s2v.evaluation.references import against_references

MAX_BANDS = 2  # latitude bands beside the first whose differences are given in full


class Finding(NamedTuple):
    """A part of a verdict: what it is ``about``, as a heading, and its sentences.

    Examples
    --------
    >>> Finding("At the poles", "No difference can be told.").about
    'At the poles'
    """

    about: str
    text: str


def verdict(judged: Judged, bayes: float | None = None, references: Collection[str] = ()) -> str:
    """A few sentences: which contestant is ahead of which, by how much, and between which no difference can be told.

    These are the texts of ``findings``.

    Parameters
    ----------
    judged : Judged
    bayes : float, optional
        The best possible score in the long run, if it is known.
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
    return " ".join(finding.text for finding in findings(judged, bayes, references))


def findings(judged: Judged, bayes: float | None = None, references: Collection[str] = ()) -> list[Finding]:
    """The result, part by part: all test places first, then the reference predictors, the poles, other latitudes.

    A contestant is called ahead only if ``judged.ahead`` is true.  What is said of the whole and of the latitudes is
    about the encoders alone; a part of its own says whether one of them beats the best of the reference predictors.

    Parameters
    ----------
    judged : Judged
    bayes : float, optional
        The best possible score in the long run, if it is known.
    references : collection of str, optional
        The contestants that are reference predictors.

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> from s2v import sphere
    >>> from s2v.evaluation import judge
    >>> places = sphere.random_points(2000)
    >>> truth = places[:, 1]
    >>> judged = judge("regression", truth, {"xyz": truth + 30, "kriging": truth + 1}, places)
    >>> [finding.about for finding in findings(judged, references=["kriging"])]
    ['The encoder', 'Against the reference', 'How sure']
    """
    names = [name for name in judged.names if not math.isnan(judged.score(name).value)]
    if not names:
        return [Finding("", " ".join(judged.notes or ("No contestant has a score.",)))]
    encoders = [name for name in names if name not in references] or names
    held_against = [name for name in names if name not in encoders]
    leader, *others = sorted(encoders, key=lambda name: -judged.score(name).value)
    poles, elsewhere = _at_the_poles(judged, encoders), _elsewhere(judged, encoders)
    reference = against_references(judged, encoders, held_against)
    parts = [
        ("", judged.notes),
        (
            ("Among the encoders" if reference else "On all test places") if others else "The encoder",
            [*_whole(judged, leader, others), *_only_the_whole(judged, leader, others)],
        ),
        ("Against the reference", reference),
        ("At the poles", poles or _near_the_poles(judged, leader, encoders)),
        ("At other latitudes", elsewhere),
        ("Against the best possible", _ceiling(judged, leader, bayes)),
        ("How sure", [_about_runs(judged, [leader, *others, *held_against])] if len(names) > 1 else []),
    ]
    return [Finding(about, " ".join(sentences)) for about, sentences in parts if sentences]


def _whole(judged: Judged, leader: str, others: Sequence[str]) -> list[str]:
    """The result over all test places."""
    if not others:
        return [f"{leader} reaches {an(judged)} of {with_interval(judged.score(leader))}."]
    behind = [name for name in others if judged.ahead(leader, name)]
    level = [name for name in others if name not in behind]
    if behind:
        gains = [f"of {name} by {gain(judged, leader, name)}" for name in behind]
        value = number(judged.score(leader).value, judged.score(leader))
        told = [f"With {an(judged)} of {value}, {leader} is ahead {join(gains)}."]
        return [*told, f"No difference from {join(level, 'or')} can be told."] if level else told
    scores = [f"{name} ({number(judged.score(name).value, judged.score(name))})" for name in (leader, *level)]
    gains = [f"{leader} minus {name} is {gain(judged, leader, name)}" for name in level]
    return [f"No difference in {WORDS[judged.metric]} can be told between {join(scores)}: {join(gains)}."]


def _only_the_whole(judged: Judged, leader: str, others: Sequence[str]) -> list[str]:
    """Why all places together show a difference that no latitude band shows."""
    if not polar_bands_suffice(judged, leader):
        return []
    alone = [name for name in others if judged.ahead(leader, name) and not _clear(judged, (leader, name), BAND_TITLES)]
    if not alone:
        return []
    return [
        f"No single latitude band shows that difference from {join(alone, 'or')}: a band is a part of the sphere, with "
        "its own luck, and its interval is wider, because all bands are compared at once."
    ]


def _clear(judged: Judged, names: Sequence[str], bands: Sequence[str]) -> list[tuple[float, str, str, str]]:
    """All clear differences in some bands: how large, where, who is ahead, and of whom."""
    return [
        (judged.difference(first, second, band).value, band, first, second)
        for band in bands
        for first, second in permutations(names, 2)
        if judged.ahead(first, second, band)
    ]


def _at_the_poles(judged: Judged, names: Sequence[str]) -> list[str]:
    """The best contestant in the band at each pole, and whom it is ahead of; empty where too few places lie there."""
    if len(names) < 2 or not polar_bands_suffice(judged, names[0]):
        return []
    told = [_at_a_pole(judged, names, band) for band in POLAR_BANDS]
    if not any(_clear(judged, names, POLAR_BANDS)):
        return [f"No difference can be told at {join(POLAR_BANDS, 'or')}: {'; '.join(told)}."]
    return [f"{text}." for text in told]


def _at_a_pole(judged: Judged, names: Sequence[str], band: str) -> str:
    known = [name for name in names if not math.isnan(judged.score(name, band).value)]
    if len(known) < 2:
        return f"at {band} there is no score"
    clear = _clear(judged, known, [band])
    best, *others = sorted(known, key=lambda name: -judged.score(name, band).value)
    if not clear:
        return f"at {band} {best} minus {others[0]} is {gain(judged, best, others[0], band)}"
    # The best on average may be ahead of nobody, its runs being too different, where the second is.
    first = max(dict.fromkeys(pair[2] for pair in clear), key=lambda name: judged.score(name, band).value)
    behind = [pair[3] for pair in clear if pair[2] == first]
    scores = {name: number(judged.score(name, band).value, judged.score(name, band)) for name in known}
    gains = [f"of {name} ({scores[name]}) by {gain(judged, first, name, band)}" for name in behind]
    level = [name for name in known if name not in (first, *behind)]
    rest = f"; no difference from {join(level, 'or')} can be told" if level else ""
    return f"At {band} {first} ({WORDS[judged.metric]} {scores[first]}) is ahead {join(gains)}{rest}"


def _elsewhere(judged: Judged, names: Sequence[str]) -> list[str]:
    """Where else on Earth the contestants differ: the band of the largest difference, and the same two in all others.

    Empty where the bands at the poles have too few places.
    """
    if len(names) < 2 or not polar_bands_suffice(judged, names[0]):
        return []
    counts = [(band, judged.score(names[0], band).count) for band in OTHER_BANDS]
    few = [f"{band} ({count:,})" for band, count in counts if count < MIN_PLACES]
    too_few = [f"Too few places to tell lie at {join(few)}."] if few else []
    clear = _clear(judged, names, OTHER_BANDS)
    if not clear:
        return ["No difference can be told.", *too_few]
    _, most, first, second = max(clear)
    best, worst = (judged.score(name, most) for name in (first, second))
    sentences = [
        f"The difference is largest at {most}: there {first} ({WORDS[judged.metric]} {number(best.value, best)}) is "
        f"ahead of {second} ({number(worst.value, worst)}) by {gain(judged, first, second, most)}."
    ]
    for ahead, behind, also in ((first, second, " also"), (second, first, "")):
        found = [(value, band) for value, band, *pair in clear if pair == [ahead, behind] and band != most]
        large = sorted(found, reverse=True)[:MAX_BANDS]
        if large:
            gains = join([f"{band} by {gain(judged, ahead, behind, band)}" for _, band in large])
            less = [band for value, band in found if (value, band) not in large]
            rest = f"; by less, but clearly, at {join(less)}" if less else ""
            sentences.append(f"{ahead} is{also} ahead of {behind} at {gains}{rest}.")
    told = {band for _, band, _, _ in clear}
    level = [band for band, count in counts if count >= MIN_PLACES and band not in told]
    return [*sentences, *([f"No difference can be told at {join(level)}."] if level else []), *too_few]


def _near_the_poles(judged: Judged, leader: str, names: Sequence[str]) -> list[str]:
    """How the result above 70 degrees differs, for the best contestant of all places and the best one there."""
    part = "poles"
    if polar_bands_suffice(judged, leader):
        return []  # there the bands at the poles say it
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
    """What the intervals are over, what they are corrected for, and how the scores range over the seeds."""
    runs = min(len(judged.over_seeds(name).scores) for name in names)
    compared = [f"for all {judged.pairs} pairs of contestants"] if judged.pairs > 1 else []
    if polar_bands_suffice(judged, names[0]):
        compared.append("by latitude for both bands at the poles, or for all eight elsewhere")
    together = f" Those of differences hold at once {join(compared)}." if compared else ""
    if runs == 1:
        return f"Intervals are of 90 %, over places; with another seed the order may change.{together}"
    spread = [f"{name} {_spread(judged, name)}" for name in names]
    return f"Intervals are of 90 %; over {runs} seeds the scores range: {join(spread)}.{together}"


def _spread(judged: Judged, name: str) -> str:
    seeds, score = judged.over_seeds(name), judged.score(name)
    return f"{number(seeds.low, score)} to {number(seeds.high, score)}"


def _ceiling(judged: Judged, leader: str, bayes: float | None) -> list[str]:
    """How far the best encoder is from the best possible score, which luck can exceed on a few test places."""
    if bayes is None or not 0 < bayes < 1:
        return []
    score = judged.score(leader)
    low, high = score.interval
    lacking = Score(score.value - bayes, (low - bayes, high - bayes), score.count)
    best = f"In the long run {number(bayes, score)} is the best possible {WORDS[judged.metric]}"
    minus = f"{leader} minus that is {with_interval(lacking)} on these {score.count:,} places"
    if lacking.clear and lacking.value < 0:
        return [f"{best}: {minus}."]
    if lacking.clear:
        return [f"{best}: {minus}, more than luck with places would give in 9 of 10 cases."]
    return [f"{best}: {minus}, which is no difference that can be told."]
