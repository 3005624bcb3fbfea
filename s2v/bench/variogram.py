"""The suite ``variogram``: whether the scale that variograms suggest learns no less than the usual one of Train.

An encoder learns each data set with both; everything else is equal, and all scores are those of held-out places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from s2v import data, encoders
from s2v.bench import learning
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.evaluation import MAIN_SCORES, over_seeds
from s2v.models.recipe import Recipe
from s2v.models.scales import scale_in_words
from s2v.models.training import train
from s2v.predictors import empirical_variogram
from s2v.variograms import at_half_sill

DATA = ("geoid", "relief", "land_cover", "land_ocean", "checkerboard")
ENCODERS = ("plane_waves", "sphereM")
POINTS, STEPS = 2000, 1000

COLUMNS = ("data, encoder", "suggested scale", "suggested", "usual", "difference", "90 % interval")
NOTES = (
    "R2 of values, accuracy of classes, on test places; the usual scale is a smallest radius of 1/32 radian, 1.79 "
    "degrees, as on Train.  Means over the seeds; the interval of the mean difference follows Student's t.",
    "The suggested scale is that of the first seed; it follows from the training places, which every seed draws anew.",
)


def run(
    points: int = POINTS,
    repeat: int = 4,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    steps: int = STEPS,
    names: Sequence[str] = ENCODERS,
    dataset: str = "",
) -> Report:
    """Trains the encoders in ``names`` with ``repeat`` seeds on each of the data sets, or on one."""
    if repeat < 3:
        raise ValueError(f"repeat={repeat}: an interval over seeds needs at least 3 of them.")
    names = [encoders.spec(name).name for name in names]
    rows = []
    for name in (dataset,) if dataset else DATA:
        for encoder in names:
            rows.append(_row(name, encoder, points, steps, repeat))
            on_progress(", ".join(map(str, rows[-1].values())))
    about = f"{points:,} places, {steps:,} steps, {repeat} seeds"
    return Report("variogram", about, COLUMNS, tuple(rows), NOTES)


def _row(name: str, encoder: str, points: int, steps: int, seeds: int) -> dict[str, Cell]:
    suggested, usual, words = [], [], ""
    for seed in range(seeds):
        recipe = replace(learning.recipe(encoder, points=points, steps=steps, seed=seed), data=name)
        fitted = suggestion(recipe)
        words = words or scale_in_words(fitted)
        suggested.append(_score(fitted))
        usual.append(_score(recipe))
    gap = over_seeds(np.subtract(suggested, usual))
    low, high = gap.interval
    return {
        COLUMNS[0]: f"{name}, {encoder}",
        COLUMNS[1]: words,
        COLUMNS[2]: f"{np.mean(suggested):.4f}",
        COLUMNS[3]: f"{np.mean(usual):.4f}",
        COLUMNS[4]: f"{gap.mean:+.4f}",
        COLUMNS[5]: f"{low:+.4f} to {high:+.4f}",
    }


def suggestion(recipe: Recipe) -> Recipe:
    """The recipe with the scale that fits its training places."""
    found = empirical_variogram(data.load(recipe.data, recipe.points, recipe.seed))
    params = at_half_sill(recipe.encoder, recipe.encoder_params, found.half_sill, found.spacing)
    return replace(recipe, encoder_params=params)


def _score(recipe: Recipe) -> float:
    dataset = data.load(recipe.data, recipe.points, recipe.seed)
    *_, last = train(recipe, every=recipe.steps, dataset=dataset)
    return float(last.metrics[f"test_{MAIN_SCORES[recipe.task].name}"])
