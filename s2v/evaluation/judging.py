"""Contestants judged on the same places: scores with intervals, and paired differences between them.

    judged = judge("classification", target, {"sphereM": p, "grid": q}, lonlat)
    judged.score("grid"), judged.score("grid", "poles"), judged.bands("grid")
    judged.difference("sphereM", "grid")        # sphereM minus grid, on the same places
    verdict(judged, bayes=0.547)                # (s2v.evaluation.verdict) the result in words

A score is a function of a few sums over places.  A bootstrap sample only changes how often each place is counted, and
it is the same for all contestants and all parts of the sphere, so that what contestants share, the luck of the places,
cancels in their differences.  All intervals are 90 % intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v.evaluation import presence
from s2v.evaluation.judged import MIN_PLACES, BandScore, Judged
from s2v.evaluation.metrics import BANDS, POLAR, Numbers, checked, hits, is_known, r2_of_sums
from s2v.evaluation.scores import MAIN_SCORES

RESAMPLES = 400
MIN_GROUPS = 10  # a bootstrap of fewer says nothing

# The sphere in cells of latitude, from which all of PARTS are put together.  As in BANDS, a cell holds its poleward
# edge, and the equator is in the north.
_EDGES = np.array(sorted({abs(edge) for band in BANDS for edge in band} | {POLAR}))

Predictions = ArrayLike | Sequence[ArrayLike]


def judge(
    task: str,
    target: ArrayLike,
    predictions: Mapping[str, Predictions],
    lonlat: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    background: Mapping[str, Predictions] | None = None,
    groups: ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Judged:
    """Scores and paired differences of contestants, from their predictions at the same held-out places.

    The score is R2 for a regression and accuracy otherwise; with a background it is the AUC of presences, the only one
    that works for a single class.

    Parameters
    ----------
    task : "regression", "classification" or "presence"
    target : array (n,)
        Values, or class numbers.
    predictions : mapping of str to array, or to list of arrays
        For each contestant its prediction, as for ``evaluate``, or those of several runs, such as seeds.  Accuracy
        takes class numbers (n,), too.
    lonlat : array (n, 2)
        Places in degrees, longitude first.
    weights : array (n,), optional
        Share of the sphere that each place stands for; all equal unless given.
    background : mapping of str to array, or to list of arrays, optional
        For presences: the predictions (m, classes) of the same contestants and runs at ``background_places()``.
    groups : array (n,), optional
        Numbers of groups of places that resemble each other, such as ``DataSet.groups_of(lonlat)``: the bootstrap then
        draws whole groups, so that the intervals do not take neighbours for independent.  Parts of the sphere with
        fewer than ``MIN_GROUPS`` have no intervals; where the whole sphere has fewer, single places are drawn, and a
        note says so.
    resamples : int, default 400
        Bootstrap samples of the places.
    seed : int, default 0
        Of the bootstrap.

    Returns
    -------
    Judged
        A contestant whose prediction is not finite somewhere has no score.

    Raises
    ------
    ValueError
        For an unknown task, no predictions, shapes that do not fit, or a background of other contestants.

    Examples
    --------
    >>> from s2v import sphere
    >>> places = sphere.random_points(2000)
    >>> truth = (places[:, 1] > 0).astype(int)
    >>> predictions = {"right": np.eye(2)[truth], "half right": np.full((2000, 2), 0.5)}
    >>> judged = judge("classification", truth, predictions, places)
    >>> gain = judged.difference("right", "half right")
    >>> round(gain.value, 2), [round(end, 2) for end in gain.interval]
    (0.49, [0.47, 0.51])
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
    owner: list[int] = []  # number of the contestant, for each run
    latitude = np.empty(0)
    for i, name in enumerate(names):
        outside = None if background is None else _runs(background[name])
        runs = _runs(predictions[name])
        broken = 0
        for run, prediction in enumerate(runs):
            places, y, guess, w = checked(task, target, prediction, lonlat, weights, decided=outside is None)
            finite = np.isfinite(guess) if guess.ndim == 1 else np.isfinite(guess).all(axis=1)
            broken += not finite.all()
            if outside is not None:
                good = presence.auc(y, guess, np.asarray(outside[run], dtype=float))
            else:
                good = (y - guess) ** 2 if task == "regression" else hits(y, guess)
            own.append(w * np.where(finite, good, np.nan))
            owner.append(i)
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
    grouped = _grouped(groups, is_known(task, np.asarray(target)), order)
    if grouped is not None and grouped.max() + 1 < MIN_GROUPS:
        grouped = None
        notes.append("The places lie close together, so that intervals over them are too narrow.")
    drawn = _bootstrap(len(y), resamples, np.random.default_rng(seed), grouped)
    counted = _sums(np.ones((1, len(y))), terms, cuts)
    sums = np.concatenate([counted, *(_sums(counts, terms, cuts) for counts in drawn)])
    scores = _scores(task, np.einsum("pc,rck->rpk", parts, sums), len(shared))  # (1 + resamples, parts, runs)
    counts = parts.astype(np.int64) @ np.diff(cuts)
    scores[1:, counts < 2] = np.nan  # nothing to resample
    if grouped is not None:
        scores[1:, _group_counts(grouped, cell[order], parts) < MIN_GROUPS] = np.nan
    owners = np.array(owner)
    means = np.stack([scores[..., owners == i].mean(axis=-1) for i in range(len(names))])  # (contestants, ...)
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
        {name: scores[0][:, owners == i] for i, name in enumerate(names)},
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
    """R2 (regression) or accuracy in each latitude band.

    Parameters
    ----------
    task : "regression", "classification" or "presence"
    target : array (n,)
        Values, or class numbers.
    prediction : array (n,) or (n, classes)
        Values of a regression, otherwise probabilities.
    lonlat : array (n, 2)
        Places in degrees, longitude first.
    weights : array (n,), optional
        Share of the sphere that each place stands for; all equal unless given.
    resamples : int, default 400
        Bootstrap samples of the places.
    seed : int, default 0
        Of the bootstrap.

    Returns
    -------
    list of BandScore
        One for each of ``BANDS``, north to south.  The interval holds the middle 90 % of the score over the bootstrap
        samples; NaN where the score is, or where there are fewer than two places.

    Examples
    --------
    >>> from s2v import sphere
    >>> places = sphere.random_points(2000)
    >>> bands = by_band("regression", places[:, 1], places[:, 1] + 1, places)
    >>> [(band.title, band.count, round(band.value, 2)) for band in bands[2:4]]
    [('60 to 75 N', 104, 0.95), ('30 to 60 N', 370, 0.99)]
    """
    predictions = {"": np.asarray(prediction)}
    return judge(task, target, predictions, lonlat, weights, resamples=resamples, seed=seed).bands("")


