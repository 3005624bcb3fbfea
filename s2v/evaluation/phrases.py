"""Numbers and names as the sentences of a result have them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from s2v.evaluation.judged import MIN_PLACES, POLAR_BANDS, Judged, Score
from s2v.evaluation.scores import MAIN_SCORES

WORDS = {score.name: score.word for score in MAIN_SCORES.values()}


def polar_bands_suffice(judged: Judged, name: str) -> bool:
    """Whether the bands at both poles have enough places for a claim."""
    return min(judged.score(name, band).count for band in POLAR_BANDS) >= MIN_PLACES


def gain(judged: Judged, first: str, second: str, part: str = "sphere") -> str:
    """By how much the first contestant is ahead of the second, with its intervals over places and over runs."""
    difference, runs = judged.difference(first, second, part), judged.difference_over_seeds(first, second, part)
    if math.isnan(runs.interval[0]):
        return with_interval(difference)
    ends = " to ".join(number(end, difference) for end in runs.interval)
    if math.isnan(difference.interval[0]):
        return f"{with_interval(difference)} (over seeds {ends})"
    return f"{with_interval(difference)[:-1]}; over seeds {ends})"


def with_interval(score: Score) -> str:
    """A score with its interval, where it has one."""
    if math.isnan(score.interval[0]):
        return number(score.value, score)
    more = next((i for i in range(4) if not _touches_zero(score, i)), 0)
    low, high = (number(end, score, more) for end in score.interval)
    return f"{number(score.value, score, more)} ({low} to {high})"


def number(value: float, score: Score, more: int = 0) -> str:
    """A number with as many decimals as the interval of its score supports, two digits of its width, and ``more``."""
    width = score.interval[1] - score.interval[0]
    decimals = 3 if not width > 0 else min(5, max(2, 1 - math.floor(math.log10(width))))
    return f"{value:.{decimals + more}f}".replace("-", "−")


def _touches_zero(score: Score, more: int) -> bool:
    """Whether an interval that excludes zero is written as one that ends there."""
    return score.clear and any(not float(number(end, score, more).replace("−", "-")) for end in score.interval)


def an(judged: Judged) -> str:
    """The name of the score, with its article."""
    return f"an {WORDS[judged.metric]}"


def time_left(seconds: float) -> str:
    """How long something still takes, about: "about 45 s left"."""
    return f"about {max(1, round(seconds))} s left" if seconds < 90 else f"about {seconds / 60:.0f} minutes left"


def join(parts: Sequence[str], word: str = "and") -> str:
    """Names in a row, the last two with a word between them."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"
