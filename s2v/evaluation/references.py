"""Encoders against the reference predictors of a comparison, in words that claim no more than the intervals do."""

from __future__ import annotations

import math
from collections.abc import Sequence

from s2v.evaluation.judged import BAND_TITLES, MIN_PLACES, POLAR_BANDS, Judged
from s2v.evaluation.phrases import WORDS, an, gain, join, number, polar_bands_suffice


def against_references(judged: Judged, encoders: Sequence[str], references: Sequence[str]) -> list[str]:
    """Whether an encoder beats the best of the references, on the whole sphere and near the poles.

    Parameters
    ----------
    judged : Judged
    encoders, references : sequence of str
        Contestants that have a score.

    Returns
    -------
    list of str
        Sentences; none without both.

    Examples
    --------
    >>> from s2v import sphere
    >>> from s2v.evaluation import judge
    >>> places = sphere.random_points(2000)
    >>> truth = places[:, 1]
    >>> judged = judge("regression", truth, {"xyz": truth + 30, "kriging": truth + 1}, places)
    >>> against_references(judged, ["xyz"], ["kriging"])[0]
    'xyz does not beat kriging, the reference predictor: with an R² of 0.99935 it is ahead of xyz by 0.585 (...).'
    """
    if not encoders or not references:
        return []
    best, leader = (max(names, key=lambda name: judged.score(name).value) for names in (references, encoders))
    which = f"the best of {len(references)} reference predictors" if len(references) > 1 else "the reference predictor"
    also = ", the best encoder," if len(encoders) > 1 else ""
    nobody = "No encoder beats" if len(encoders) > 1 else f"{leader} does not beat"
    value = number(judged.score(best).value, judged.score(best))
    ahead = [name for name in encoders if judged.ahead(name, best)]
    if ahead:
        gains = join([f"{name} by {gain(judged, name, best)}" for name in ahead])
        verb = "is" if len(ahead) == 1 else "are"
        sentence = f"Ahead of {best}, {which} ({WORDS[judged.metric]} {value}), {verb} {gains}."
    elif judged.ahead(best, leader):
        sentence = (
            f"{nobody} {best}, {which}: with {an(judged)} of {value} it is ahead of {leader}{also} by "
            f"{gain(judged, best, leader)}."
        )
    else:
        sentence = (
            f"{nobody} {best}, {which} ({WORDS[judged.metric]} {value}): {best} minus {leader}{also} is "
            f"{gain(judged, best, leader)}, which is no difference that can be told."
        )
    return [sentence, *_by_latitude(judged, encoders, best)]


def _by_latitude(judged: Judged, encoders: Sequence[str], best: str) -> list[str]:
    """The same near each pole, and in which bands an encoder beats the reference."""
    if not polar_bands_suffice(judged, best):
        if judged.score(best, "poles").count < MIN_PLACES:
            return []
        return [_upper(_there(judged, encoders, best, "poles", "above 70 degrees")) + "."]
    told = [_there(judged, encoders, best, band, f"at {band}") for band in POLAR_BANDS]
    beaten = [band for band in BAND_TITLES if any(judged.ahead(name, best, band) for name in encoders)]
    more = [band for band in beaten if band not in POLAR_BANDS]
    sentences = [_upper("; ".join(told)) + "."]
    if more:
        sentences.append(f"{'Also an' if len(more) < len(beaten) else 'An'} encoder is ahead of it at {join(more)}.")
    elif not beaten:
        sentences.append(f"At no latitude is {'an encoder' if len(encoders) > 1 else encoders[0]} ahead of it.")
    return sentences


def _there(judged: Judged, encoders: Sequence[str], best: str, part: str, where: str) -> str:
    known = [name for name in encoders if not math.isnan(judged.score(name, part).value)]
    if not known:
        return f"{where} there is no score"
    leader = max(known, key=lambda name: judged.score(name, part).value)
    if judged.ahead(leader, best, part):
        return f"{where} {leader} is ahead of it by {gain(judged, leader, best, part)}"
    if judged.ahead(best, leader, part):
        also = ", the best encoder there," if len(encoders) > 1 else ""
        return f"{where} it is ahead of {leader}{also} by {gain(judged, best, leader, part)}"
    return f"{where} no difference from {leader} can be told"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
