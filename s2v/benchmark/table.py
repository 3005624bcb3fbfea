"""The table of a suite: scores with their intervals, ranks, and which differences can be told.  Free of torch."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from s2v import data
from s2v.benchmark.results import gains_of
from s2v.benchmark.setting import Cells, Setting, setting_of, with_others
from s2v.evaluation import OverSeeds, over_seeds
from s2v.evaluation.judging import MIN_GROUPS

RESAMPLES = 1000
CHUNK = 100  # resamples at a time: each is a weight for every place
LEVEL = 0.9
PARTS = ("north", "south", "dateline")


class Gap(NamedTuple):
    """How far a contestant is ahead of another one on a setting.

    Attributes
    ----------
    value : float
        The difference of their scores, the mean over the seeds.
    low, high : float
        Over test places: all intervals against one contestant hold together with 90 %.
    over_seeds : (float, float)
        90 % interval over the seeds, by Student's t; NaN for fewer than three.
    """

    value: float
    low: float
    high: float
    over_seeds: tuple[float, float]

    @property
    def sign(self) -> int:
        """1 where it is ahead, -1 where it is behind, 0 for a tie: where one of the intervals has zero in it."""
        least, most = min(self.low, self.over_seeds[0]), max(self.high, self.over_seeds[1])
        if math.isnan(least) or math.isnan(most) or any(map(math.isnan, self.over_seeds)):
            return 0
        return 1 if least > 0 else -1 if most < 0 else 0


class Table:
    """The cells of a suite, compared.

    Parameters
    ----------
    rows : sequence of dict
        Rows of ``Results``.  Cells that failed, and contestants that lack one on a setting, have no score there.

    Examples
    --------
    >>> from s2v.benchmark.cell import compute
    >>> from s2v.models.recipe import Recipe
    >>> rows = [compute(Recipe(data="vmf:U3", points=500, predictor=name)) for name in ("knn", "kde")]
    >>> table = Table(rows)
    >>> sorted(table.contestants), [setting.data for setting in table.settings]
    (['kde', 'knn'], ['vmf:U3'])
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        cells: Cells = defaultdict(dict)
        for row in rows:
            cells[row["contestant"], setting_of(row)][row["seed"]] = row
        self._take(with_others(cells))
        self._against: dict[tuple[str, Setting], dict[str, Gap]] = {}

    def on(self, settings: Sequence[Setting]) -> Table:
        """The table of some of the settings; comparisons that were made are not made again."""
        wanted, table = set(settings), Table([])
        table._take({key: cells for key, cells in self._cells.items() if key[1] in wanted})
        # What is compared on a setting depends on who is there, which stays.
        table._against = self._against
        return table

    def _take(self, cells: Cells) -> None:
        self._cells = cells
        self.settings: tuple[Setting, ...] = tuple(dict.fromkeys(setting for _, setting in cells))
        everybody = dict.fromkeys(name for name, _ in cells)
        self.contestants: tuple[str, ...] = tuple(sorted(everybody, key=self.rank))

    def by_task(self) -> dict[str, Table]:
        """The settings of each task, without those of a given radius: the others are compared by means over them.

        Scores of different tasks are not compared, and not all contestants serve every task.
        """
        tasks = {setting: data.entry(setting.data).task for setting in self.settings if setting.radius is None}
        return {task: self.on([s for s in tasks if tasks[s] == task]) for task in dict.fromkeys(tasks.values())}

    def cells(self, contestant: str, setting: Setting) -> list[Mapping[str, Any]]:
        """The rows of a contestant that have a score, by seed."""
        found = self._cells.get((contestant, setting), {})
        return [found[seed] for seed in sorted(found) if math.isfinite(found[seed]["score"])]

    def problems(self, setting: Setting | None = None) -> list[Mapping[str, Any]]:
        """The rows of the cells that failed, of all settings unless one is given."""
        mine = [cells for (_, where), cells in self._cells.items() if setting in (None, where)]
        failed = [row for cells in mine for row in cells.values() if row["problem"]]
        return list({row["key"]: row for row in failed}.values())

    def score(self, contestant: str, setting: Setting, part: str = "score") -> OverSeeds:
        """The score on all test places, or of ``PARTS``, over the seeds; NaN where there is none."""
        return over_seeds([row[part] for row in self.cells(contestant, setting)])

    def mean(self, contestant: str, part: str = "score") -> float:
        """The mean over the settings on which the contestant has that score."""
        found = [self.score(contestant, setting, part).mean for setting in self.settings]
        return _mean(found)

    def overall(self, contestant: str) -> OverSeeds:
        """The mean over the contestant's settings, by the seeds that it has on all of them, over these seeds."""
        found = [self.cells(contestant, setting) for setting in self.settings]
        scores = [{row["seed"]: row["score"] for row in cells} for cells in found if cells]
        seeds = set.intersection(*(set(by_seed) for by_seed in scores)) if scores else set()
        return over_seeds([_mean([by_seed[seed] for by_seed in scores]) for seed in sorted(seeds)])

    def gap_to_ceiling(self, contestant: str) -> float:
        """What the scores lack of the best possible ones, the mean over the settings whose ceiling is known."""
        found = [row["bayes"] - row["score"] for s in self.settings for row in self.cells(contestant, s)]
        return _mean(found)

    def cost(self, contestant: str) -> tuple[float, float]:
        """Seconds of a training or a fit without its trials, and learned parameters: means over the cells."""
        rows = [row for setting in self.settings for row in self.cells(contestant, setting)]
        return _mean([row["train_seconds"] for row in rows]), _mean([float(row["parameters"]) for row in rows])

    def rank(self, contestant: str) -> float:
        """The mean rank over the settings that all contestants were in; 1 is the best, and equal ones share."""
        return self._ranks.get(contestant, math.inf)

    @property
    def complete_settings(self) -> tuple[Setting, ...]:
        """The settings on which every contestant that serves the task has a score."""
        return self._ranked[1]

    @property
    def critical_difference(self) -> float:
        """Mean ranks that are closer than this cannot be told apart: Nemenyi's test at 10 %, over the settings.

        Demsar 2006, "Statistical comparisons of classifiers over multiple data sets", JMLR 7, section 3.2.2.  NaN for
        fewer than two settings.
        """
        from scipy.stats import studentized_range  # here, because it is slow to import

        names, settings = self._ranked
        k, n = len(names), len(settings)
        if k < 2 or n < 2:
            return math.nan
        quantile = float(studentized_range.ppf(LEVEL, k, np.inf)) / math.sqrt(2)
        return quantile * math.sqrt(k * (k + 1) / (6 * n))

    def against(self, contestant: str, setting: Setting) -> dict[str, Gap]:
        """How far all others are ahead of a contestant on a setting, with intervals that hold together.

        The places are resampled, all contestants at the same ones; the width of all intervals follows from the largest
        of the standardised differences of a resample (Westfall and Young 1993, "Resampling-based multiple testing").
        Where places are held out in blocks, blocks are resampled.
        """
        key = contestant, setting
        if key not in self._against:
            self._against[key] = self._compared(contestant, setting)
        return self._against[key]

    def best(self, setting: Setting, among: Sequence[str] | None = None) -> str | None:
        """The contestant, or the one ``among`` some, with the highest mean score on a setting."""
        known = {name: self.score(name, setting).mean for name in (self.contestants if among is None else among)}
        known = {name: score for name, score in known.items() if not math.isnan(score)}
        return max(known, key=lambda name: known[name], default=None)

    def not_behind(self, setting: Setting) -> list[str]:
        """The best contestant of a setting and all that cannot be told from it, the best first."""
        best = self.best(setting)
        if best is None:
            return []
        tied = [name for name, gap in self.against(best, setting).items() if gap.sign >= 0]
        return [best, *sorted(tied, key=lambda name: -self.score(name, setting).mean)]

    def _compared(self, contestant: str, setting: Setting) -> dict[str, Gap]:
        others = [name for name in self.contestants if name != contestant and self.cells(name, setting)]
        mine = self.cells(contestant, setting)
        if not mine or not others:
            return {}
        own = np.mean([gains_of(row) for row in mine], axis=0)
        differences = np.stack([np.mean([gains_of(r) for r in self.cells(n, setting)], axis=0) - own for n in others])
        known = np.isfinite(differences).all(axis=0)
        low, high = _intervals(differences, setting, known)
        seeds = [self._over_seeds(name, contestant, setting) for name in others]
        values = differences[:, known].mean(axis=1)
        return {
            name: Gap(float(value), float(a), float(b), over)
            for name, value, a, b, over in zip(others, values, low, high, seeds, strict=True)
        }

    def _over_seeds(self, name: str, other: str, setting: Setting) -> tuple[float, float]:
        first = {row["seed"]: row["score"] for row in self.cells(name, setting)}
        second = {row["seed"]: row["score"] for row in self.cells(other, setting)}
        return over_seeds([first[seed] - second[seed] for seed in sorted(first.keys() & second.keys())]).interval

    @cached_property
    def _ranks(self) -> dict[str, float]:
        from scipy.stats import rankdata  # here, because it is slow to import

        names, settings = self._ranked
        if not settings:
            return {}
        scores = np.array([[self.score(name, setting).mean for name in names] for setting in settings])
        return dict(zip(names, rankdata(-scores, axis=1).mean(axis=0).tolist(), strict=True))

    @cached_property
    def _ranked(self) -> tuple[tuple[str, ...], tuple[Setting, ...]]:
        names = tuple(dict.fromkeys(name for name, _ in self._cells))
        inside = {s: {n for n in names if self.cells(n, s)} for s in self.settings}
        most = max((len(found) for found in inside.values()), default=0)
        settings = tuple(s for s, found in inside.items() if len(found) == most)
        ranked = set.intersection(*(inside[s] for s in settings)) if settings else set()
        return tuple(n for n in names if n in ranked), settings


