"""Contestants judged on the same places: scores with intervals, and paired differences between them.

    judged = judge("classification", target, {"sphereM": p, "grid": q}, lonlat)
    judged.score("grid"), judged.score("grid", "poles"), judged.bands("grid")
    judged.difference("sphereM", "grid")        # sphereM minus grid, on the same places
    verdict(judged, bayes=0.547)                # (s2v.evaluation.verdict) the result in words

A score is a function of a few sums over places.  A bootstrap sample only changes how often each place is counted, and
it is the same for all contestants and all parts of the sphere, so differences keep what the contestants share: the
luck of the places.  All intervals are of 90 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v.evaluation import presence
from s2v.evaluation.metrics import BANDS, POLAR, Numbers, band_title, checked, hits, r2_of_sums
from s2v.evaluation.scores import MAIN_SCORES
from s2v.evaluation.seeds import OverSeeds, over_seeds

RESAMPLES = 400
LEVEL = (0.05, 0.95)
MIN_PLACES = 30  # places: a bootstrap of fewer is too narrow for a claim

# The sphere in cells of latitude, from which all parts are put together.  As in BANDS, a cell holds its poleward edge,
# and the equator is in the north.
_EDGES = np.array(sorted({abs(edge) for band in BANDS for edge in band} | {POLAR}))
PARTS = ("sphere", "north", "south", "poles", *(band_title(*band) for band in BANDS))

Predictions = ArrayLike | Sequence[ArrayLike]


@dataclass(frozen=True)
class Score:
    """A score or a difference of scores over ``count`` places, with its 90 % interval; NaN where there is none."""

    value: float
    interval: tuple[float, float]
    count: int

    @property
    def clear(self) -> bool:
        """Whether this, as a difference, is one: its interval does not hold zero, and there are places enough."""
        return self.count >= MIN_PLACES and (self.interval[0] > 0 or self.interval[1] < 0)


@dataclass(frozen=True)
class BandScore:
    """The score of a latitude band ``low`` to ``high`` with the number of places and a 90 % bootstrap interval."""

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
    """What ``judge`` found.

    ``metric`` is "r2", "accuracy" or "auc"; ``names`` are the contestants in the order given.  ``values``
    (contestants, parts) are scores on ``PARTS`` of the sphere: "sphere", "north" and "south" (above 70 degrees),
    "poles" (both), and the bands by their titles.  ``samples`` (contestants, parts, resamples) are those of the
    bootstrap samples, ``counts`` (parts,) the numbers of places.  With several runs of a contestant a score is the mean
    over them; ``runs`` has those of each run (parts, runs).  ``notes`` are sentences on what could not be judged.
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
        """The score of a contestant on a part of the sphere."""
        i, j = self._index(name), _part(part)
        low, high = _quantiles(self.samples[i, j])
        return Score(float(self.values[i, j]), (float(low), float(high)), int(self.counts[j]))

    def bands(self, name: str) -> list[BandScore]:
        """The scores of a contestant in each of ``BANDS``, north to south."""
        scores = [(min(band), max(band), self.score(name, band_title(*band))) for band in BANDS]
        return [BandScore(low, high, s.count, s.value, s.interval) for low, high, s in scores]

    def difference(self, first: str, second: str, part: str = "sphere") -> Score:
        """The score of ``first`` minus that of ``second`` on the same places.

        Whoever looks at the best of several contestants looks at all pairs.  So the intervals are wide enough that on
        a part of the sphere those of all pairs together hold with 90 %; with two contestants that is the interval of
        their difference.
        """
        i, k, j = self._index(first), self._index(second), _part(part)
        low, middle, high = _quantiles(self.samples[i, j] - self.samples[k, j], (LEVEL[0], 0.5, LEVEL[1]))
        stretch = self._stretch[j]
        interval = middle - stretch * (middle - low), middle + stretch * (high - middle)
        return Score(float(self.values[i, j] - self.values[k, j]), interval, int(self.counts[j]))

    def over_seeds(self, name: str, part: str = "sphere") -> OverSeeds:
        """The scores of a contestant's runs and what can be said of their mean."""
        self._index(name)
        return over_seeds(self.runs[name][_part(part)])

    def difference_over_seeds(self, first: str, second: str, part: str = "sphere") -> OverSeeds:
        """``difference`` over the runs instead of the places: run i of one with run i of the other.

        Its interval allows for all pairs of contestants, too; NaN with fewer than three runs of each.
        """
        a, b = (self.over_seeds(name, part).scores for name in (first, second))
        pairs = len(self.names) * (len(self.names) - 1) // 2
        return over_seeds([x - y for x, y in zip(a, b, strict=False)], comparisons=max(1, pairs))

    def ahead(self, first: str, second: str, part: str = "sphere") -> bool:
        """Whether ``first`` is clearly better than ``second``: the intervals of their difference lie above zero.

        Over the places, of which there must be 30 or more, and over the runs where there are three or more of each; of
        two runs both must be better.
        """
        if not (self.difference(first, second, part).clear and self.difference(first, second, part).value > 0):
            return False
        runs = self.difference_over_seeds(first, second, part)
        return runs.low > 0 if len(runs.scores) < 3 else runs.interval[0] > 0

    def _index(self, name: str) -> int:
        if name not in self.names:
            raise ValueError(f"There is no contestant {name!r}; there are: {', '.join(self.names)}.")
        return self.names.index(name)

    @cached_property
    def _stretch(self) -> list[float]:
        """By how much, for each part, the middle 90 % of all pairs' differences must be stretched to hold together.

        Distances from the median are measured in half widths of each pair's own interval, on each side; it is the 90 %
        quantile over the bootstrap samples of the largest of them.
        """
        known = [i for i in range(len(self.names)) if not np.isnan(self.values[i]).all()]
        pairs = list(combinations(known, 2))
        if len(pairs) < 2:
            return [1.0] * len(PARTS)
        distances = [
            [_distance(self.samples[a, part] - self.samples[b, part]) for a, b in pairs] for part in range(len(PARTS))
        ]
        return [max(1.0, float(np.quantile(np.max(of_part, axis=0), 0.9))) for of_part in distances]


