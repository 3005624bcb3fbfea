"""The suite ``races``: where an encoder made for the sphere wins, ties and loses against another one.

The Train page shows the result that ships with the project (``s2v.models.measured_races``): each row is a race of two
encoders with the settings of that page, which a link opens.  The races were chosen after a search among many with other
seeds (``TRIED``), so what is measured here is not what they were chosen by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import data
from s2v.bench.learning import recipe
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.data import DataSet
from s2v.evaluation import MAIN_SCORES, Judged, judge
from s2v.models.measured_races import ROUND, TRIED, MeasuredRace
from s2v.models.training import train

STEPS, TRIALS = 1000, 5  # the trials of the Train page, and steps for a race of a minute

# Data, training places, steps, trials, the other encoder, and the parts of the sphere that count.
RACES: tuple[tuple[str, int, int, int, str, tuple[str, ...]], ...] = (
    ("relief", 2000, STEPS, TRIALS, "grid", ("poles", "sphere")),
    ("geoid", 2000, STEPS, TRIALS, "grid", ("poles", "sphere")),
    ("land_ocean", 500, STEPS, 0, "grid", ("poles", "sphere")),
    ("checkerboard", 2000, STEPS, TRIALS, "grid", ("sphere",)),
    ("land_cover", 20000, STEPS, TRIALS, "grid", ("sphere",)),
    ("cities", 20000, STEPS, TRIALS, "grid", ("sphere",)),
    ("languages", 20000, 200, 0, "grid", ("sphere",)),
    ("geoid", 500, STEPS, TRIALS, "xyz", ("poles",)),
    ("vmf:U1", 2000, STEPS, TRIALS, "xyz", ("sphere",)),
    ("vmf:U2", 1000, 200, 0, "xyz", ("sphere",)),
)
COLUMNS = (
    *("data", "places", "steps", "trials", "against", "part"),
    *("metric", ROUND, "other", "difference", "low", "high", "low over seeds", "high over seeds", "outcome"),
)
NOTES = (
    f"Difference: {ROUND} minus the other, on the same test places, the mean over the seeds; 90 % intervals over "
    "places, and over seeds by Student's t.  A win or a loss excludes zero in both; all else is a tie.",
    "Part: all test places, or those above 70 degrees at both poles; where the truth is known everywhere, on places "
    "for that.",
    f"Tried in the search: {TRIED}.",
)

Predict = Callable[[NDArray[np.float64]], NDArray[Any]]


def run(
    points: int | None = None,
    repeat: int = 3,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    names: Sequence[str] | None = None,
) -> Report:
    """Runs all races, or those on the data sets in ``names``, with ``repeat`` seeds."""
    if repeat < 3:
        raise ValueError(f"repeat={repeat}: an interval over seeds needs at least 3.")
    rows: list[dict[str, Cell]] = []
    for name, count, steps, trials, other, parts in RACES:
        if (names is not None and name not in names) or points not in (None, count):
            continue
        judged = race(name, count, steps, trials, other, repeat)
        for part in parts:
            found = measured(name, count, steps, trials, other, part, judged)
            rows.append(found.row())
            on_progress(f"{found.title}: {found.outcome}, {found.difference:.4f}")
    return Report("races", f"{repeat} seeds, from 0", COLUMNS, tuple(rows), NOTES, name_columns=6)


def race(name: str, points: int, steps: int, trials: int, other: str, seeds: int) -> Judged:
    """The scores of sphereM and another encoder after trainings with some seeds."""
    models: dict[str, list[Predict]] = {ROUND: [], other: []}
    for seed in range(seeds):
        dataset = data.load(name, points, seed)
        for encoder, runs in models.items():
            own = recipe(encoder, points=points, steps=steps, trials=trials, seed=seed)
            *_, last = train(replace(own, data=name), every=steps, evaluated=False, dataset=dataset)
            runs.append(last.model.predict)
    return _judged(dataset, models)


def measured(name: str, points: int, steps: int, trials: int, other: str, part: str, judged: Judged) -> MeasuredRace:
    """A race and what came out on a part of the sphere."""
    gap, seeds = judged.difference(ROUND, other, part), judged.difference_over_seeds(ROUND, other, part)
    first, second = (judged.score(each, part).value for each in (ROUND, other))
    return MeasuredRace(
        *(name, points, steps, trials, other, part, MAIN_SCORES[judged.task].name),
        *(first, second, gap.value, *gap.interval, *seeds.interval),
        "win" if judged.ahead(ROUND, other, part) else "loss" if judged.ahead(other, ROUND, part) else "tie",
    )


def _judged(dataset: DataSet, models: Mapping[str, Sequence[Predict]]) -> Judged:
    """The result on the test places; where the truth is known everywhere, scores by latitude are of places for that."""

    def on(places: NDArray[np.float64], target: NDArray[Any], weights: NDArray[np.float64] | None = None) -> Judged:
        predictions = {name: [predict(places) for predict in runs] for name, runs in models.items()}
        return judge(dataset.task, target, predictions, places, weights, groups=dataset.groups_of(places))

    judged = on(dataset.lonlat[dataset.test], dataset.target[dataset.test])
    bands = dataset.by_latitude
    return judged if bands is None else judged.with_parts_of(on(bands.lonlat, bands.target, bands.weights))
