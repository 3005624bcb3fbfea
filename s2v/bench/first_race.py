"""The suite ``first_race``: on which data, with how many places, a short race shows best what a flat encoder does.

The Train page starts with the winner.  A network sees the world through grid or sphereM, with the defaults of that
page, for about as many steps as it takes in its first five seconds; what counts is how wrong its map is around the
North Pole, where the page's globes are turned to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from s2v import data
from s2v.bench.learning import recipe
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.evaluation import over_seeds
from s2v.fields import Grid
from s2v.models.recipe import Recipe
from s2v.models.training import train

FLAT, ROUND = "grid", "sphereM"
DATA = ("geoid", "relief", "relief:bands", "land_cover", "land_ocean", "checkerboard")
POINTS = (500, 2000, 20000)
STEPS = 600  # of two contestants in lockstep on two cores, with maps, in about five seconds
CAP = Grid.polar("north", pixels=101, edge=80)

COLUMNS = ("data", "places", FLAT, ROUND, "difference", "90 % interval")
NOTES = (
    "How wrong the map is north of 80 N: of classes the share of the area with another class than the true one, of "
    "values the mean absolute error as a share of the colour scale.  Means over the seeds; the interval of the mean "
    "difference follows Student's t.",
)


def run(
    points: int | None = None,
    repeat: int = 8,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    steps: int = STEPS,
    names: Sequence[str] | None = None,
    trials: int = 0,
) -> Report:
    """Trains both with ``repeat`` seeds on each data set, or those in ``names``, and each number of places.

    With ``trials`` each has its scale chosen first.
    """
    if repeat < 1:
        raise ValueError(f"repeat={repeat} is not a whole number of at least 1.")
    rows = []
    for name in DATA if names is None else names:
        for count in POINTS if points is None else (points,):
            shares = {
                encoder: [wrong(encoder, name, count, steps, seed, trials) for seed in range(repeat)]
                for encoder in (FLAT, ROUND)
            }
            rows.append(_row(name, count, shares[FLAT], shares[ROUND]))
            on_progress(f"{name}, {count:,} places: {rows[-1]['difference']}")
    rows.sort(key=lambda row: -float(row["difference"]))
    about = f"{steps:,} steps, {repeat} seeds" + (f", {trials} trials of the scale" if trials else "")
    return Report("first_race", about, COLUMNS, tuple(rows), NOTES)


def wrong(encoder: str, name: str, points: int, steps: int, seed: int, trials: int = 0) -> float:
    """How wrong the map around the North Pole is after a training, from 0 to 1."""
    settings: Recipe = replace(recipe(encoder, points=points, steps=steps, trials=trials, seed=seed), data=name)
    dataset = data.load(name, points, seed)
    *_, last = train(settings, every=steps, evaluated=False, dataset=dataset)
    places = CAP.lonlat[CAP.inside]
    truth, predicted = dataset.truth_at(places), last.model.predict(places)
    if dataset.classes:
        return float((predicted.argmax(-1) != truth).mean())
    low, high = dataset.limits
    return float(abs(predicted - truth).mean() / (high - low))


def _row(name: str, points: int, flat: Sequence[float], spherical: Sequence[float]) -> dict[str, Cell]:
    gap = over_seeds(np.subtract(flat, spherical))
    low, high = gap.interval
    return {
        "data": name,
        "places": points,
        FLAT: f"{np.mean(flat):.3f}",
        ROUND: f"{np.mean(spherical):.3f}",
        "difference": f"{gap.mean:.3f}",
        "90 % interval": "-" if np.isnan(low) else f"{low:.3f} to {high:.3f}",
    }