def judge(
    task: str,
    target: ArrayLike,
    predictions: Mapping[str, Predictions],
    lonlat: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    background: Mapping[str, Predictions] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Judged:
    """Scores and paired differences of contestants, from their predictions at the same held-out places.

    ``target`` (n,), ``lonlat`` (n, 2), ``weights`` (n,) and each prediction are as for ``evaluate``; a list of
    predictions are those of several runs, such as seeds.  The score is R2 for a regression and accuracy otherwise.
    With the predictions (m, classes) at ``background_places()`` it is the AUC of presences against background, the
    only one that says something of a single class.

    A prediction that is not finite somewhere has no score.  ``ValueError`` for shapes that do not fit.
    """
    if not predictions:
        raise ValueError("There is no prediction to judge.")
    if resamples < 2:
        raise ValueError(f"resamples={resamples}: a bootstrap needs at least two samples.")
    if background is not None and set(background) != set(predictions):
        raise ValueError("The background needs the predictions of the same contestants.")
    names, notes = tuple(predictions), []
    shared: list[Numbers] = []
    own: list[Numbers] = []  # one row for each run of each contestant
    of: list[int] = []  # whose run it is
    latitude = np.empty(0)
    for i, name in enumerate(names):
        elsewhere = None if background is None else _runs(background[name])
        runs = _runs(predictions[name])
        broken = 0
        for run, prediction in enumerate(runs):
            places, y, guess, w = checked(task, target, prediction, lonlat, weights)
            finite = np.isfinite(guess) if guess.ndim == 1 else np.isfinite(guess).all(axis=1)
            broken += not finite.all()
            if elsewhere is not None:
                good = presence.auc(y, guess, np.asarray(elsewhere[run], dtype=float))
            else:
                good = (y - guess) ** 2 if task == "regression" else hits(y, guess)
            own.append(w * np.where(finite, good, np.nan))
            of.append(i)
            latitude = places[:, 1]
        if broken:
            notes.append(f"{name} predicted something that is no number, so it has no score.")
    if task == "regression":
        centred = y - np.median(y) if len(y) else y  # the same R2, without the loss of digits of a far-off mean
        shared = [w, w * centred, w * centred**2]
    else:
        shared = [w]
    terms = np.stack([*shared, *own])  # (k, n)
    cell, parts = _cells(latitude)
    order = np.argsort(cell, kind="stable")
    terms, cuts = terms[:, order], np.searchsorted(cell[order], np.arange(len(parts[0]) + 1))
    rng = np.random.default_rng(seed)
    counted = _sums(np.ones((1, len(y))), terms, cuts)
    sums = np.concatenate([counted, *(_sums(c, terms, cuts) for c in _bootstrap(len(y), resamples, rng))])
    scores = _scores(task, np.einsum("pc,rck->rpk", parts, sums), len(shared))  # (1 + resamples, parts, runs)
    counts = parts.astype(np.int64) @ np.diff(cuts)
    scores[1:, counts < 2] = np.nan  # nothing to resample
    whose = np.array(of)
    means = np.stack([scores[..., whose == i].mean(axis=-1) for i in range(len(names))])  # (contestants, ...)
    if not len(y):
        notes.append("There is no place to judge by.")
    elif len(y) < MIN_PLACES:
        notes.append(f"{len(y)} {'place is' if len(y) == 1 else 'places are'} too few to tell contestants apart.")
    if task == "regression" and len(y) and np.isnan(means[:, 0, 0]).all() and not notes:
        notes.append("The target is the same at all places, so there is nothing to explain and no R².")
    return Judged(
        task,
        MAIN_SCORES["classification" if task == "presence" and background is None else task].name,
        names,
        counts,
        means[:, 0],
        np.ascontiguousarray(means[:, 1:].transpose(0, 2, 1)),
        {name: scores[0][:, whose == i] for i, name in enumerate(names)},
        tuple(notes),
    )


def by_band(
    task: str,
    target: ArrayLike,
    prediction: ArrayLike,
    lonlat: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[BandScore]:
    """R2 (regression) or accuracy in each of ``BANDS``, north to south; arguments as for ``evaluate``.

    The interval holds the middle 90 % of the score over ``resamples`` bootstrap samples of the places; NaN where the
    score is, or where fewer than two places are left to resample.
    """
    predictions = {"": np.asarray(prediction)}
    return judge(task, target, predictions, lonlat, weights, resamples=resamples, seed=seed).bands("")


def _runs(predictions: Predictions) -> Sequence[ArrayLike]:
    """The runs of a contestant: those of a list, or the only one."""
    if isinstance(predictions, list | tuple) and len(predictions) and np.ndim(predictions[0]):
        return predictions
    return [np.asarray(predictions)]


def _cells(latitude: Numbers) -> tuple[NDArray[np.int64], Numbers]:
    """The cell (n,) of each place, and which cells make up each of ``PARTS``: 0 or 1 (parts, cells)."""
    south = latitude < 0
    cell = np.searchsorted(_EDGES[1:], abs(latitude), side="left") + south * (len(_EDGES) - 1)
    low = np.tile(_EDGES[:-1], 2)
    in_south = np.arange(len(low)) >= len(low) // 2
    polar = low >= POLAR
    bands = [
        (low >= min(map(abs, band))) & (low < max(map(abs, band))) & (in_south == (min(band) < 0)) for band in BANDS
    ]
    parts = [np.ones(len(low)), polar & ~in_south, polar & in_south, polar, *bands]
    return cell.astype(np.int64), np.array(parts, dtype=float)


def _bootstrap(places: int, resamples: int, rng: np.random.Generator) -> Iterable[Numbers]:
    """How often each place is counted (samples, places) in bootstrap samples, some of them at a time."""
    block = max(1, 1_000_000 // max(1, places))  # bounds the memory
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        drawn = rng.integers(places, size=(rows, places)) if places else np.empty((rows, 0), dtype=np.int64)
        drawn += places * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * places).reshape(rows, places).astype(float)


def _sums(counts: Numbers, terms: Numbers, cuts: NDArray[np.int64]) -> Numbers:
    """Sums (samples, cells, k) of the terms (k, n) over the places of each cell, each counted as ``counts`` says."""
    return np.stack([counts[:, a:b] @ terms[:, a:b].T for a, b in pairwise(cuts)], axis=1)


def _scores(task: str, sums: Numbers, shared: int) -> Numbers:
    """Scores (..., runs) of sums (..., k), of which the first ``shared`` are common to all runs."""
    if task == "regression":
        weight, first, second = (sums[..., i, None] for i in range(shared))
        return r2_of_sums(weight, first, second, sums[..., shared:])
    with np.errstate(invalid="ignore"):
        return np.asarray(sums[..., shared:] / sums[..., :1])


def _quantiles(samples: Numbers, shares: tuple[float, ...] = LEVEL) -> Sequence[float]:
    """Quantiles of those samples that are numbers; NaN without any."""
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
        raise ValueError(f"part={part!r} is not one of {', '.join(PARTS)}.")
    return PARTS.index(part)
