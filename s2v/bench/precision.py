"""The suite ``precision``: what a network learns in bfloat16 and in float32, on the same data and seeds.

How much faster a step becomes depends on the width of the network: the suite ``step`` has the widest.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from s2v import data
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Report
from s2v.evaluation import MAIN_SCORES, over_seeds
from s2v.models.choices import PRECISIONS
from s2v.models.recipe import Recipe
from s2v.models.training import Evaluation, train

_BY_SCALES: Mapping[str, Any] = {"scales": 64, "min_radius": 0.01, "max_radius": 1.0}
CASES: Mapping[str, Mapping[str, Any]] = {
    "the defaults of s2v.Recipe": {},
    "sphereC, 64 scales": {"encoder": "sphereC", "encoder_params": _BY_SCALES},
    "spherical harmonics and siren": {"encoder": "spherical_harmonics", "network": "siren"},
    "land cover, 256 wide, dropout": {"data": "land_cover", "hidden": 256, "batch": 512, "dropout": 0.2},
    "languages, the paper's network": {
        "data": "languages:presence",
        "encoder": "sphereC",
        "encoder_params": _BY_SCALES,
        "hidden": 512,
        "batch": 1024,
        "dropout": 0.5,
    },
}

COLUMNS = ("recipe", "score", *PRECISIONS, "bfloat16 minus float32", "90 % interval", "steps/s, times float32")
NOTES = (
    "Scores on test places: R2 of a regression, accuracy of a classification, AUC of presences; means over the seeds, "
    "which both precisions share.  The interval of the mean difference follows Student's t.",
    "Steps per second are those of the training alone, the median over the seeds; the two take turns.",
)


class TrainedRun(NamedTuple):
    """The test score of a run and the seconds of its steps."""

    score: float
    seconds: float


def run(
    points: int | None = None,
    repeat: int = 5,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    steps: int = 1000,
    cases: Sequence[str] = tuple(CASES),
) -> Report:
    """Trains each of the ``cases`` with ``repeat`` seeds in both precisions."""
    if repeat < 1:
        raise ValueError(f"repeat={repeat} is not a whole number of at least 1.")
    sizes: dict[str, Any] = {"steps": steps} if points is None else {"steps": steps, "points": points}
    for _ in train(Recipe(points=500, steps=2)):  # start-up costs of the process
        pass
    rows = []
    for name in cases:
        runs = []
        for seed in range(repeat):
            order = PRECISIONS if seed % 2 == 0 else PRECISIONS[::-1]
            runs.append({p: learn(Recipe(**CASES[name], **sizes, precision=p, seed=seed), clock) for p in order})
            on_progress(f"{name}, seed {seed}: {', '.join(f'{p} {runs[-1][p].score:.4f}' for p in PRECISIONS)}")
        rows.append(_row(name, runs))
    about = f"{steps:,} steps, {repeat} seeds, {clock.title}"
    return Report("precision", about, COLUMNS, tuple(rows), NOTES)


def learn(recipe: Recipe, clock: Clock = WALL) -> TrainedRun:
    """Trains once."""
    dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    snapshots = train(recipe, every=recipe.steps, dataset=dataset, evaluated=False)
    next(snapshots)
    start = clock.read()
    model = next(snapshots).model
    seconds = clock.read() - start
    return TrainedRun(Evaluation(model, dataset).metrics(last=True)[f"test_{MAIN_SCORES[recipe.task].name}"], seconds)


def _row(name: str, runs: list[dict[str, TrainedRun]]) -> dict[str, Any]:
    single, half = ([r[p] for r in runs] for p in PRECISIONS)
    gain = over_seeds([b.score - a.score for a, b in zip(single, half, strict=True)])
    low, high = gain.interval
    return {
        "recipe": name,
        "score": MAIN_SCORES[Recipe(**CASES[name]).task].name,
        "float32": f"{statistics.fmean(r.score for r in single):.4f}",
        "bfloat16": f"{statistics.fmean(r.score for r in half):.4f}",
        "bfloat16 minus float32": f"{gain.mean:+.5f}",
        "90 % interval": "-" if math.isnan(low) else f"{low:+.5f} to {high:+.5f}",
        "steps/s, times float32": statistics.median(a.seconds / b.seconds for a, b in zip(single, half, strict=True)),
    }