def simultaneous(
    differences: NDArray[np.float64], groups: NDArray[np.int64] | None = None, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ends (contestants,) of intervals of the mean differences (contestants, places) that hold together with 90 %.

    Parameters
    ----------
    differences : array (contestants, places)
    groups : array (places,), optional
        Places of one group are resampled together.
    seed : int, default 0
        Of the resamples.

    Examples
    --------
    >>> low, high = simultaneous(np.tile([0.0, 1.0], (2, 500)))
    >>> bool((low < 0.5).all() and (high > 0.5).all() and (high - low < 0.1).all())
    True
    """
    means, places = differences.mean(axis=1), differences.shape[1]
    if groups is None:
        sums, sizes = differences.T, np.ones(places)
    else:
        inverse = np.unique(groups, return_inverse=True)[1]
        sizes = np.bincount(inverse).astype(float)
        sums = np.stack([np.bincount(inverse, row) for row in differences], axis=1)
    drawn, parts = _drawn(len(sizes), seed), []
    for start in range(0, RESAMPLES, CHUNK):
        weights = drawn[start : start + CHUNK].astype(float)
        parts.append(weights @ sums / (weights @ sizes)[:, None])
    resampled = np.concatenate(parts) - means
    errors = resampled.std(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        largest = np.nanmax(np.where(errors > 0, abs(resampled) / errors, 0.0), axis=1)
    half = float(np.quantile(largest, LEVEL)) * errors
    return means - half, means + half


@lru_cache(maxsize=4)
def _drawn(count: int, seed: int) -> NDArray[np.uint8]:
    """How often each of so many places, or groups, is in each resample (RESAMPLES, count): drawn once for a suite, as
    drawing takes far longer than all else."""
    drawn = np.random.default_rng(seed)
    parts = [drawn.multinomial(count, np.full(count, 1 / count), size=CHUNK) for _ in range(0, RESAMPLES, CHUNK)]
    return np.concatenate([part.astype(np.uint8) for part in parts])


def _intervals(
    values: NDArray[np.float64], setting: Setting, known: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``simultaneous`` of values (contestants, places) where they are known; NaN where blocks are held out, and those
    that are resampled are too few, or not known."""
    if setting.split == "random":
        return simultaneous(values[:, known])
    try:
        dataset = data.load(setting.data, setting.points, 0, setting.split)
    except ValueError:  # a user's own data, which are not open here
        groups = None
    else:
        groups = dataset.groups_of(dataset.lonlat[dataset.test])
    if groups is None or len(groups) != len(known) or len(np.unique(groups[known])) < MIN_GROUPS:
        none = np.full(len(values), math.nan)
        return none, none
    return simultaneous(values[:, known], groups[known])


def mean_interval(rows: Sequence[Mapping[str, Any]], setting: Setting) -> tuple[float, float]:
    """90 % interval over test places of a contestant's score on a setting, the mean over its ``rows``; NaN for none."""
    gains = np.mean([gains_of(row) for row in rows], axis=0)
    low, high = _intervals(gains[None], setting, np.isfinite(gains))
    return float(low[0]), float(high[0])


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan
