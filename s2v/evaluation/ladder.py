"""The ladder: scores of contestants against the distance of the test places from the training places.

A rung is a race on one split (``s2v.data.splits``).  ``Ladder`` holds what came out on each, in the order in which they
were climbed, and says it in words and as a table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from s2v.evaluation.judged import Judged, Score
from s2v.evaluation.phrases import gain, join, number


def distance_range(kilometres: ArrayLike) -> tuple[float, float, float]:
    """The 5th, 50th and 95th of a hundred distances, as ``RungResult.distances``.

    Parameters
    ----------
    kilometres : array (n,)

    Returns
    -------
    (float, float, float)

    Examples
    --------
    >>> distance_range(range(101))
    (5.0, 50.0, 95.0)
    """
    low, middle, high = np.quantile(np.asarray(kilometres, dtype=float), [0.05, 0.5, 0.95])
    return float(low), float(middle), float(high)


@dataclass(frozen=True)
class RungResult:
    """What came out on one rung.

    Attributes
    ----------
    split : str
    title : str
        The split in words.
    kind : str
        Of the split: "random", "blocks", "buffer", "control" or "latitude".
    distances : (float, float, float)
        The 5th, 50th and 95th of a hundred distances from the test places to the nearest training place, in kilometres;
        NaN where the split left too few places.
    training : int
        Places.
    judged : Judged, optional
        The scores; None where no contestant has one.
    messages : mapping of str to str
        Why a contestant has none, by its title; under "" what was wrong with the rung.

    Examples
    --------
    >>> RungResult("latitude:70", "beyond 70 degrees", "latitude", messages={"": "No places."}).done
    False
    """

    split: str
    title: str
    kind: str
    distances: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    training: int = 0
    judged: Judged | None = None
    messages: Mapping[str, str] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Whether a contestant has a score."""
        return self.judged is not None

    @property
    def km(self) -> float:
        """The median distance."""
        return self.distances[1]

    def message_for(self, contestant: str) -> str:
        """Why a contestant has no score here; empty where it is not known."""
        return self.messages.get(contestant) or self.messages.get("", "")


@dataclass(frozen=True)
class Point:
    """The score of a contestant on a rung.

    Attributes
    ----------
    contestant : str
    rung : RungResult
    km : float
        Where it is drawn: the median distance; of a control that of its buffer.
    score : Score
        With its interval over the test places.
    seeds : (float, float)
        90 % interval of the mean over the seeds; NaN with fewer than three.

    Examples
    --------
    >>> rung = RungResult("random", "at random", "random")
    >>> Point("a", rung, 75.0, Score(0.9, (0.88, 0.91), 8000), (0.85, 0.93)).interval
    (0.85, 0.93)
    """

    contestant: str
    rung: RungResult
    km: float
    score: Score
    seeds: tuple[float, float]

    @property
    def interval(self) -> tuple[float, float]:
        """The wider of the two intervals at each end."""
        (low, high), (low_seeds, high_seeds) = self.score.interval, self.seeds
        if math.isnan(low_seeds):
            return low, high
        return min(low, low_seeds), max(high, high_seeds)


class Ladder:
    """The rungs that were climbed so far.

    Parameters
    ----------
    contestants : sequence of str
        Their titles, in the order of their colours.
    rungs : sequence of RungResult

    Examples
    --------
    >>> Ladder(["a", "b"]).sentences()
    []
    """

    def __init__(self, contestants: Sequence[str], rungs: Sequence[RungResult] = ()) -> None:
        self.contestants = tuple(contestants)
        self.rungs = list(rungs)

    def point(self, contestant: str, rung: RungResult) -> Point | None:
        """The score of a contestant on a rung; None where it has none."""
        if rung.judged is None or contestant not in rung.judged.names:
            return None
        score = rung.judged.score(contestant)
        if not math.isfinite(score.value):
            return None
        return Point(contestant, rung, self._drawn_at(rung), score, rung.judged.over_seeds(contestant).interval)

    def points(self, contestant: str, *kinds: str) -> list[Point]:
        """The scores of a contestant on rungs of these kinds of split, the nearest first."""
        found = (self.point(contestant, rung) for rung in self.rungs if rung.kind in kinds)
        return sorted((point for point in found if point), key=lambda point: point.km)

    def rows(self) -> list[dict[str, str | float | int]]:
        """A table of all scores: one row for each rung and contestant; a message where there is no score."""
        rows: list[dict[str, str | float | int]] = []
        for rung in self.rungs:
            low, middle, high = rung.distances
            common: dict[str, str | float | int] = {
                "split": rung.split,
                "median km": middle,
                "5 % km": low,
                "95 % km": high,
                "training places": rung.training,
            }
            for name in self.contestants:
                point = self.point(name, rung)
                row = common | {"contestant": name, "test places": 0, "score": math.nan, "low": math.nan}
                row |= {"high": math.nan, "low over seeds": math.nan, "high over seeds": math.nan, "message": ""}
                if point:
                    row |= {"test places": point.score.count, "score": point.score.value}
                    row |= dict(zip(("low", "high"), point.score.interval, strict=True))
                    row |= dict(zip(("low over seeds", "high over seeds"), point.seeds, strict=True))
                else:
                    row["message"] = rung.message_for(name)
                rows.append(row)
        return rows

    def sentences(self) -> list[str]:
        """For each rung but the controls, in one sentence, who is ahead there, or that no difference can be told."""
        return [_sentence(rung) for rung in self.rungs if rung.kind != "control"]

    def _drawn_at(self, rung: RungResult) -> float:
        if rung.kind != "control":
            return rung.km
        size = rung.split.partition(":")[2]
        buffer = next((r for r in self.rungs if r.split == f"buffer:{size}" and not math.isnan(r.km)), None)
        return buffer.km if buffer else float(size)


def _sentence(rung: RungResult) -> str:
    where = f"Held out {rung.title}" + ("" if math.isnan(rung.km) else f" (median {rung.km:,.0f} km)")
    judged = rung.judged
    names = [] if judged is None else [n for n in judged.names if math.isfinite(judged.score(n).value)]
    if judged is None or not names:
        return f"{where}: {rung.messages.get('') or next(iter(rung.messages.values()), 'no contestant has a score.')}"
    leader, *others = sorted(names, key=lambda name: -judged.score(name).value)
    value = number(judged.score(leader).value, judged.score(leader))
    if judged.metric == "r2" and judged.score(leader).value < 0:
        value += ", worse than the mean of the test places"
    if not others:
        return f"{where}: {leader} reaches {value}."
    behind = [name for name in others if judged.ahead(leader, name)]
    level = [name for name in others if name not in behind]
    if not behind:
        return f"{where}: no difference can be told between {join([leader, *level])}; the highest score is {value}."
    ahead = f"{where}: {leader} ({value}) is ahead of {join([f'{n} by {gain(judged, leader, n)}' for n in behind])}"
    return f"{ahead}; no difference from {join(level, 'or')} can be told." if level else f"{ahead}."
