"""The suite ``tuning``: how long the trials of an encoder's scale must be (``s2v.models.trials.TRIAL_SHARE``).

Each encoder learns real fields with each of the scales that five trials try: for a share of the steps, and for all of
them.  A share loses what the scale that it would choose scores below the best of the five, on test places after all
steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from s2v import data, encoders
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.models.recipe import Recipe
from s2v.models.training import train
from s2v.models.trials import candidates

DATA = ("relief", "geoid")
ENCODERS = ("plane_waves", "grid", "sphereM", "spherical_harmonics")
TRIALS, STEPS, POINTS = 5, 1000, 2000
SHARES = {"1/8": 0.125, "1/4": 0.25, "1/2": 0.5, "all": 1.0}  # of the steps

COLUMNS = ("data, encoder", "best R²", *(f"lost, {name}" for name in SHARES), "lost, untuned", "spread")
NOTES = (
    "Best R²: on test places, of the best of the scales.  Lost: R² of that, less R² of the scale that trials of this "
    "share of the steps choose on validation places; untuned is the encoder's default.  Means over the seeds.",
    "Spread: standard deviation of the best R² over the seeds, of places and weights.",
)


@dataclass(frozen=True)
class Tuned:
    """What a seed gave: the best R², what each share of the steps loses of it, and what the default loses."""

    best: float
    lost: dict[str, float]
    untuned: float


def run(
    points: int = POINTS,
    repeat: int = 3,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    steps: int = STEPS,
    names: Sequence[str] = ENCODERS,
) -> Report:
    """Trains the encoders in ``names`` with ``repeat`` seeds, each with all scales for all shares of the steps."""
    if repeat < 2:
        raise ValueError(f"repeat={repeat}: the spread over seeds needs at least 2 of them.")
    names = [encoders.spec(name).name for name in names]
    rows, found = [], []
    for name in DATA:
        for encoder in names:
            of_seeds = []
            for seed in range(repeat):
                recipe = Recipe(data=name, encoder=encoder, points=points, steps=steps, trials=TRIALS, seed=seed)
                of_seeds.append(tuned(recipe))
                on_progress(f"{name}, {encoder}, seed {seed}: {of_seeds[-1]}")
            rows.append(_row(f"{name}, {encoder}", of_seeds))
            found += of_seeds
    rows.append({**_row("mean", found), "spread": float(np.mean([row["spread"] for row in rows]))})
    about = f"{points:,} places, {steps:,} steps, {TRIALS} trials, {repeat} seeds"
    texts: tuple[dict[str, Cell], ...] = tuple(
        {key: f"{v:.4f}" if isinstance(v, float) else v for key, v in row.items()} for row in rows
    )
    return Report("tuning", about, COLUMNS, texts, NOTES)


def tuned(recipe: Recipe) -> Tuned:
    """What trials of each share of the steps lose for one recipe."""
    dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)

    def scores(candidate: Recipe, share: float) -> tuple[float, float]:
        """R2 on validation and on test places."""
        steps = max(1, round(share * recipe.steps))
        *_, last = train(replace(candidate, steps=steps, trials=0), every=steps, dataset=dataset)
        return last.metrics["r2"], last.metrics["test_r2"]

    tried = candidates(recipe, dataset)
    by_share = {name: [scores(candidate, share) for candidate in tried] for name, share in SHARES.items()}
    tests = [test for _, test in by_share["all"]]
    best = max(tests)
    chosen = {name: int(np.argmax([val for val, _ in of])) for name, of in by_share.items()}
    return Tuned(best, {name: best - tests[i] for name, i in chosen.items()}, best - scores(recipe, 1.0)[1])


def _row(title: str, found: Sequence[Tuned]) -> dict[str, Cell]:
    return {
        COLUMNS[0]: title,
        COLUMNS[1]: float(np.mean([one.best for one in found])),
        **{f"lost, {name}": float(np.mean([one.lost[name] for one in found])) for name in SHARES},
        "lost, untuned": float(np.mean([one.untuned for one in found])),
        "spread": float(np.std([one.best for one in found], ddof=1)),
    }
