"""Scores of contestants on the same places, and paired differences between them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v.errors import shown
from s2v.evaluation.metrics import BANDS, Numbers, band_title
from s2v.evaluation.seeds import OverSeeds, over_seeds

LEVEL = (0.05, 0.95)
MIN_PLACES = 30  # places: a bootstrap of fewer is too narrow for a claim
BAND_TITLES = tuple(band_title(*band) for band in BANDS)
POLAR_BANDS = (BAND_TITLES[0], BAND_TITLES[-1])
OTHER_BANDS = BAND_TITLES[1:-1]
PARTS = ("sphere", "north", "south", "poles", *BAND_TITLES)


@dataclass(frozen=True)
class Score:
    """A score, or a difference of scores, with its interval.

    Attributes
    ----------
    value : float
    interval : (float, float)
        90 % interval over bootstrap samples of the places; NaN where there is none.
    count : int
        Places.

    Examples
    --------
    >>> Score(value=0.02, interval=(0.01, 0.03), count=8000).clear
    True
    """

    value: float
    interval: tuple[float, float]
    count: int

    @property
    def clear(self) -> bool:
        """Whether a difference is clear: its interval excludes zero, and there are at least ``MIN_PLACES``."""
        return self.count >= MIN_PLACES and (self.interval[0] > 0 or self.interval[1] < 0)


@dataclass(frozen=True)
class BandScore:
    """The score of a latitude band.

    Attributes
    ----------
    low, high : float
        The band, in degrees.
    count : int
        Places in it.
    value : float
    interval : (float, float)
        90 % interval over bootstrap samples of the places; NaN where there is none.

    Examples
    --------
    >>> BandScore(low=85, high=90, count=15, value=0.7, interval=(0.6, 0.8)).title
    '85 to 90 N'
    """

    low: float
    high: float
    count: int
    value: float
    interval: tuple[float, float]

    @property
    def title(self) -> str:
        """The band in words, such as "85 to 90 N"."""
        return band_title(self.low, self.high)


@dataclass(frozen=True, eq=False)
class Judged:
    """The scores of contestants on the same places; ``judge`` makes it.

    Attributes
    ----------
    task : "regression", "classification" or "presence"
    metric : "r2", "accuracy" or "auc"
    names : tuple of str
        The contestants in the order given.
    counts : array (parts,) of int64
        Places in each of ``PARTS`` of the sphere: "sphere", "north" and "south" (above 70 degrees), "poles" (both), and
        the latitude bands by their titles.
    values : array (contestants, parts)
        Scores; with several runs of a contestant their mean.
    samples : array (contestants, parts, resamples)
        Scores of the bootstrap samples.
    runs : mapping of str to array (parts, runs)
        Scores of each run of a contestant.
    notes : tuple of str
        Sentences on what could not be judged.

    Examples
    --------
    >>> from s2v import sphere
    >>> from s2v.evaluation import judge
    >>> places = sphere.fibonacci_lattice(1000)
    >>> truth = places[:, 1] / 90
    >>> judged = judge("regression", truth, {"good": truth + 0.1, "poor": truth / 2}, places)
    >>> round(judged.score("good").value, 2), round(judged.score("poor").value, 2), judged.ahead("good", "poor")
    (0.95, 0.75, True)
    """

    task: str
    metric: str
    names: tuple[str, ...]
    counts: NDArray[np.int64]
    values: Numbers
    samples: Numbers
    runs: Mapping[str, Numbers]
    notes: tuple[str, ...]

    def score(self, name: str, part: str = "sphere") -> Score:
        """The score of a contestant on a part of the sphere.

        Parameters
        ----------
        name : str
            A contestant.
        part : str, default "sphere"
            One of ``PARTS``.
        """
        i, j = self._index(name), _part(part)
        low, high = _quantiles(self.samples[i, j])
        return Score(float(self.values[i, j]), (float(low), float(high)), int(self.counts[j]))

    def with_parts_of(self, other: Judged) -> Judged:
        """The same result for the whole sphere, with all smaller parts as judged elsewhere.

        The places of a whole sphere leave few for the small bands at the poles; ``latitude_places`` has as many for
        each.

        Parameters
        ----------
        other : Judged
            Of the same contestants, task and runs on other places.

        Raises
        ------
        ValueError
            For other contestants or another score.
        """
        if (self.names, self.metric) != (other.names, other.metric):
            raise ValueError(
                f"{other.metric} of {', '.join(other.names)} cannot complete {self.metric} of {', '.join(self.names)}."
            )

        def joined(whole: Any, parts: Any) -> Any:
            return np.concatenate([whole[:1], parts[1:]])

        return replace(
            self,
            counts=joined(self.counts, other.counts),
            values=joined(self.values.T, other.values.T).T,
            samples=joined(self.samples.swapaxes(0, 1), other.samples.swapaxes(0, 1)).swapaxes(0, 1),
            runs={name: joined(self.runs[name], other.runs[name]) for name in self.names},
        )

    def bands(self, name: str) -> list[BandScore]:
        """The scores of a contestant in each of ``BANDS``, north to south."""
        scores = [(min(band), max(band), self.score(name, band_title(*band))) for band in BANDS]
        return [BandScore(low, high, s.count, s.value, s.interval) for low, high, s in scores]

    def difference(self, first: str, second: str, part: str = "sphere") -> Score:
        """The score of one contestant minus that of another on the same places.

        Picking the best of several contestants compares all pairs.  So the intervals are wide enough that, on a part of
        the sphere, those of all pairs hold together with 90 %; for two contestants it is the interval of their
        difference.  In the same way those of the two bands at the poles hold together, and those of all other bands:
        whoever looks for the band with the largest difference compares them all.

        Parameters
        ----------
        first, second : str
            Contestants.
        part : str, default "sphere"
            One of ``PARTS``.
        """
        i, k, j = self._index(first), self._index(second), _part(part)
        low, middle, high = _quantiles(self.samples[i, j] - self.samples[k, j], (LEVEL[0], 0.5, LEVEL[1]))
        stretch = self._stretch[j]
        interval = middle - stretch * (middle - low), middle + stretch * (high - middle)
        return Score(float(self.values[i, j] - self.values[k, j]), interval, int(self.counts[j]))

    def over_seeds(self, name: str, part: str = "sphere") -> OverSeeds:
        """The scores of a contestant's runs, and the interval of their mean.

        Parameters
        ----------
        name : str
            A contestant.
        part : str, default "sphere"
            One of ``PARTS``.
        """
        self._index(name)
        return over_seeds(self.runs[name][_part(part)])

    def difference_over_seeds(self, first: str, second: str, part: str = "sphere") -> OverSeeds:
        """``difference`` over the runs instead of the places: run i of one minus run i of the other.

        Its interval, too, is wide enough for all pairs of contestants, and for all bands of ``family(part)``; NaN with
        fewer than three runs of each.

        Parameters
        ----------
        first, second : str
            Contestants.
        part : str, default "sphere"
            One of ``PARTS``.
        """
        a, b = (self.over_seeds(name, part).scores for name in (first, second))
        comparisons = max(1, self.pairs) * len(family(part))
        return over_seeds([x - y for x, y in zip(a, b, strict=False)], comparisons=comparisons)

    def ahead(self, first: str, second: str, part: str = "sphere") -> bool:
        """Whether one contestant is clearly better than another: the intervals of their difference lie above zero.

        Over the places, of which there must be at least ``MIN_PLACES``, and over the runs if there are three or more of
        each; of two runs both must be better.

        Parameters
        ----------
        first, second : str
            Contestants.
        part : str, default "sphere"
            One of ``PARTS``.
        """
        if not (self.difference(first, second, part).clear and self.difference(first, second, part).value > 0):
            return False
        runs = self.difference_over_seeds(first, second, part)
        return runs.low > 0 if len(runs.scores) < 3 else runs.interval[0] > 0

    @property
    def pairs(self) -> int:
        """How many pairs of contestants there are."""
        return math.comb(len(self.names), 2)

    def _index(self, name: str) -> int:
        if name not in self.names:
            raise ValueError(f"There is no contestant {shown(name)}; there are: {', '.join(self.names)}.")
        return self.names.index(name)

    @cached_property
    def _stretch(self) -> list[float]:
        """For each part, the factor by which the intervals of all pairs must be stretched to hold together.

        A sample's distance from the median is measured in half widths of its pair's interval on that side; the factor
        is the 90 % quantile, over the bootstrap samples, of the largest distance among the pairs.  The bands of a
        ``family`` share one factor, for which the largest distance is that among the pairs in all of them.
        """
        known = [i for i in range(len(self.names)) if not np.isnan(self.values[i]).all()]
        pairs = list(combinations(known, 2))
        if not pairs:
            return [1.0] * len(PARTS)
        distances = np.array(  # (parts, resamples), the largest of the pairs
            [
                np.max([_distance(self.samples[a, part] - self.samples[b, part]) for a, b in pairs], axis=0)
                for part in range(len(PARTS))
            ]
        )
        found = []
        for part in PARTS:
            together = family(part)
            largest = distances[[PARTS.index(each) for each in together]].max(axis=0)
            alone = len(pairs) == len(together) == 1
            found.append(1.0 if alone else max(1.0, float(np.quantile(largest, 0.9))))
        return found


def family(part: str) -> tuple[str, ...]:
    """The parts of the sphere whose differences are looked at together, and whose intervals hold together.

    Parameters
    ----------
    part : str
        One of ``PARTS``.

    Returns
    -------
    tuple of str
        Both bands at the poles, or all others; a part that is no band is alone.

    Examples
    --------
    >>> family("85 to 90 N"), len(family("0 to 30 N")), family("sphere")
    (('85 to 90 N', '85 to 90 S'), 8, ('sphere',))
    """
    return next((bands for bands in (POLAR_BANDS, OTHER_BANDS) if part in bands), (part,))


def _quantiles(samples: Numbers, shares: tuple[float, ...] = LEVEL) -> Sequence[float]:
    """Quantiles of the samples that are not NaN; NaN without any."""
    known = samples[~np.isnan(samples)]
    return [float("nan")] * len(shares) if not len(known) else [float(q) for q in np.quantile(known, shares)]


def _distance(samples: Numbers) -> Numbers:
    """How far samples lie from their median, in half widths of their middle 90 % on that side; 0 for NaN."""
    low, middle, high = _quantiles(samples, (LEVEL[0], 0.5, LEVEL[1]))
    beyond = samples - middle
    width = np.where(beyond < 0, middle - low, high - middle)
    return np.divide(abs(beyond), width, out=np.zeros_like(beyond), where=(width > 0) & ~np.isnan(beyond))


def _part(part: str) -> int:
    if part not in PARTS:
        raise ValueError(f"part={shown(part)} is not one of {', '.join(PARTS)}.")
    return PARTS.index(part)
