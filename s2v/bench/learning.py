"""The suite ``learning``: how fast each encoder comes near the best possible, on a mixture whose ceiling is known.

Each encoder learns ``vmf:U3`` (50 classes) with the defaults of ``s2v.Recipe`` and the encoders' defaults of the Train
page.  ``s2v.models.learning_times`` reads the result that ships with the project.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2v import data, encoders
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Report
from s2v.data import DataSet
from s2v.evaluation import Reached, reached
from s2v.models import learning_times
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe
from s2v.models.training import Snapshot, train

DATA = "vmf:U3"
SCALES, MIN_RADIUS, MAX_RADIUS = 8, 1 / 32, 1.0  # radians
GOAL = learning_times.GOAL / 100  # of the best possible accuracy
SNAPSHOTS = 50  # of a run

COLUMNS = ("encoder", "features", "steps", "seconds", "whole run (s)", "best %", "end %", "training places %")
NOTES = (
    f"Steps and seconds to {GOAL:.0%} of the best possible accuracy; a dash where it is not reached.",
    "Best and end: the highest and the last accuracy on test places, as a share of the best possible.  In place of its "
    "label a place has the probabilities of the mixture, so luck in the labels does not count.  Training places: the "
    "last accuracy on their labels; above 100 they are memorised.",
    f"Seconds are those of training and of {SNAPSHOTS} evaluations on the validation places.  Medians over the seeds.",
)


@dataclass(frozen=True)
class Learned:
    """One run: when it reached the goal, its seconds, and its accuracies as shares of the best possible."""

    reached: Reached
    seconds: float
    best: float
    end: float
    train_accuracy: float


def run(
    points: int | None = None,
    repeat: int = 3,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    steps: int = Recipe.steps,
    names: Sequence[str] | None = None,
) -> Report:
    """Trains each encoder, or those in ``names``, with ``repeat`` seeds; ``points`` is the data set's own number."""
    if repeat < 1:
        raise ValueError(f"repeat={repeat} is not a whole number of at least 1.")
    names = [encoders.spec(name).name for name in (encoders.ENCODERS if names is None else names)]
    points = data.entry(DATA).points if points is None else points
    for _ in train(Recipe(points=500, steps=2)):  # start-up costs of the process are not those of the first encoder
        pass
    rows = []
    for name in names:
        runs = [learn(recipe(name, points=points, steps=steps, seed=seed), clock) for seed in range(repeat)]
        rows.append(_row(name, runs))
        on_progress(f"{name}: {rows[-1]['end %']:.1f} % of the best possible at the end")
    return Report("learning", about(points, steps, repeat, clock), COLUMNS, tuple(rows), NOTES)


def about(points: int, steps: int, repeat: int, clock: Clock) -> str:
    """What was run, in words."""
    return f"{DATA} with {points:,} training places, {steps:,} steps, {repeat} seeds, {clock.title}"


def recipe(encoder: str, **settings: Any) -> Recipe:
    """The default recipe of an encoder, with the radii of the Train page in the encoder's unit."""
    given: dict[str, Any] = {}
    for parameter in encoders.spec(encoder).parameters:
        if parameter.name in ("min_radius", "max_radius"):
            radius = MIN_RADIUS if parameter.name == "min_radius" else MAX_RADIUS
            given[parameter.name] = radius if parameter.unit == "radians" else math.degrees(radius)
        if parameter.name == "scales":
            given["scales"] = min(SCALES, parameter.default)
    return Recipe(data=DATA, encoder=encoder, encoder_params=given, **settings)


def learn(recipe: Recipe, clock: Clock = WALL) -> Learned:
    """Trains once.  The data must be a mixture, from which the best possible accuracy is computed."""
    dataset = data.load(recipe.data, recipe.points, recipe.seed)
    score = _shares(dataset)
    steps, seconds, shares = [], [], []
    for snapshot, elapsed in _timed(recipe, clock):
        steps.append(snapshot.step)
        seconds.append(elapsed)
        shares.append(score(snapshot.model))
    seen = snapshot.model.predict(dataset.lonlat[dataset.train]).argmax(-1) == dataset.target[dataset.train]
    best = dataset.bayes or math.nan
    return Learned(
        reached(steps, seconds, shares, GOAL), seconds[-1], max(shares), shares[-1], float(seen.mean()) / best
    )


def _timed(recipe: Recipe, clock: Clock) -> Iterator[tuple[Snapshot, float]]:
    """Snapshots with the seconds that they took, without the consumer's time."""
    snapshots, elapsed = train(recipe, every=max(1, recipe.steps // SNAPSHOTS)), 0.0
    while True:
        start = clock.read()
        snapshot = next(snapshots, None)
        elapsed += clock.read() - start
        if snapshot is None:
            return
        yield snapshot, elapsed


def _shares(dataset: DataSet) -> Callable[[LocationModel], float]:
    """The expected accuracy of a model at the test places, as a share of the best possible there.

    In place of its label each place has the probabilities of the mixture, so luck in the labels does not count.
    """
    assert dataset.bayes_predict is not None
    places = dataset.lonlat[dataset.test]
    truth = dataset.bayes_predict(places)
    best = truth.max(-1).mean()

    def share(model: LocationModel) -> float:
        answers = model.predict(places).argmax(-1)
        return float(np.take_along_axis(truth, answers[:, None], axis=1).mean() / best)

    return share


def _row(name: str, runs: list[Learned]) -> dict[str, Any]:
    def median(values: list[float]) -> float:
        return statistics.median(math.inf if math.isnan(value) else value for value in values)

    steps, seconds = (median([getattr(r.reached, field) for r in runs]) for field in ("step", "seconds"))
    return {
        "encoder": name,
        "features": encoders.encoder(name, **recipe(name).encoder_params).dim,
        "steps": round(steps) if math.isfinite(steps) else "-",
        "seconds": seconds if math.isfinite(seconds) else "-",
        "whole run (s)": median([r.seconds for r in runs]),
        "best %": 100 * median([r.best for r in runs]),
        "end %": 100 * median([r.end for r in runs]),
        "training places %": 100 * median([r.train_accuracy for r in runs]),
    }