def _runs(predictions: Predictions) -> Sequence[ArrayLike]:
    """The runs of a contestant: those in a list, or a single one."""
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


def _grouped(groups: ArrayLike | None, known: NDArray[np.bool_], order: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """The groups of the places of ``known`` truth in ``order``, counted from 0; None without any."""
    if groups is None:
        return None
    given = np.asarray(groups)
    if given.shape != known.shape:
        raise ValueError(f"groups has shape {given.shape} for {len(known)} places; there must be one number for each.")
    given = given[known][order]
    return np.unique(given, return_inverse=True)[1].astype(np.int64) if len(given) else None


def _group_counts(groups: NDArray[np.int64], cell: NDArray[np.int64], parts: Numbers) -> NDArray[np.int64]:
    """How many groups (parts,) have places in each part."""
    found = np.zeros((len(parts[0]), int(groups.max()) + 1))
    found[cell, groups] = 1
    return np.asarray((parts @ found > 0).sum(axis=1), dtype=np.int64)


def _bootstrap(
    places: int, resamples: int, rng: np.random.Generator, groups: NDArray[np.int64] | None
) -> Iterable[Numbers]:
    """How often each place is counted (samples, places) in bootstrap samples, a block of samples at a time."""
    block = max(1, 1_000_000 // max(1, places))  # bounds the memory
    things = places if groups is None else int(groups.max()) + 1
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        drawn = rng.integers(things, size=(rows, things)) if things else np.empty((rows, 0), dtype=np.int64)
        drawn += things * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * things).reshape(rows, things).astype(float)
        yield counts if groups is None else counts[:, groups]


def _sums(counts: Numbers, terms: Numbers, cuts: NDArray[np.int64]) -> Numbers:
    """Sums (samples, cells, k) of the terms (k, n) over the places of each cell, weighted by ``counts``."""
    return np.stack([counts[:, a:b] @ terms[:, a:b].T for a, b in pairwise(cuts)], axis=1)


def _scores(task: str, sums: Numbers, shared: int) -> Numbers:
    """Scores (..., runs) of sums (..., k), of which the first ``shared`` are common to all runs."""
    if task == "regression":
        weight, first, second = (sums[..., i, None] for i in range(shared))
        return r2_of_sums(weight, first, second, sums[..., shared:])
    with np.errstate(invalid="ignore"):
        return np.asarray(sums[..., shared:] / sums[..., :1])
