"""The suite ``predictors``: how well the reference predictors fill a map, on the lab's own fields.

A row for each predictor, data set and number of places; ``docs/predictors.md`` has a result.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from s2v import data, evaluation, predictors
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Report
from s2v.data import DataSet, Split
from s2v.evaluation import over_seeds
from s2v.fields import Grid

NORTH = 75.0  # degrees: the polar scores are of places beyond it
SECONDS = 120.0  # for choosing constants, so that a busy machine chooses as an idle one
FINE = Grid.equirectangular(1.0)

COLUMNS = ("places", "R2", "90 % interval", "R2 above 75 N", "90 % interval there", "constants", "fit s", "map s")
NOTES = (
    "R2 on test places, and above 75 N on 2,000 places of each band there; means over seeds of the training places, "
    "with intervals by Student's t.",
    "Constants: those chosen with the first seed.  Seconds: to choose them, and to fill a map of 1 degree (64,800 "
    "places); medians over the seeds.",
)


@dataclass(frozen=True)
class Case:
    """A data set, how many places are known, and how the others are held out."""

    data: str
    points: int
    split: Split = "random"

    @property
    def title(self) -> str:
        """The case in words."""
        return f"{self.data}, {self.points:,}{'' if self.split == 'random' else ', ' + self.split}"


CASES = tuple(
    Case(name, points, split)
    for name in ("relief", "geoid")
    for points, split in ((500, "random"), (2000, "random"), (20000, "random"), (20000, "blocked"))
)


class Fitted(NamedTuple):
    """R2 on the test places and above 75 N, the constants, and seconds of fitting and of a map."""

    r2: float
    north: float
    params: dict[str, Any]
    fit: float
    map: float


def run(
    points: int | None = None,
    repeat: int = 3,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    cases: Sequence[Case] = CASES,
) -> Report:
    """Fits every predictor of a regression with ``repeat`` seeds; with ``points`` only cases of so many places."""
    if repeat < 1:
        raise ValueError(f"repeat={repeat} is not a whole number of at least 1.")
    if points is not None:
        cases = [case for case in cases if case.points == points]
        if not cases:
            raise ValueError(f"points={points}: there are cases of 500, 2,000 and 20,000 places.")
    predictors.fit("kriging", data.load("geoid", 100)).predict([0.0, 0.0])  # slow imports
    rows = []
    for case in cases:
        runs: dict[str, list[Fitted]] = {name: [] for name in predictors.names("regression")}
        for seed in range(repeat):
            dataset = data.load(case.data, case.points, seed, case.split)
            for name, found in runs.items():
                found.append(fit(name, dataset, clock))
        for name, found in runs.items():
            rows.append(_row(f"{case.title}: {name}", found))
            on_progress(f"{rows[-1]['places']}: {rows[-1]['R2']}")
    return Report("predictors", f"{repeat} seeds, {clock.title}", COLUMNS, tuple(rows), NOTES)


def fit(name: str, dataset: DataSet, clock: Clock = WALL) -> Fitted:
    """Fits a predictor once and scores it."""
    start = clock.read()
    found = predictors.fit(name, dataset, seconds=SECONDS)
    fitted = clock.read()
    found.predict(FINE.lonlat)
    mapped = clock.read()
    places, target = dataset.lonlat[dataset.test], dataset.target[dataset.test]
    north = float("nan")
    if (at := dataset.by_latitude) is not None and (polar := at.lonlat[:, 1] > NORTH).any():
        north = evaluation.r2(at.target[polar], found.predict(at.lonlat[polar]), at.weights[polar])
    return Fitted(evaluation.r2(target, found.predict(places)), north, found.params, fitted - start, mapped - fitted)


def _row(name: str, runs: list[Fitted]) -> dict[str, Any]:
    cells: dict[str, Any] = {"places": name}
    for title, interval, values in (
        ("R2", "90 % interval", [run.r2 for run in runs]),
        ("R2 above 75 N", "90 % interval there", [run.north for run in runs]),
    ):
        found = over_seeds(values)
        cells[title] = _text(float(np.mean(values)))
        cells[interval] = " to ".join(_text(end) for end in found.interval)
    constants = [f"{key} {value:.4g}" for key, value in runs[0].params.items() if not isinstance(value, str)]
    return cells | {
        "constants": ", ".join(constants) or "-",
        "fit s": statistics.median(run.fit for run in runs),
        "map s": statistics.median(run.map for run in runs),
    }


def _text(score: float) -> str:
    return f"{score:.4f}" if np.isfinite(score) else "-"
